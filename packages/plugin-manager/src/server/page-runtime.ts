import type { Clock } from '@fleetwire/websocket-core';
import type { PluginManager } from '../node/plugin-manager-interface.ts';
import type { PluginRuntime } from '../protocol/runtime.ts';

/** How long an answer stands while the store has the same generation: files that are changed on the disk tell nothing. */
export const pageRuntimeMs = 1_000;

/**
 * What a page is made with: `runtime` of a manager, made once for all who ask at the same time, and the same object for as
 * long as nothing has changed. Anybody may ask for pages, and to judge all plugins for each would cost more than the page.
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

  return async () => {
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
  };
}
