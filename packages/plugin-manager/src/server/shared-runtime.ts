import type { Clock } from '@fleetwire/websocket-core';
import type { PluginManager } from '../node/plugin-manager-interface.ts';
import type { PluginRuntime } from '../protocol/runtime.ts';

/** How long an answer stands while the store has the same generation: files that are changed on the disk tell nothing. */
export const sharedRuntimeMs = 1_000;

/**
 * `runtime` of a manager, made once for all who ask at the same time, and the same object for as long as nothing has
 * changed. To judge all plugins reads their files: for each who asks, it would cost more than all else.
 */
export function createSharedRuntime(
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
    const isFresh = known !== undefined && clock.monotonicNow() - known.madeAt < sharedRuntimeMs;
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
