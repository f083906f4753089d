import type { Clock } from '@fleetwire/websocket-core';

/** The machine's clock with timers that run out `factor` times sooner, so that what waits for seconds is tested in no time. */
export function createFastClock(factor: number): Clock {
  return {
    now: () => Date.now(),
    monotonicNow: () => performance.now() * factor,
    setTimeout: (callback, ms) => setTimeout(callback, ms / factor),
    clearTimeout: (handle) => {
      clearTimeout(handle as NodeJS.Timeout | undefined);
    },
  };
}
