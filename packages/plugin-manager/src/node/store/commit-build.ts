import { lstat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { PluginError } from '../../protocol/error.ts';
import { pluginIdOf } from '../../protocol/plugin-id.ts';
import type { Receipt, ReceiptFile } from '../../protocol/receipt.ts';
import type { InstalledState, PublisherPin } from '../../protocol/state.ts';
import { buildPattern } from '../../core/state/folder-names.ts';
import { parseReceipt } from '../../core/state/schema.ts';
import { installedBuildOf } from '../../core/state/recovery.ts';
import { buildsOf, installedOf, stateTransition, type StateEffect } from '../../core/state/transitions.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { mapInParallel } from '../map-in-parallel.ts';
import { verifyHashed, type HashedAhead } from './hash-ahead.ts';
import { trashBuild } from './recover-store.ts';
import { readState, replaceState } from './state-file.ts';
import { displacedFolder, filesFolder, folderOf, receiptPath, type StoreLayout } from './store-layout.ts';
import { readReceipt, receiptText } from './verify-build.ts';
import { isWhole, removeUnexpected } from './whole-build.ts';

/** How many files are looked at, and brought to the disk, at once. */
const sealedAtOnce = 8;

/**
 * Writes the receipt beside the staged files and waits until the disk has all of them: `synced` are those that it has
 * already. Throws a {@link PluginError} with E_FILES_CHANGED where a file is not there, or not as long as the receipt says.
 */
export async function sealBuild(
  fileSystem: StoreFileSystem,
  folder: string,
  receipt: Receipt,
  synced: readonly ReceiptFile[] = [],
): Promise<void> {
  const pluginId = pluginIdOf(receipt.ref);
  const text = receiptText(receipt);
  // One that could not be read again would be a plugin that is broken from the start.
  parseReceipt(text);
  const isSynced = new Set(synced.map(({ path }) => path));
  const files = filesFolder(folder);
  const folders = new Set([folder, files]);
  await mapInParallel(receipt.files, sealedAtOnce, async (file) => {
    const path = `${files}/${file.path}`;
    const found = await lstat(path).catch(() => undefined);
    if (!found?.isFile() || found.size !== file.size) {
      const message = `the staged file ${file.path} of ${pluginId} should have ${String(file.size)} bytes; ${found ? `it has ${String(found.size)}` : 'it is missing'}`;
      throw new PluginError('E_FILES_CHANGED', message, {
        phase: 'commit',
        pluginId,
        details: { entry: file.path, expected: file.size, found: found?.size },
      });
    }
    if (!isSynced.has(file.path)) await fileSystem.sync(path);
    for (let parent = dirname(path); !folders.has(parent); parent = dirname(parent)) folders.add(parent);
  });
  await fileSystem.write(receiptPath(folder), text);
  await fileSystem.sync(receiptPath(folder));
  for (const path of folders) await fileSystem.sync(path);
}

/** What a commit needs beside the disk. */
export interface CommitOptions {
  /** What the build of the receipt is called. */
  readonly build: string;
  /** Is given the plugin as the lock found it; what it throws leaves everything as it is. */
  readonly decide: (current: InstalledState | undefined) => {
    readonly publisher: PublisherPin;
    readonly isEnabled?: boolean | undefined;
  };
  readonly trashName: () => string;
  /** Of the build that the receipt is of, where it is in the store already. */
  readonly ahead: HashedAhead | undefined;
  /**
   * Told where what was moved out of the way could not be put back: it stays beside the folder until a start after the end
   * of this process puts it back, and until then the plugin is broken, unless it is installed anew.
   */
  readonly keepStaged: () => void;
}

/**
 * Takes a sealed folder into the store and makes it active by replacing the state. Under the store's lock. Until the
 * state is replaced the old version is active, and what was done is undone where that fails.
 */
export async function commitBuild(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  folder: string,
  receipt: Receipt,
  { build, decide, trashName, ahead, keepStaged }: CommitOptions,
): Promise<{ readonly installed: InstalledState; readonly effects: readonly StateEffect[] }> {
  const pluginId = pluginIdOf(receipt.ref);
  const state = await readState(fileSystem, layout);
  const old = state.plugins[pluginId];
  const { publisher, isEnabled } = decide(old);
  const isNamed = buildsOf(old).some((earlier) => earlier.build === build);
  const event = { pluginId, build: installedBuildOf(build, receipt), publisher };
  const next = stateTransition(
    state,
    old ? { type: 'update', ...event, isEnabled } : { type: 'install', ...event, isEnabled: isEnabled ?? true },
  );
  const target = folderOf(layout, pluginId, build);
  let displaced: string | undefined;
  let damaged: readonly StateEffect[] = [];
  try {
    const isThere = (await fileSystem.kind(target)) !== undefined;
    // Immutable: the same build again changes nothing on the disk, unless somebody else did.
    const report = isThere && isNamed ? await verifyHashed(fileSystem, layout, pluginId, build, ahead) : undefined;
    const isKept = report !== undefined && isWhole(report) && (await removeUnexpected(fileSystem, layout, report));
    // Nothing that anybody could see is another one now.
    if (isKept && old && isSameState(old, installedOf(next.state, pluginId))) return { installed: old, effects: [] };
    if (!isKept) {
      if (!old) await requireManaged(fileSystem, layout, pluginId);
      // The folder of the build that is to come is displaced, and comes back where the commit fails.
      const named = [build, ...buildsOf(old).map((earlier) => earlier.build)];
      damaged = await damagedBuilds(fileSystem, layout, pluginId, named);
      if (isThere) {
        // Not the trash: any process may empty that before this is undone.
        const place = displacedFolder(dirname(folder));
        await fileSystem.rename(target, place);
        displaced = place;
      }
      await fileSystem.makeFolder(dirname(target));
      await fileSystem.rename(folder, target);
      await fileSystem.sync(dirname(target));
      await fileSystem.sync(layout.store);
    }
    await replaceState(fileSystem, layout, next.state);
  } catch (error) {
    await undo().catch(() => {
      if (displaced !== undefined) keepStaged();
    });
    throw error;
  }
  return { installed: installedOf(next.state, pluginId), effects: [...damaged, ...next.effects] };

  // The state may have been replaced although that failed: then the new build stays.
  async function undo(): Promise<void> {
    const isThere = (await fileSystem.kind(target)) !== undefined;
    if (displaced !== undefined && !isThere) {
      await fileSystem.rename(displaced, target);
      return;
    }
    const current = buildsOf((await readState(fileSystem, layout)).plugins[pluginId]);
    if (!isThere || current.some((named) => named.build === build)) return;
    // Not of this commit, unless its receipt says so.
    const isOwn =
      displaced !== undefined ||
      (await readReceipt(fileSystem, layout, pluginId, build)).installedAt === receipt.installedAt;
    if (!isOwn) return;
    await trashBuild(fileSystem, layout, pluginId, build, trashName());
    if (displaced === undefined) return;
    await fileSystem.makeFolder(dirname(target));
    await fileSystem.rename(displaced, target);
  }
}

/** Whether two say the same of a plugin, but for when its active build was installed. */
function isSameState(left: InstalledState, right: InstalledState): boolean {
  const said = ({ active, previous, isEnabled, isPinned, publisher }: InstalledState): string =>
    JSON.stringify([
      [active.build, previous.map(({ build }) => build), isEnabled, isPinned],
      [publisher.repositoryId, publisher.packageName, publisher.keyId],
    ]);
  return said(left) === said(right);
}

/**
 * Builds in the folder of a plugin whose receipt is gone or damaged, but for those that are `named`: they go once the state
 * has changed. What is called like a build, and holds other things alone, is somebody else's; what cannot be read now stays.
 */
export async function damagedBuilds(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
  named: readonly string[],
): Promise<readonly StateEffect[]> {
  const damaged: StateEffect[] = [];
  for (const { name, kind } of await fileSystem.entries(folderOf(layout, pluginId))) {
    if (kind !== 'folder' || named.includes(name) || !buildPattern.test(name)) continue;
    const isDamaged = await isDamagedBuild(fileSystem, layout, pluginId, name).catch(() => false);
    if (isDamaged) damaged.push({ type: 'trashBuild', pluginId, build: name });
  }
  return damaged;
}

async function isDamagedBuild(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
  build: string,
): Promise<boolean> {
  try {
    await readReceipt(fileSystem, layout, pluginId, build);
    return false;
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return isRestOfBuild(fileSystem, folderOf(layout, pluginId, build));
  }
}

/** Also true of an empty folder, in which nobody has anything to lose. */
async function isRestOfBuild(fileSystem: StoreFileSystem, folder: string): Promise<boolean> {
  const paths = (await fileSystem.entries(folder)).map(({ name }) => join(folder, name));
  return paths.length === 0 || paths.includes(receiptPath(folder)) || paths.includes(filesFolder(folder));
}

/**
 * Throws a {@link PluginError} with E_UNMANAGED where the plugin's folder holds something that no receipt tells of:
 * somebody else put it there. A folder that is called like a build was one, though its receipt may be damaged.
 */
export async function requireManaged(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
): Promise<void> {
  for (const { name, kind } of await fileSystem.entries(folderOf(layout, pluginId))) {
    if (kind === 'folder' && buildPattern.test(name)) continue;
    try {
      await readReceipt(fileSystem, layout, pluginId, name);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      const path = relative(layout.root, folderOf(layout, pluginId, name));
      const message = `${path} is in the folder of ${pluginId} and has no receipt: move it away`;
      throw new PluginError('E_UNMANAGED', message, { phase: 'commit', pluginId, details: { path }, cause: error });
    }
  }
}
