import type { Clock } from '../core/clock.ts';
import { FleetwireError } from '../core/errors.ts';

/** Rejects with TIMEOUT when `work` takes longer. What it still does then is its own affair. */
export function inTime<T>(clock: Clock, ms: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      reject(new FleetwireError('TIMEOUT', 'not ready in time'));
    }, ms);
    work()
      .then(resolve, reject)
      .finally(() => {
        clock.clearTimeout(timer);
      });
  });
}
