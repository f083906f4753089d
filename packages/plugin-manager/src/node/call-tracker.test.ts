import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it } from 'vitest';
import { createCallTracker } from './call-tracker.ts';

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => {
      reject(new DOMException('stopped', 'AbortError'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });

it('ends a call that takes too long, and leaves no timer of one that does not', async () => {
  const clock = createManualClock();
  const calls = createCallTracker({ timeoutMs: 1_000, clock });
  expect(await calls.abortable(undefined, () => Promise.resolve(1))).toBe(1);
  expect(clock.pending).toBe(0);
  const slow = calls.abortable(undefined, untilAborted);
  clock.advance(1_000);
  await expect(slow).rejects.toMatchObject({ code: 'E_TIMEOUT', phase: 'resolve', retryable: true });
  const partial = calls.abortable(undefined, (signal) => untilAborted(signal).catch(() => 'what was got'));
  clock.advance(1_000);
  expect(await partial).toBe('what was got');
});

it('rejects with E_CANCELLED for the signal of the caller, whatever its reason is, and for the end', async () => {
  const calls = createCallTracker({ timeoutMs: 1_000, clock: createManualClock() });
  const controller = new AbortController();
  const call = calls.abortable(controller.signal, untilAborted);
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: 'E_CANCELLED', cause: { name: 'AbortError' } });
  await expect(calls.abortable(AbortSignal.abort(), untilAborted)).rejects.toMatchObject({ code: 'E_CANCELLED' });
  const last = calls.abortable(undefined, (signal) => untilAborted(signal).catch(() => 1));
  await Promise.resolve();
  await Promise.all([
    expect(last).rejects.toMatchObject({ code: 'E_CANCELLED', message: 'the plugin manager was disposed' }),
    calls.end(),
  ]);
  await expect(calls.track(() => Promise.resolve())).rejects.toMatchObject({ code: 'E_CANCELLED' });
});
