import type { Logger } from '@fleetwire/websocket-core/server';
import type { PluginPhase } from '../../protocol/error.ts';
import { parsePluginId, pluginIdOf } from '../../protocol/plugin-id.ts';
import type { Receipt, ReceiptFile } from '../../protocol/receipt.ts';
import type { InstalledBuild, InstalledState } from '../../protocol/state.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import {
  buildsOf,
  installedOf,
  stateTransition,
  type StateEffect,
  type StateEvent,
} from '../../core/state/transitions.ts';
import { commitBuild, requireManaged, sealBuild, type CommitOptions } from './commit-build.ts';
import { hashAhead, verifyHashed } from './hash-ahead.ts';
import { emptyTrash, trashBuild, type LoadingRefusal } from './recover-store.ts';
import { readState, replaceState } from './state-file.ts';
import { storeError } from './store-error.ts';
import type { StoreLayout } from './store-layout.ts';
import { buildOfReceipt, readReceipt, requireIntact } from './verify-build.ts';

/** What changes a store: each under its lock, by one replacement of its state, and swept up behind. */
export interface StoreChanges {
  /** Takes a folder that was staged into the store; the disk has the `synced` files already. */
  commit(
    folder: string,
    receipt: Receipt,
    decide: CommitOptions['decide'],
    synced?: readonly ReceiptFile[],
  ): Promise<InstalledState>;
  change(
    event: Extract<StateEvent, { readonly type: 'rollback' | 'setEnabled' | 'setPinned' }>,
  ): Promise<InstalledState>;
  uninstall(pluginId: string): Promise<void>;
  /** Empties the trash; what cannot be removed stays for the next time. */
  sweep(): Promise<void>;
}

/** What changes are made with. */
export interface StoreChangesOptions {
  readonly fileSystem: StoreFileSystem;
  readonly layout: StoreLayout;
  readonly logger: Logger;
  readonly trashName: () => string;
  readonly loadingRefusal: LoadingRefusal;
  readonly withLock: <T>(
    work: () => Promise<T>,
    context?: { readonly phase?: PluginPhase; readonly pluginId?: string },
  ) => Promise<T>;
}

/** Makes them for one store. */
export function createStoreChanges(options: StoreChangesOptions): StoreChanges {
  const { fileSystem, layout, logger, trashName, loadingRefusal, withLock } = options;

  /** What fails here is done by the next start. */
  async function cleanUp(effects: readonly StateEffect[]): Promise<void> {
    for (const { pluginId, build } of effects) {
      await trashBuild(fileSystem, layout, pluginId, build, trashName()).catch((error: unknown) => {
        logger.warn({ err: error, pluginId, build }, 'a version of a plugin could not be removed');
      });
    }
  }

  async function sweep(): Promise<void> {
    const left = await emptyTrash(fileSystem, layout).catch((error: unknown) => [error]);
    if (left.length === 0) return;
    logger.warn({ err: left[0], count: left.length }, 'the trash of the plugin store could not be emptied');
  }

  /** What a rollback goes to. */
  async function previousOf(pluginId: string): Promise<InstalledBuild | undefined> {
    return installedOf(await readState(fileSystem, layout), pluginId).previous[0];
  }

  async function isNamed(pluginId: string, build: string): Promise<boolean> {
    const { plugins } = await readState(fileSystem, layout);
    return buildsOf(plugins[pluginId]).some((named) => named.build === build);
  }

  /** Under the lock. */
  async function apply(event: StateEvent): Promise<InstalledState | undefined> {
    const state = await readState(fileSystem, layout);
    const next = stateTransition(state, event);
    if (next.state !== state) await replaceState(fileSystem, layout, next.state);
    await cleanUp(next.effects);
    return next.state.plugins[event.pluginId];
  }

  return {
    sweep,
    async commit(folder, receipt, decide, synced) {
      const pluginId = pluginIdOf(receipt.ref);
      const build = buildOfReceipt(receipt);
      try {
        await sealBuild(fileSystem, folder, receipt, synced);
      } catch (error) {
        throw storeError(error, { pluginId });
      }
      const isThere = await isNamed(pluginId, build).catch(() => false);
      const ahead = isThere ? await hashAhead(fileSystem, layout, pluginId, build) : undefined;
      const installed = await withLock(
        async () => {
          const done = await commitBuild(fileSystem, layout, folder, receipt, { build, decide, trashName, ahead });
          await cleanUp(done.effects);
          return done.installed;
        },
        { pluginId },
      );
      await sweep();
      return installed;
    },
    async change(event) {
      const { pluginId } = event;
      parsePluginId(pluginId);
      const previous = event.type === 'rollback' ? await previousOf(pluginId).catch(() => undefined) : undefined;
      const ahead = previous && (await hashAhead(fileSystem, layout, pluginId, previous.build));
      const installed = await withLock(
        async () => {
          if (event.type === 'rollback') {
            const to = await previousOf(pluginId);
            if (to) {
              requireIntact(await verifyHashed(fileSystem, layout, pluginId, to.build, ahead));
              const refusal = loadingRefusal(await readReceipt(fileSystem, layout, pluginId, to.build));
              if (refusal) throw refusal;
            }
          }
          return apply(event);
        },
        { pluginId },
      );
      await sweep();
      if (!installed) throw new Error('a plugin that was changed is gone');
      return installed;
    },
    async uninstall(pluginId) {
      parsePluginId(pluginId);
      await withLock(
        async () => {
          const { plugins } = await readState(fileSystem, layout);
          if (!Object.hasOwn(plugins, pluginId)) await requireManaged(fileSystem, layout, pluginId);
          await apply({ type: 'remove', pluginId });
        },
        { pluginId },
      );
      await sweep();
    },
  };
}
