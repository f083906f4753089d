import { describe, expect, it } from 'vitest';
import { summarizeConnection } from './connection-summary.ts';

describe('summarizeConnection', () => {
  it('says live with the latency once it is known', () => {
    expect(summarizeConnection({ status: 'open', connectionId: 'c', rttMs: undefined }, true, 0).label).toBe('Live');
    expect(summarizeConnection({ status: 'open', connectionId: 'c', rttMs: 0.4 }, true, 0).label).toBe('Live · <1 ms');
    expect(summarizeConnection({ status: 'open', connectionId: 'c', rttMs: 12.4 }, true, 0).label).toBe('Live · 12 ms');
  });

  it('counts down to the next attempt and says why', () => {
    const state = { status: 'backoff', retryAt: 5_000, attempt: 1, cause: { code: 1006, reason: '' } } as const;
    expect(summarizeConnection(state, true, 2_100)).toEqual({
      tone: 'busy',
      label: 'Reconnecting in 3 s',
      detail: 'The connection was lost: the server cannot be reached. It comes back by itself.',
    });
    expect(summarizeConnection(state, true, 9_000).label).toBe('Reconnecting in 1 s');
    expect(summarizeConnection({ ...state, cause: { code: 4999, reason: 'odd' } }, true, 0).detail).toContain(
      'odd (4999)',
    );
  });

  it('tells the first attempt from a later one', () => {
    expect(summarizeConnection({ status: 'connecting', attempt: 0 }, false, 0).label).toBe('Connecting');
    expect(summarizeConnection({ status: 'connecting', attempt: 1 }, true, 0).label).toBe('Reconnecting');
  });

  it('says polling when it never was open after a few attempts, and not when it was', () => {
    expect(summarizeConnection({ status: 'connecting', attempt: 3 }, false, 0).label).toBe('Polling');
    expect(summarizeConnection({ status: 'connecting', attempt: 30 }, true, 0).label).toBe('Reconnecting');
  });

  it('says why it is closed', () => {
    expect(summarizeConnection({ status: 'closed', code: 4503, reason: 'x' }, true, 0)).toMatchObject({
      tone: 'bad',
      detail: 'The server closed the connection: this account may not use it.',
    });
  });
});
