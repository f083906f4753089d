import type { Clock } from '@fleetwire/websocket-core';

/** How long a step may take, and what ends it early. */
export interface StepLimit {
  readonly clock: Clock;
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** What the promise rejects with once the time is over. */
  readonly onTimeout: () => Error;
}

/**
 * The outcome of a step, or a rejection once its time is over or `signal` aborts. The step itself cannot be ended: what
 * it comes to later is dropped, unless the caller looks.
 */
export function withLimit<T>(step: () => T | Promise<T>, limit: StepLimit): Promise<T> {
  const { clock, limitMs, signal, onTimeout } = limit;
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(signal.reason as Error);
    };
    const timer = clock.setTimeout(() => {
      reject(onTimeout());
    }, limitMs);
    signal.addEventListener('abort', onAbort, { once: true });
    // Within a promise, so that what the step throws at once rejects like the rest.
    new Promise<T>((settle) => {
      settle(step());
    })
      .then(resolve, reject)
      .finally(() => {
        clock.clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      });
  });
}
