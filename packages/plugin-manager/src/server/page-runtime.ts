import type { Clock } from '@fleetwire/websocket-core';
import { PluginError } from '../protocol/error.ts';
import type { PluginRuntime } from '../protocol/runtime.ts';

/** How long a page waits for its plugins: a store that another process holds takes longer to say so. */
export const pageWaitMs = 1_000;

/** How long a failure that somebody has waited for in vain is told to all, before it is tried again. */
export const lateFailureMs = 5_000;

/**
 * What a page is made with. `current` is a shared runtime: anybody may ask for pages.
 *
 * Rejects with what is wrong with the store, and after {@link pageWaitMs} with E_TIMEOUT where that is not known yet. One
 * who was let go so leaves the reading under way; until it has ended, and for {@link lateFailureMs} after its failure,
 * all others are rejected at once.
 */
export function createPageRuntime(current: () => Promise<PluginRuntime>, clock: Clock): () => Promise<PluginRuntime> {
  let late:
    { readonly reading: Promise<PluginRuntime>; readonly failedAt?: number; readonly failure: Error } | undefined;

  function inTime(reading: Promise<PluginRuntime>): Promise<PluginRuntime> {
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => {
        const message = `the plugins could not be read within ${String(pageWaitMs)} ms`;
        // What was wrong the last time is likely still so, and says more.
        const failure = late?.failure ?? new PluginError('E_TIMEOUT', message, { phase: 'resolve' });
        if (late === undefined || late.failedAt !== undefined) late = { reading, failure };
        reject(failure);
      }, pageWaitMs);
      reading.then(
        (runtime) => {
          clock.clearTimeout(timer);
          late = undefined;
          resolve(runtime);
        },
        (error: unknown) => {
          clock.clearTimeout(timer);
          const failure = error as Error;
          if (late?.reading === reading) late = { reading, failure, failedAt: clock.monotonicNow() };
          else if (late !== undefined) late = { ...late, failure };
          reject(failure);
        },
      );
    });
  }

  return () => {
    const isStill = late?.failedAt === undefined || clock.monotonicNow() - late.failedAt < lateFailureMs;
    return late !== undefined && isStill ? Promise.reject(late.failure) : inTime(current());
  };
}
