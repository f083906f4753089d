import type { Logger } from '@fleetwire/websocket-core/server';
import { PluginError } from '../../protocol/error.ts';
import { rebuildState } from '../../core/state/recovery.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { emptyState } from '../../core/state/transitions.ts';
import type { RepairReport } from './plugin-store.ts';
import { emptyStaging, findBuilds, recoverStore } from './recover-store.ts';
import { readState, replaceState } from './state-file.ts';
import type { StoreLayout } from './store-layout.ts';

/** What both work on; under the store's lock. */
export interface StartOptions {
  readonly fileSystem: StoreFileSystem;
  readonly layout: StoreLayout;
  readonly trashName: () => string;
}

/** Makes the state of a new store, and puts right what a crash left behind in another. */
export async function startStore({
  fileSystem,
  layout,
  trashName,
  logger,
}: StartOptions & { readonly logger: Logger }): Promise<void> {
  await emptyStaging(fileSystem, layout);
  await fileSystem.remove(layout.stateDraft);
  const isNew =
    (await fileSystem.kind(layout.stateFile)) === undefined && (await findBuilds(fileSystem, layout)).length === 0;
  if (isNew) await replaceState(fileSystem, layout, emptyState);
  const recovery = await recoverStore(fileSystem, layout, await readState(fileSystem, layout), trashName);
  for (const pluginId of recovery.rolledBack)
    logger.warn({ pluginId }, 'the active version of a plugin is gone: the one before it is active');
  for (const pluginId of recovery.broken) logger.error({ pluginId }, 'no version of an installed plugin is left');
}

/** Makes state and store agree; where the state is lost it is made anew of the receipts. */
export async function repairStore({
  fileSystem,
  layout,
  trashName,
  now,
}: StartOptions & { readonly now: () => number }): Promise<RepairReport> {
  let isRebuilt = false;
  const state = await readState(fileSystem, layout).catch(async (error: unknown) => {
    if (!(error instanceof PluginError) || error.code !== 'E_STATE_CORRUPT') throw error;
    isRebuilt = true;
    const receipts = (await findBuilds(fileSystem, layout)).map(({ receipt }) => receipt);
    // More than any count of changes, so that whoever knew an earlier generation takes this for a newer one.
    const rebuilt = rebuildState(receipts, Math.max(1, Math.trunc(now())));
    if ((await fileSystem.kind(layout.stateFile)) !== undefined)
      await fileSystem.rename(layout.stateFile, layout.corruptState);
    await replaceState(fileSystem, layout, rebuilt);
    return rebuilt;
  });
  const { state: recovered, broken } = await recoverStore(fileSystem, layout, state, trashName);
  return { isRebuilt, plugins: Object.keys(recovered.plugins), broken };
}
