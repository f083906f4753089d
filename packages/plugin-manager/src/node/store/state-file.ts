import { join } from 'node:path';
import { PluginError } from '../../protocol/error.ts';
import type { PluginState } from '../../protocol/state.ts';
import { buildPattern, pluginIdOfFolder } from '../../core/state/folder-names.ts';
import { parseState } from '../../core/state/schema.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { emptyState } from '../../core/state/transitions.ts';
import type { StoreLayout } from './store-layout.ts';

/** Throws a {@link PluginError}: E_STATE_CORRUPT, also where the file is gone, and E_STATE_NEWER. */
export async function readState(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<PluginState> {
  const text = await fileSystem.read(layout.stateFile);
  if (text !== undefined) return parseState(text);
  throw new PluginError('E_STATE_CORRUPT', 'there is no state.json; repair rebuilds it', {
    phase: 'resolve',
  });
}

/**
 * The state of a store that was not put in order yet: one that has none, and holds no builds, is new, and has nothing. Of a
 * store that runs nothing says that: its disk may have been taken away. Throws what {@link readState} throws.
 */
export async function readFirstState(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<PluginState> {
  const isAbsent = (await fileSystem.kind(layout.stateFile)) === undefined;
  if (isAbsent && !(await holdsBuilds(fileSystem, layout))) return emptyState;
  return readState(fileSystem, layout);
}

/** Whether `store/` has what is called like a build, whole or damaged; also where that cannot be told now. */
export async function holdsBuilds(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<boolean> {
  for (const { name, kind } of await fileSystem.entries(layout.store)) {
    if (kind !== 'folder' || pluginIdOfFolder(name) === undefined) continue;
    const inside = await fileSystem.entries(join(layout.store, name)).catch(() => undefined);
    if (inside === undefined) return true;
    if (inside.some((entry) => entry.kind === 'folder' && buildPattern.test(entry.name))) return true;
  }
  return false;
}

/** Replaces the state at once: a reader, and a crash, meets the old text or the new one. Under the store's lock. */
export async function replaceState(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  state: PluginState,
): Promise<void> {
  try {
    await fileSystem.write(layout.stateDraft, `${JSON.stringify(state, undefined, 2)}\n`);
    await fileSystem.sync(layout.stateDraft);
    await fileSystem.rename(layout.stateDraft, layout.stateFile);
  } catch (error) {
    await fileSystem.remove(layout.stateDraft).catch(() => undefined);
    throw error;
  }
  await fileSystem.sync(layout.root);
}
