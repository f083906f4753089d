import { join } from 'node:path';
import { PluginError } from '../../protocol/error.ts';
import type { PluginState } from '../../protocol/state.ts';
import { folderNameOf, pluginIdOfFolder } from '../../core/state/folder-names.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import type { BuildFiles } from './build-files.ts';
import type { ManagedPlugin, UnmanagedPlugin } from './plugin-store.ts';
import { readSettled } from './read-settled.ts';
import { ownFolders, type StoreLayout } from './store-layout.ts';
import { readReceipt } from './verify-build.ts';

/** What a store holds. */
interface StoreList {
  readonly generation: number;
  readonly managed: readonly ManagedPlugin[];
  readonly unmanaged: readonly UnmanagedPlugin[];
}

/**
 * All plugins of a store, by their ids; one that is damaged is listed as broken, and the others as they are. What looks
 * damaged because another process has changed the store meanwhile is read again.
 */
export async function listStore(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  files: Pick<BuildFiles, 'receipt'>,
  readState: () => Promise<PluginState>,
): Promise<StoreList> {
  return readSettled({
    read: async () => listOnce(fileSystem, layout, files, await readState()),
    isWhole: ({ managed, unmanaged }) => unmanaged.length === 0 && managed.every(({ status }) => status === 'ok'),
    generation: async () => (await readState()).generation,
  });
}

async function listOnce(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  files: Pick<BuildFiles, 'receipt'>,
  state: PluginState,
): Promise<StoreList> {
  const managed: ManagedPlugin[] = [];
  const inOrder = Object.entries(state.plugins).sort(([left], [right]) => (left < right ? -1 : 1));
  for (const [pluginId, installed] of inOrder) {
    const plugin = { pluginId, folderName: folderNameOf(pluginId), installed };
    try {
      const receipt = await files.receipt(pluginId, installed.active.build);
      managed.push({ ...plugin, status: 'ok', receipt });
    } catch (error) {
      managed.push({ ...plugin, status: 'broken', reason: reasonOf(error) });
    }
  }
  const unmanaged: UnmanagedPlugin[] = [];
  for (const { name, kind } of await fileSystem.entries(layout.root)) {
    if (kind === 'folder' && !ownFolders.has(name)) unmanaged.push({ folderName: name, path: join(layout.root, name) });
  }
  for (const { name, kind } of await fileSystem.entries(layout.store)) {
    const path = join(layout.store, name);
    const pluginId = pluginIdOfFolder(name);
    if (kind !== 'folder' || (pluginId !== undefined && Object.hasOwn(state.plugins, pluginId))) continue;
    if (pluginId === undefined || !(await hasReceipt(fileSystem, layout, pluginId, path)))
      unmanaged.push({ folderName: name, path });
  }
  return { generation: state.generation, managed, unmanaged };
}

/** In words that everybody may read; what the disk cannot say is no damage of the plugin. */
export function reasonOf(error: unknown): string {
  const isOfPlugin = error instanceof PluginError && !error.code.startsWith('E_STORE');
  return isOfPlugin ? error.message : 'its files cannot be read at the moment';
}

/** Times that a folder is looked at which changes meanwhile. */
const maxLooks = 5;

/**
 * Also of a folder that is empty, or that another process empties while it is looked at: a commit or an uninstall is about
 * to fill or to remove it.
 */
async function hasReceipt(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
  path: string,
): Promise<boolean> {
  for (let look = 1; look <= maxLooks; look += 1) {
    const names = await namesIn(fileSystem, path);
    // Whatever it holds, it is listed, and keeps no other plugin from being.
    if (names === undefined) return false;
    for (const name of names) {
      const receipt = await readReceipt(fileSystem, layout, pluginId, name).catch(() => undefined);
      if (receipt) return true;
    }
    if (names.length === 0) return true;
    const now = await namesIn(fileSystem, path);
    if (now === undefined || names.every((name) => now.includes(name))) return false;
  }
  return false;
}

async function namesIn(fileSystem: StoreFileSystem, path: string): Promise<readonly string[] | undefined> {
  const entries = await fileSystem.entries(path).catch(() => undefined);
  return entries?.map(({ name }) => name);
}
