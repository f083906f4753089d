import { join } from 'node:path';
import type { Logger } from '@fleetwire/websocket-core/server';
import { PluginError } from '../../protocol/error.ts';
import { rebuildState, type Recovery } from '../../core/state/recovery.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import type { RepairReport } from './plugin-store.ts';
import { emptyStaging, findBuilds, recoverStore, type LoadingRefusal } from './recover-store.ts';
import { readState, replaceState } from './state-file.ts';
import type { StoreLayout } from './store-layout.ts';

/** What both work on; under the store's lock. */
export interface StartOptions {
  readonly fileSystem: StoreFileSystem;
  readonly layout: StoreLayout;
  readonly trashName: () => string;
  readonly loadingRefusal: LoadingRefusal;
}

/** Makes the state of a new store, and puts right what a crash left behind in another; gives what it rolled back. */
export async function startStore({
  fileSystem,
  layout,
  logger,
  ...recovering
}: StartOptions & { readonly logger: Logger }): Promise<Recovery['rolledBack']> {
  await emptyStaging(fileSystem, layout);
  await fileSystem.remove(layout.stateDraft);
  const state = await readState(fileSystem, layout);
  if ((await fileSystem.kind(layout.stateFile)) === undefined) await replaceState(fileSystem, layout, state);
  const recovery = await recoverStore(fileSystem, layout, state, recovering);
  for (const { pluginId } of recovery.rolledBack)
    logger.warn({ pluginId }, 'the active version of a plugin is gone: the one before it is active');
  for (const pluginId of recovery.broken)
    logger.error({ pluginId }, 'the active version of a plugin is gone, and nothing may take its place by itself');
  for (const pluginId of recovery.unreadable) logger.error({ pluginId }, 'the folder of a plugin cannot be read');
  return recovery.rolledBack;
}

/** Makes state and store agree; where the state is lost it is made anew of the receipts. */
export async function repairStore({
  fileSystem,
  layout,
  now,
  ...recovering
}: StartOptions & { readonly now: () => number }): Promise<RepairReport> {
  let isRebuilt = false;
  const state = await readState(fileSystem, layout).catch(async (error: unknown) => {
    if (!(error instanceof PluginError) || error.code !== 'E_STATE_CORRUPT') throw error;
    isRebuilt = true;
    const { found, failures } = await findBuilds(fileSystem, layout);
    // The new state would forget what is there and cannot be read now, and the next start would remove it.
    if (failures.length > 0) throw failures[0];
    // More than any count of changes, so that whoever knew an earlier generation takes this for a newer one.
    const rebuilt = rebuildState(found, Math.max(1, Math.trunc(now())));
    if ((await fileSystem.kind(layout.stateFile)) !== undefined) {
      // A folder, which may have stood there once, gives its place to nothing.
      if ((await fileSystem.kind(layout.corruptState)) !== undefined)
        await fileSystem.rename(layout.corruptState, join(layout.trash, recovering.trashName()));
      await fileSystem.rename(layout.stateFile, layout.corruptState);
    }
    await replaceState(fileSystem, layout, rebuilt);
    return rebuilt;
  });
  const { state: recovered, broken, damaged } = await recoverStore(fileSystem, layout, state, recovering);
  // Without its receipt the state knows nothing of a build: somebody has to install it again.
  const lost = [...damaged].filter((pluginId) => isRebuilt || !Object.hasOwn(recovered.plugins, pluginId));
  return { isRebuilt, plugins: Object.keys(recovered.plugins), broken: [...new Set([...broken, ...lost])] };
}
