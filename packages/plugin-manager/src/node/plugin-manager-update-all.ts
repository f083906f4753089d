import type { PluginError } from '../protocol/error.ts';
import type { InstallResult } from './install-pipeline.ts';
import type { Operation } from './operation.ts';
import type { PluginUpdate } from './plugin-manager-catalog.ts';
import type { PluginUpdateOutcome } from './plugin-manager-interface.ts';

/** Updates that run at the same time: each holds a download and an extraction. */
const maxParallelUpdates = 3;

/** Starts an update for each plugin that has one, a few at a time; gives what came of each, in the order of the ids. */
export async function updateEach(
  updates: readonly PluginUpdate[],
  start: (pluginId: string, version: string) => Operation<InstallResult>,
): Promise<readonly PluginUpdateOutcome[]> {
  const outcomes: PluginUpdateOutcome[] = [];
  const waiting = updates.entries();
  async function work(): Promise<void> {
    for (const [index, update] of waiting) outcomes[index] = await outcomeOf(update, start);
  }
  await Promise.all(Array.from({ length: maxParallelUpdates }, work));
  return outcomes;
}

async function outcomeOf(
  update: PluginUpdate,
  start: (pluginId: string, version: string) => Operation<InstallResult>,
): Promise<PluginUpdateOutcome> {
  const { pluginId, installedVersion } = update;
  const item = { pluginId, installedVersion };
  if (update.state === 'unknown') return { ...item, ...failureOf(update.error) };
  if (update.state !== 'available') return { ...item, outcome: update.state };
  try {
    const { installed } = await start(pluginId, update.version);
    return { ...item, outcome: 'updated', version: installed.active.version };
  } catch (error) {
    // Operations reject with nothing else.
    return { ...item, ...failureOf(error as PluginError) };
  }
}

function failureOf(error: PluginError) {
  return { outcome: error.code === 'E_CANCELLED' ? 'cancelled' : 'failed', error } as const;
}
