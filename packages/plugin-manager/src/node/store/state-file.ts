import { PluginError } from '../../protocol/error.ts';
import type { PluginState } from '../../protocol/state.ts';
import { parseState } from '../../core/state/schema.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import type { StoreLayout } from './store-layout.ts';

/** Throws a {@link PluginError}: E_STATE_CORRUPT, also where the file is gone, and E_STATE_NEWER. */
export async function readState(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<PluginState> {
  const text = await fileSystem.read(layout.stateFile);
  if (text !== undefined) return parseState(text);
  throw new PluginError('E_STATE_CORRUPT', 'there is no state.json; repair rebuilds it', {
    phase: 'resolve',
  });
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
