import type { Clock } from '@fleetwire/websocket-core';
import type { PluginManager } from '../node/plugin-manager-interface.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginRuntime } from '../protocol/runtime.ts';

/** How long an answer stands while the store has the same generation: files that are changed on the disk tell nothing. */
export const pageRuntimeMs = 1_000;

/** How long a page waits for its plugins: a store that another process holds takes longer to say so. */
export const pageWaitMs = 1_000;

/** How long a failure that somebody has waited for in vain is told to all, before it is tried again. */
export const lateFailureMs = 5_000;

/**
 * What a page is made with: `runtime` of a manager, made once for all who ask at the same time, and the same object for as
 * long as nothing has changed. Anybody may ask for pages, and to judge all plugins for each would cost more than the page.
 *
 * Rejects with what is wrong with the store, and after {@link pageWaitMs} with E_TIMEOUT where that is not known yet. One
 * who was let go so leaves the reading under way; until it has ended, and for {@link lateFailureMs} after its failure,
 * all others are rejected at once.
 */
export function createPageRuntime(
  manager: Pick<PluginManager, 'generation' | 'runtime'>,
  clock: Clock,
): () => Promise<PluginRuntime> {
  let known: { readonly runtime: PluginRuntime; readonly text: string; readonly madeAt: number } | undefined;
  let making: { readonly generation: number; readonly runtime: Promise<PluginRuntime> } | undefined;

  async function make(): Promise<PluginRuntime> {
    const madeAt = clock.monotonicNow();
    const runtime = await manager.runtime();
    const text = JSON.stringify(runtime);
    known = { runtime: known?.text === text ? known.runtime : runtime, text, madeAt };
    return known.runtime;
  }

  async function current(): Promise<PluginRuntime> {
    const generation = await manager.generation();
    const isFresh = known !== undefined && clock.monotonicNow() - known.madeAt < pageRuntimeMs;
    if (known?.runtime.generation === generation && isFresh) return known.runtime;
    if (making?.generation === generation) return making.runtime;
    const mine = { generation, runtime: make() };
    making = mine;
    try {
      return await mine.runtime;
    } finally {
      if (making === mine) making = undefined;
    }
  }

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
