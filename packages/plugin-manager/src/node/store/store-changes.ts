import type { Logger } from '@fleetwire/websocket-core/server';
import { parsePluginId, pluginIdOf } from '../../protocol/plugin-id.ts';
import type { Receipt, ReceiptFile } from '../../protocol/receipt.ts';
import type { InstalledBuild, InstalledState, PluginState } from '../../protocol/state.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import {
  buildsOf,
  installedOf,
  stateTransition,
  type StateEffect,
  type StateEvent,
} from '../../core/state/transitions.ts';
import { commitBuild, damagedBuilds, requireManaged, sealBuild, type CommitOptions } from './commit-build.ts';
import { hashAhead } from './hash-ahead.ts';
import { emptyTrash, trashBuild, type LoadingRefusal } from './recover-store.ts';
import { findRollbackTarget, type PassedOver } from './rollback-target.ts';
import { readState, replaceState } from './state-file.ts';
import type { StoreAccess, StoreAccessOptions } from './store-access.ts';
import { storeError } from './store-error.ts';
import { folderOf, type StoreLayout } from './store-layout.ts';
import { buildOfReceipt } from './verify-build.ts';

/** What changes a store: each under its lock, by one replacement of its state, and swept up behind. */
export interface StoreChanges {
  /** Takes a folder that was staged into the store; the disk has the `synced` files already. */
  commit(
    folder: string,
    receipt: Receipt,
    options: Pick<CommitOptions, 'decide' | 'keepStaged'> & { readonly synced?: readonly ReceiptFile[] | undefined },
  ): Promise<InstalledState>;
  change(event: Extract<StateEvent, { readonly type: 'setEnabled' | 'setPinned' }>): Promise<InstalledState>;
  /**
   * To the newest earlier version that is whole; `onPassedOver` is told of each that is damaged, which goes, or that the
   * disk cannot read, which stays. Where that one may not be loaded, or could be read at the next try, throws why, and
   * leaves everything as it is.
   */
  rollback(pluginId: string, onPassedOver: OnPassedOver): Promise<InstalledState>;
  /**
   * Where a full disk has no room for the new state, the plugin's files go first. If that is cut off, or is not enough, the
   * plugin is broken, and a call removes it once there is room for a state.
   */
  uninstall(pluginId: string): Promise<void>;
  /** Empties the trash; what cannot be removed stays for the next time. */
  sweep(): Promise<void>;
}

type OnPassedOver = (passedOver: PassedOver) => void;

/** What changes are made with. */
export interface StoreChangesOptions {
  readonly fileSystem: StoreFileSystem;
  readonly layout: StoreLayout;
  readonly logger: Logger;
  readonly trashName: () => string;
  readonly loadingRefusal: LoadingRefusal;
  readonly makeRoom: StoreAccessOptions['makeRoom'];
  readonly withLock: StoreAccess['withLock'];
}

function there(installed: InstalledState | undefined): InstalledState {
  if (!installed) throw new Error('a plugin that was changed is gone');
  return installed;
}

/** Makes them for one store. */
export function createStoreChanges(options: StoreChangesOptions): StoreChanges {
  const { fileSystem, layout, logger, trashName, loadingRefusal, makeRoom, withLock } = options;

  /** What fails here is done by the next start. */
  async function cleanUp(effects: readonly StateEffect[]): Promise<void> {
    for (const { pluginId, build } of effects) {
      try {
        // Removed by an earlier try.
        if ((await fileSystem.kind(folderOf(layout, pluginId, build))) === undefined) continue;
        await trashBuild(fileSystem, layout, pluginId, build, trashName());
      } catch (error) {
        logger.warn({ err: error, pluginId, build }, 'a version of a plugin could not be removed');
      }
    }
  }

  async function sweep(): Promise<void> {
    const left = await emptyTrash(fileSystem, layout).catch((error: unknown) => [error]);
    if (left.length === 0) return;
    logger.warn({ err: left[0], count: left.length }, 'the trash of the plugin store could not be emptied');
  }

  /** What a rollback may go to, newest first. */
  async function previousOf(pluginId: string): Promise<readonly InstalledBuild[]> {
    return installedOf(await readState(fileSystem, layout), pluginId).previous;
  }

  async function isNamed(pluginId: string, build: string): Promise<boolean> {
    const { plugins } = await readState(fileSystem, layout);
    return buildsOf(plugins[pluginId]).some((named) => named.build === build);
  }

  /** On a full disk, too: whoever removes a plugin wants to make room there, and archives are kept for later alone. */
  async function replaceAlsoFull(state: PluginState): Promise<void> {
    try {
      await replaceState(fileSystem, layout, state);
    } catch (error) {
      if (storeError(error).code !== 'E_STORE_FULL') throw error;
      await makeRoom(error);
      await replaceState(fileSystem, layout, state);
    }
  }

  /** Under the lock. */
  async function apply(event: StateEvent): Promise<InstalledState | undefined> {
    const state = await readState(fileSystem, layout);
    const next = stateTransition(state, event);
    if (next.state !== state) await replaceAlsoFull(next.state);
    await cleanUp(next.effects);
    return next.state.plugins[event.pluginId];
  }

  /** Under the lock. */
  async function removePlugin(pluginId: string): Promise<void> {
    const event = { type: 'remove', pluginId } as const;
    try {
      await apply(event);
    } catch (error) {
      if (storeError(error).code !== 'E_STORE_FULL') throw error;
      const state = await readState(fileSystem, layout);
      // The state may have been replaced, and not have come to the disk.
      if (!Object.hasOwn(state.plugins, pluginId)) throw error;
      const { effects } = stateTransition(state, event);
      // The active one last: a start after a crash goes back to no earlier version of what was to be removed.
      await cleanUp(effects.toReversed());
      await sweep();
      await apply(event);
    }
  }

  return {
    sweep,
    async commit(folder, receipt, { decide, synced, keepStaged }) {
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
          const options = { build, decide, trashName, ahead, keepStaged };
          const done = await commitBuild(fileSystem, layout, folder, receipt, options);
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
      const installed = await withLock(() => apply(event), { pluginId, mayMakeRoom: true });
      await sweep();
      return there(installed);
    },
    async rollback(pluginId, onPassedOver) {
      parsePluginId(pluginId);
      const [newest] = await previousOf(pluginId).catch(() => []);
      const ahead = newest && (await hashAhead(fileSystem, layout, pluginId, newest.build));
      const installed = await withLock(
        async () => {
          const previous = await previousOf(pluginId);
          const { target, passedOver } = await findRollbackTarget(pluginId, previous, {
            fileSystem,
            layout,
            loadingRefusal,
            ahead,
          });
          if (target === undefined && passedOver[0] !== undefined) throw passedOver[0].reason;
          const kept = passedOver.filter(({ isKept }) => isKept).map(({ build }) => build);
          const done = await apply({ type: 'rollback', pluginId, to: target?.build, kept });
          for (const each of passedOver) onPassedOver(each);
          return done;
        },
        { pluginId, mayMakeRoom: true },
      );
      await sweep();
      return there(installed);
    },
    async uninstall(pluginId) {
      parsePluginId(pluginId);
      await withLock(
        async () => {
          const { plugins } = await readState(fileSystem, layout);
          if (!Object.hasOwn(plugins, pluginId)) await requireManaged(fileSystem, layout, pluginId);
          const named = buildsOf(plugins[pluginId]).map(({ build }) => build);
          const damaged = await damagedBuilds(fileSystem, layout, pluginId, named).catch(() => []);
          await removePlugin(pluginId);
          await cleanUp(damaged);
        },
        { pluginId, mayMakeRoom: true },
      );
      await sweep();
    },
  };
}
