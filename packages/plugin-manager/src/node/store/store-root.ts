import { join } from 'node:path';
import { PluginError } from '../../protocol/error.ts';
import {
  cachePattern,
  lockPattern,
  pluginIdOfFolder,
  tokenPattern,
  trashPattern,
} from '../../core/state/folder-names.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { holdsBuilds, readState } from './state-file.ts';
import type { StoreLayout } from './store-layout.ts';

/** What may be in the folders of a store that was only just begun. */
const ownNames: ReadonlyMap<string, (name: string) => boolean> = new Map([
  ['store', (name) => pluginIdOfFolder(name) !== undefined],
  ['staging', (name) => tokenPattern.test(name)],
  ['trash', (name) => trashPattern.test(name)],
  ['cache', (name) => cachePattern.test(name)],
  ['lock', (name) => lockPattern.test(name)],
]);

/** What a store may keep without its state, and what file systems and their browsers leave in any folder. */
const harmless: ReadonlySet<string> = new Set([
  ...['audit.jsonl', 'audit.1.jsonl', 'state.corrupt.json'],
  ...['lost+found', '.snapshot', '.DS_Store', 'Thumbs.db', '.gitkeep'],
]);

/**
 * Throws a {@link PluginError} with E_UNMANAGED where a folder holds something and is no store: one that was begun there
 * would take what others have in `cache/` or `trash/` for its own. Folders of plugins that somebody put there by hand are
 * no reason.
 */
export async function requireStoreRoot(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<void> {
  const path = await strangerIn(fileSystem, layout);
  if (path === undefined) return;
  const message = `the folder is no plugin store, and holds ${path}: expected an empty folder, or a plugin store`;
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
    if (harmless.has(name)) continue;
    const isOwn = ownNames.get(name);
    if (kind !== 'folder') return name;
    if (isOwn === undefined) {
      if (!(await isPluginFolder(fileSystem, join(layout.root, name)))) return name;
      continue;
    }
    const inside = await fileSystem.entries(join(layout.root, name));
    const stranger = inside.find((entry) => !isOwn(entry.name));
    if (stranger !== undefined) return `${name}/${stranger.name}`;
  }
  return undefined;
}

/** Whoever began one has taken its lock first; one that was copied may have none. */
async function isStore(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<boolean> {
  if ((await fileSystem.kind(layout.storeLock)) === 'file') return true;
  if (await holdsBuilds(fileSystem, layout)) return true;
  return readState(fileSystem, layout).then(
    () => true,
    (error: unknown) => {
      if (error instanceof PluginError) return false;
      throw error;
    },
  );
}

/** As Headlamp has them (https://headlamp.dev/docs/latest/development/plugins/): each with its package.json. */
async function isPluginFolder(fileSystem: StoreFileSystem, path: string): Promise<boolean> {
  const inside = await fileSystem.entries(path).catch(() => undefined);
  return inside !== undefined && (inside.length === 0 || inside.some(({ name }) => name === 'package.json'));
}
