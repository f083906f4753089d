import { parseVersion } from '../core/release-version.ts';
import type { PluginError } from '../protocol/error.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';
import type { Release } from '../protocol/release.ts';
import type { InstalledState } from '../protocol/state.ts';
import type { InstallResult } from './install-pipeline.ts';
import type { Operation } from './operation.ts';
import { mapInParallel } from './map-in-parallel.ts';
import { sourceError, type PluginCatalog } from './plugin-manager-catalog.ts';
import type { PluginUpdateOutcome } from './plugin-manager-interface.ts';
import { planRefusal } from './plugin-manager-plan.ts';

/**
 * Whether a plugin has a newer version that would be installed, as far as the catalog says. `pinned`: nobody was asked.
 * `unknown`: the source could not say, or policy, host or publisher stand in the way of what it says.
 */
export type PluginUpdate = { readonly pluginId: string; readonly installedVersion: string } & (
  | { readonly state: 'available'; readonly version: string; readonly changes: Release['changes'] }
  | { readonly state: 'up-to-date' | 'pinned' }
  | { readonly state: 'unknown'; readonly error: PluginError }
);

/** Sources that are asked at the same time. */
const maxParallelChecks = 4;

/** Looks for an update of each plugin, a few at a time; in the order of the ids. */
export async function findUpdates(
  catalog: Pick<PluginCatalog, 'resolve' | 'planOf'>,
  plugins: Readonly<Record<string, InstalledState>>,
  signal?: AbortSignal,
): Promise<readonly PluginUpdate[]> {
  const inOrder = Object.entries(plugins).sort(([left], [right]) => (left < right ? -1 : 1));
  return mapInParallel(inOrder, maxParallelChecks, ([pluginId, installed]) =>
    updateOf(catalog, pluginId, installed, signal),
  );
}

async function updateOf(
  catalog: Pick<PluginCatalog, 'resolve' | 'planOf'>,
  pluginId: string,
  installed: InstalledState,
  signal: AbortSignal | undefined,
): Promise<PluginUpdate> {
  const { active, isPinned } = installed;
  const item = { pluginId, installedVersion: active.version };
  if (isPinned) return { ...item, state: 'pinned' };
  try {
    const found = await catalog.resolve(parsePluginId(pluginId), undefined, signal);
    const { version, changes } = found.release;
    if ((parseVersion(version)?.compare(active.version) ?? 0) <= 0) return { ...item, state: 'up-to-date' };
    const refusal = planRefusal(catalog.planOf(found, installed));
    if (refusal !== undefined) return { ...item, state: 'unknown', error: refusal };
    return { ...item, state: 'available', version, changes };
  } catch (error) {
    return { ...item, state: 'unknown', error: sourceError(error, { signal }) };
  }
}

/**
 * Starts an update for each plugin that has one; how many of them run at the same time is the manager's to say. Gives what
 * came of each, in the order of the ids.
 */
export async function updateEach(
  updates: readonly PluginUpdate[],
  start: (pluginId: string) => Operation<InstallResult>,
): Promise<readonly PluginUpdateOutcome[]> {
  return Promise.all(updates.map((update) => outcomeOf(update, start)));
}

async function outcomeOf(
  update: PluginUpdate,
  start: (pluginId: string) => Operation<InstallResult>,
): Promise<PluginUpdateOutcome> {
  const { pluginId, installedVersion } = update;
  const item = { pluginId, installedVersion };
  if (update.state === 'unknown') return { ...item, ...failureOf(update.error) };
  if (update.state !== 'available') return { ...item, outcome: update.state };
  try {
    const { installed } = await start(pluginId);
    return { ...item, outcome: 'updated', version: installed.active.version };
  } catch (error) {
    // Operations reject with nothing else.
    return { ...item, ...failureOf(error as PluginError) };
  }
}

function failureOf(error: PluginError) {
  return { outcome: error.code === 'E_CANCELLED' ? 'cancelled' : 'failed', error } as const;
}
