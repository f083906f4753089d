import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Status } from '../protocol/kube-object.ts';
import { failureOfResponse, failureOfStatus } from './kube-failure.ts';

const response = { statusCode: 500, statusMessage: 'Internal', headers: {} } as IncomingMessage;

describe('a Status that is not what the types say', () => {
  it.each([
    { kind: 'Status', message: { a: 1 }, reason: ['Expired'], details: 5 },
    { kind: 'Status', message: 5, reason: 'x'.repeat(101), details: null },
    { kind: 'Status', message: null, reason: null, details: { retryAfterSeconds: 'soon' } },
  ])('%# brings no more than text of a bounded length', (status) => {
    expect(failureOfResponse(response, JSON.stringify(status))).toEqual({
      code: 500,
      reason: undefined,
      message: 'the cluster answered 500 Internal',
      retryAfterMs: undefined,
    });
    expect(failureOfStatus(status as unknown as Status)).toMatchObject({
      code: 500,
      reason: undefined,
      message: 'the cluster sent an error without a message',
    });
  });

  it('has its message cut', () => {
    const status = { kind: 'Status', message: 'x'.repeat(10_000), reason: 'Expired' };
    for (const failure of [failureOfResponse(response, JSON.stringify(status)), failureOfStatus(status as Status)]) {
      expect(failure).toMatchObject({ reason: 'Expired', message: `${'x'.repeat(500)}…` });
    }
  });
});
