import { join } from 'node:path';
import type { Logger } from '@fleetwire/websocket-core/server';
import { PluginError } from '../../protocol/error.ts';
import type { PluginState } from '../../protocol/state.ts';
import { rebuildState, type Recovery } from '../../core/state/recovery.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import type { RepairReport } from './plugin-store.ts';
import { emptyStaging, findBuilds, recoverStore, type LoadingRefusal } from './recover-store.ts';
import { readFirstState, readState, replaceState } from './state-file.ts';
import type { StoreLayout } from './store-layout.ts';

/** What both work on; under the store's lock. */
export interface StartOptions {
  readonly fileSystem: StoreFileSystem;
  readonly layout: StoreLayout;
  readonly logger: Logger;
  readonly trashName: () => string;
  readonly loadingRefusal: LoadingRefusal;
}

/** Makes the state of a new store, and puts right what a crash left behind in another; gives what it rolled back. */
export async function startStore({
  fileSystem,
  layout,
  logger,
  ...recovering
}: StartOptions): Promise<Recovery['rolledBack']> {
  await refuseNewer(fileSystem, layout);
  warnOfLeft(logger, await emptyStaging(fileSystem, layout, recovering.trashName));
  await fileSystem.remove(layout.stateDraft);
  const state = await readFirstState(fileSystem, layout);
  if ((await fileSystem.kind(layout.stateFile)) === undefined) await replaceState(fileSystem, layout, state);
  const recovery = await recoverStore(fileSystem, layout, state, recovering);
  warnOfLeft(logger, recovery.left);
  warnOfRolledBack(logger, recovery.rolledBack);
  for (const pluginId of recovery.broken)
    logger.error({ pluginId }, 'the active version of a plugin is gone, and nothing may take its place by itself');
  for (const pluginId of recovery.unreadable) logger.error({ pluginId }, 'the folder of a plugin cannot be read');
  return recovery.rolledBack;
}

/**
 * Makes state and store agree; where the state is lost it is made anew of the receipts. What processes that are no more had
 * moved away is put back first.
 */
export async function repairStore({
  fileSystem,
  layout,
  logger,
  now,
  ...recovering
}: StartOptions & { readonly now: () => number }): Promise<{
  readonly report: Omit<RepairReport, 'rolledBack'>;
  readonly recovered: PluginState;
  readonly rolledBack: Recovery['rolledBack'];
}> {
  await refuseNewer(fileSystem, layout);
  warnOfLeft(logger, await emptyStaging(fileSystem, layout, recovering.trashName));
  let isRebuilt = false;
  const state = await readState(fileSystem, layout).catch(async (error: unknown) => {
    if (!(error instanceof PluginError) || error.code !== 'E_STATE_CORRUPT') throw error;
    isRebuilt = true;
    const { found, failures } = await findBuilds(fileSystem, layout);
    // The new state would forget what is there and cannot be read now, and the next start would remove it.
    if (failures.length > 0) throw failures[0];
    // More than any count of changes, so that whoever knew an earlier generation takes this for a newer one.
    const before = generationIn((await fileSystem.read(layout.stateFile)) ?? '');
    const rebuilt = rebuildState(found, Math.max(1, Math.trunc(now()), before + 1));
    if ((await fileSystem.kind(layout.stateFile)) !== undefined) {
      // A folder, which may have stood there once, gives its place to nothing.
      if ((await fileSystem.kind(layout.corruptState)) !== undefined)
        await fileSystem.rename(layout.corruptState, join(layout.trash, recovering.trashName()));
      await fileSystem.rename(layout.stateFile, layout.corruptState);
    }
    await replaceState(fileSystem, layout, rebuilt);
    return rebuilt;
  });
  const recovery = await recoverStore(fileSystem, layout, state, recovering);
  const { state: recovered, broken, damaged, rolledBack } = recovery;
  warnOfLeft(logger, recovery.left);
  warnOfRolledBack(logger, rolledBack);
  // Without its receipt the state knows nothing of a build: somebody has to install it again.
  const lost = [...damaged].filter((pluginId) => isRebuilt || !Object.hasOwn(recovered.plugins, pluginId));
  const report = { isRebuilt, plugins: Object.keys(recovered.plugins), broken: [...new Set([...broken, ...lost])] };
  return { report, recovered, rolledBack };
}

/** Throws E_STATE_NEWER: what a newer program puts where, and what is rubbish of it, this one does not know. */
async function refuseNewer(fileSystem: StoreFileSystem, layout: StoreLayout): Promise<void> {
  await readState(fileSystem, layout).catch((error: unknown) => {
    if (error instanceof PluginError && error.code === 'E_STATE_NEWER') throw error;
  });
}

/** What the text of a state says that cannot be read any more: the clock may have gone back since. */
function generationIn(text: string): number {
  const [, digits = '0'] = /"generation"\s*:\s*(\d{1,15})\b/.exec(text) ?? [];
  return Number(digits);
}

function warnOfRolledBack(logger: Logger, rolledBack: Recovery['rolledBack']): void {
  for (const { pluginId } of rolledBack)
    logger.warn({ pluginId }, 'the active version of a plugin is gone: the one before it is active');
}

function warnOfLeft(logger: Logger, left: readonly unknown[]): void {
  if (left.length === 0) return;
  logger.warn({ err: left[0], count: left.length }, 'what a crash left behind could not all be removed: it stays');
}
