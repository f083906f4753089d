import { basename, dirname, join } from 'node:path';
import { PluginError } from '../../protocol/error.ts';
import { pluginIdOf } from '../../protocol/plugin-id.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import { buildPattern, pluginIdOfFolder, tokenPattern, trashPattern } from '../../core/state/folder-names.ts';
import {
  fallbacksOf,
  planRecovery,
  type FoundBuild,
  type FoundBuilds,
  type JudgedFallbacks,
  type ReceivedBuild,
  type Recovery,
} from '../../core/state/recovery.ts';
import type { PluginState } from '../../protocol/state.ts';
import { parseReceipt } from '../../core/state/schema.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { displacedFolder, folderOf, receiptPath, type StoreLayout } from './store-layout.ts';
import { replaceState } from './state-file.ts';
import { tryLock } from './store-lock.ts';
import { readReceipt, receiptBuildName, verifyBuild } from './verify-build.ts';
import { isWhole, removeUnexpected } from './whole-build.ts';

/**
 * Builds of the store with a receipt that fits their place; what has none is not ours to touch. `damaged` are plugins with
 * a folder that is called like a build, and has none. A plugin whose folder cannot be read now keeps no other from being
 * found.
 */
export async function findBuilds(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
): Promise<
  FoundBuilds<ReceivedBuild> & { readonly failures: readonly unknown[]; readonly damaged: ReadonlySet<string> }
> {
  const found: ReceivedBuild[] = [];
  const unreadable = new Set<string>();
  const damaged = new Set<string>();
  const failures: unknown[] = [];
  for (const folder of await fileSystem.entries(layout.store)) {
    const pluginId = pluginIdOfFolder(folder.name);
    if (folder.kind !== 'folder' || pluginId === undefined) continue;
    try {
      for (const { name: build, kind } of await fileSystem.entries(join(layout.store, folder.name))) {
        if (kind !== 'folder' || !buildPattern.test(build)) continue;
        const receipt = await receiptIfAny(fileSystem, layout, pluginId, build);
        if (receipt === undefined) damaged.add(pluginId);
        else found.push({ pluginId, build, receipt });
      }
    } catch (error) {
      unreadable.add(pluginId);
      failures.push(error);
    }
  }
  return { found, unreadable, failures, damaged };
}

async function receiptIfAny(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
  build: string,
): Promise<Receipt | undefined> {
  try {
    return await readReceipt(fileSystem, layout, pluginId, build);
  } catch (error) {
    if (error instanceof PluginError) return undefined;
    throw error;
  }
}

/** Why a build may not be loaded by the policy of today; undefined where it may. */
export type LoadingRefusal = (receipt: Receipt) => PluginError | undefined;

/**
 * Makes state and store agree after a crash. Under the store's lock. `left` is why something stays that nobody needs: it
 * belongs to somebody else, say, and is no reason to do nothing else.
 */
export async function recoverStore(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  state: PluginState,
  { trashName, loadingRefusal }: { readonly trashName: () => string; readonly loadingRefusal: LoadingRefusal },
): Promise<
  Recovery &
    Pick<FoundBuilds, 'unreadable'> & { readonly damaged: ReadonlySet<string>; readonly left: readonly unknown[] }
> {
  const builds = await findBuilds(fileSystem, layout);
  const judged = await judgeFallbacks(fileSystem, layout, fallbacksOf(state, builds), { builds, loadingRefusal });
  const recovery = planRecovery(state, builds, judged);
  if (recovery.state !== state) await replaceState(fileSystem, layout, recovery.state);
  const stay = await failuresOf(recovery.orphans, ({ pluginId, build }) =>
    trashBuild(fileSystem, layout, pluginId, build, trashName()),
  );
  const emptied = await removeEmptyFolders(fileSystem, layout);
  return { ...recovery, unreadable: builds.unreadable, damaged: builds.damaged, left: [...stay, ...emptied] };
}

/** A first install or the removal of the last build was interrupted: its folder has nothing in it. Gives what failed. */
async function removeEmptyFolders(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<readonly unknown[]> {
  try {
    const ofPlugins = (await fileSystem.entries(layout.store)).filter(
      ({ name, kind }) => kind === 'folder' && pluginIdOfFolder(name) !== undefined,
    );
    return await failuresOf(ofPlugins, ({ name }) => fileSystem.removeEmptyFolder(join(layout.store, name)));
  } catch (error) {
    return [error];
  }
}

/** Looks at builds that a plugin could go back to; removes what somebody added to those that may be loaded. */
async function judgeFallbacks(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  fallbacks: readonly FoundBuild[],
  { builds, loadingRefusal }: { readonly builds: FoundBuilds<ReceivedBuild>; readonly loadingRefusal: LoadingRefusal },
): Promise<JudgedFallbacks> {
  const sound: FoundBuild[] = [];
  const damaged: FoundBuild[] = [];
  for (const fallback of fallbacks) {
    const { pluginId, build } = fallback;
    const receipt = builds.found.find((found) => found.pluginId === pluginId && found.build === build)?.receipt;
    // What cannot be read now is not gone back to; the others are recovered.
    const report = await verifyBuild(fileSystem, layout, pluginId, build).catch(() => undefined);
    if (receipt === undefined || report === undefined) continue;
    if (!isWhole(report)) damaged.push(fallback);
    else if (loadingRefusal(receipt) === undefined) {
      await removeUnexpected(fileSystem, layout, report);
      sound.push(fallback);
    }
  }
  return { sound, damaged };
}

/** Does the work for each, one after the other, whatever becomes of the others; gives what failed. */
async function failuresOf<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}

/** Takes a build out of the store, at once. */
export async function trashBuild(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
  build: string,
  trashName: string,
): Promise<void> {
  await fileSystem.rename(folderOf(layout, pluginId, build), join(layout.trash, trashName));
  await fileSystem.removeEmptyFolder(folderOf(layout, pluginId));
}

/** Removes what processes staged that are no more; gives why something stays for the next time. Under the store's lock. */
export async function emptyStaging(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  trashName: () => string,
): Promise<readonly unknown[]> {
  const staged = (await fileSystem.entries(layout.staging)).map(({ name }) => name);
  // One that was killed before it had a folder has left its lock alone.
  const locks = (await fileSystem.entries(layout.lock))
    .filter(({ name }) => name.endsWith('.db'))
    .map(({ name }) => basename(name, '.db'));
  const tokens = [...staged, ...locks].filter((name) => tokenPattern.test(name));
  return failuresOf(new Set(tokens), async (token) => {
    const lockFile = join(layout.lock, `${token}.db`);
    // A process that lives holds the lock of its token.
    const lock = tryLock(lockFile);
    if (!lock) return;
    try {
      await putBackDisplaced(fileSystem, layout, join(layout.staging, token), trashName);
      await fileSystem.remove(join(layout.staging, token));
    } finally {
      lock.release();
    }
    await fileSystem.remove(lockFile);
  });
}

/**
 * Puts builds back that a process had moved out of the way of the same build made anew, and that was killed before that
 * one was in its place. What no state names is an orphan there, as anywhere.
 */
async function putBackDisplaced(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  staged: string,
  trashName: () => string,
): Promise<void> {
  for (const place of await fileSystem.entries(staged)) {
    const displaced = displacedFolder(join(staged, place.name));
    const text = await fileSystem.read(receiptPath(displaced));
    const found = text === undefined ? undefined : receiptIn(text);
    if (found === undefined) continue;
    const { pluginId, build } = found;
    if ((await receiptIfAny(fileSystem, layout, pluginId, build)) !== undefined) continue;
    const target = folderOf(layout, pluginId, build);
    if ((await fileSystem.kind(target)) !== undefined) await fileSystem.rename(target, join(layout.trash, trashName()));
    await fileSystem.makeFolder(dirname(target));
    await fileSystem.rename(displaced, target);
    await fileSystem.sync(dirname(target));
    await fileSystem.sync(layout.store);
  }
}

/** The build that a receipt is of; undefined where it says none, which is of no use in any place. */
function receiptIn(text: string): FoundBuild | undefined {
  try {
    const receipt = parseReceipt(text);
    return { pluginId: pluginIdOf(receipt.ref), build: receiptBuildName(receipt.version, text) };
  } catch {
    return undefined;
  }
}

/** Removes what was thrown away; gives why something stays for the next time. */
export async function emptyTrash(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<readonly unknown[]> {
  const thrown = (await fileSystem.entries(layout.trash)).filter(({ name }) => trashPattern.test(name));
  return failuresOf(thrown, ({ name }) => fileSystem.remove(join(layout.trash, name)));
}
