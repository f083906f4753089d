import { basename, join } from 'node:path';
import { PluginError } from '../../protocol/error.ts';
import {
  cachePattern,
  lockPattern,
  pluginIdOfFolder,
  tokenPattern,
  trashPattern,
} from '../../core/state/folder-names.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { holdsBuilds } from './state-file.ts';
import type { StoreLayout } from './store-layout.ts';

/** What may be in the folders of a store that was only just begun. */
const ownNames: ReadonlyMap<string, (name: string) => boolean> = new Map([
  ['store', (name) => pluginIdOfFolder(name) !== undefined],
  ['staging', (name) => tokenPattern.test(name)],
  ['trash', (name) => trashPattern.test(name)],
  ['cache', (name) => cachePattern.test(name)],
  ['lock', (name) => lockPattern.test(name)],
]);

/**
 * Throws a {@link PluginError} with E_UNMANAGED where a folder is no store and holds something under a name that a store
 * uses: one that was begun there would take what others have in `cache/` or `trash/` for its own. Whatever else is there,
 * plugins that somebody put there by hand or `plugins.yaml`, is no reason: a store never touches it.
 */
export async function requireStoreRoot(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<void> {
  const path = await strangerIn(fileSystem, layout);
  if (path === undefined) return;
  const message = `the folder is no plugin store, and its ${path} is not a store's: expected another folder`;
  throw new PluginError('E_UNMANAGED', message, { phase: 'resolve', details: { path } });
}

/** Something in the folder that keeps a store from being begun there; undefined also where one is. */
export async function strangerIn(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<string | undefined> {
  if (await isStore(fileSystem, layout)) return undefined;
  const found = await firstStranger(fileSystem, layout);
  // Another process may have begun one while this one looked.
  return found !== undefined && (await isStore(fileSystem, layout)) ? undefined : found;
}

async function firstStranger(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<string | undefined> {
  for (const { name, kind } of await fileSystem.entries(layout.root)) {
    if (name === basename(layout.stateDraft)) return name;
    const isOwn = ownNames.get(name);
    if (isOwn === undefined) continue;
    if (kind === 'file') return name;
    const inside = await fileSystem.entries(join(layout.root, name));
    const stranger = inside.find((entry) => !isOwn(entry.name));
    if (stranger !== undefined) return `${name}/${stranger.name}`;
  }
  return undefined;
}

/**
 * Whoever began one has taken its lock first; one that was copied may have none. A state that cannot be read is a damaged
 * store's: taken for somebody else's, its plugins would be gone without a word.
 */
async function isStore(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<boolean> {
  if ((await fileSystem.kind(layout.storeLock)) === 'file') return true;
  if ((await fileSystem.kind(layout.stateFile)) !== undefined) return true;
  return holdsBuilds(fileSystem, layout);
}
