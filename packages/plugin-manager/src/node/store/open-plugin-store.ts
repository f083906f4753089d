import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Logger } from '@fleetwire/websocket-core/server';
import { PluginError } from '../../protocol/error.ts';
import { parsePluginId, pluginIdOf } from '../../protocol/plugin-id.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { PluginState } from '../../protocol/state.ts';
import type { Recovery } from '../../core/state/recovery.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { buildsOf, emptyState, installedOf } from '../../core/state/transitions.ts';
import { createArchiveCache } from './archive-cache.ts';
import { createAuditFile } from './audit-file.ts';
import { createBuildFiles } from './build-files.ts';
import { nodeFileSystem } from './file-system.ts';
import { createKeyedQueue } from './keyed-queue.ts';
import { listStore } from './list-store.ts';
import { makeRoot } from './make-root.ts';
import type { PluginStore } from './plugin-store.ts';
import type { LoadingRefusal } from './recover-store.ts';
import { createStageArea } from './stage-area.ts';
import { repairStore, startStore } from './start-store.ts';
import { readFirstState, readState } from './state-file.ts';
import { createStoreAccess } from './store-access.ts';
import { createStoreChanges } from './store-changes.ts';
import { storeError } from './store-error.ts';
import { storeLayout } from './store-layout.ts';
import { requireStoreRoot, strangerIn } from './store-root.ts';
import { readSettled } from './read-settled.ts';
import { verifyBuild } from './verify-build.ts';

const mebibyte = 1024 * 1024;

/** What a store is opened with. */
export interface PluginStoreOptions {
  /** Made if need be. */
  readonly root: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1, for waits alone. Default: the machine's. */
  readonly random?: (() => number) | undefined;
  readonly logger: Logger;
  /** How long to wait for another process. Default: 10,000. */
  readonly lockTimeoutMs?: number | undefined;
  /** Default: 512 MiB. */
  readonly maxCacheBytes?: number | undefined;
  /** Of `audit.jsonl`; the one before is kept beside it. Default: 4 MiB. */
  readonly maxAuditBytes?: number | undefined;
  /**
   * Why a build may not be loaded; asked before a rollback, also one of a start, and before a file is opened. Default:
   * every build may be.
   */
  readonly loadingRefusal?: ((receipt: Receipt) => PluginError | undefined) | undefined;
  /**
   * Told, and waited for, when plugins were taken back to an earlier version, since the files of the active one are gone:
   * by the opening, by the first change of a store whose disk could not be written to then, or by a repair.
   */
  readonly onRecovered?:
    ((recovered: Recovery['rolledBack'], store: Pick<PluginStore, 'audit'>) => Promise<void>) | undefined;
  /** Default: the disk of the machine. */
  readonly fileSystem?: StoreFileSystem | undefined;
}

/**
 * Opens a store and puts right what a crash left behind. One that cannot be written to, or is full, is opened for reading,
 * and put right by the first change that finds it otherwise; one whose `state.json` cannot be read is opened for `repair`.
 * A folder that holds other things and no store is left as it is: it has no plugins, and changes are E_UNMANAGED.
 * Throws a {@link PluginError} with E_LOCKED or E_STORE.
 */
export async function openPluginStore(options: PluginStoreOptions): Promise<PluginStore> {
  const { now, random = Math.random, logger, lockTimeoutMs = 10_000, maxCacheBytes = 512 * mebibyte } = options;
  const { fileSystem = nodeFileSystem, maxAuditBytes = 4 * mebibyte } = options;
  const loadingRefusal: LoadingRefusal = options.loadingRefusal ?? (() => undefined);
  const plugins = createKeyedQueue();
  const token = randomBytes(8).toString('hex');
  /** Since the opening or the last repair, for the next one to name. */
  const takenBack: Recovery['rolledBack'][number][] = [];
  let trashed = 0;
  const trashName = (): string => `${token}-${String((trashed += 1))}`;

  // So that a path which comes back different from `realpath` tells of a link below the root.
  await makeRoot(fileSystem, resolve(options.root)).catch(() => undefined);
  const root = await realPathOf(resolve(options.root));
  const layout = storeLayout(root);
  const { withLock, isStarted, ready } = createStoreAccess({
    fileSystem,
    layout,
    wait: { timeoutMs: lockTimeoutMs, random },
    start: () => startStore({ fileSystem, layout, logger, trashName, loadingRefusal }),
    onRecovered,
    makeRoom,
  });
  const files = createBuildFiles(fileSystem, layout);
  const auditFile = createAuditFile({ fileSystem, layout, maxBytes: maxAuditBytes, withLock });
  const cache = createArchiveCache(fileSystem, layout, { maxBytes: maxCacheBytes });
  const changes = createStoreChanges({ fileSystem, layout, logger, trashName, loadingRefusal, makeRoom, withLock });
  const area = createStageArea({ fileSystem, layout, token, withLock });

  async function makeRoom(reason: unknown): Promise<void> {
    logger.warn({ err: reason }, 'the disk of the plugin store is full: archives that were kept for later are removed');
    await cache.makeRoom().catch(() => undefined);
    await changes.sweep();
  }

  async function onRecovered(recovered: Recovery['rolledBack']): Promise<void> {
    takenBack.push(...recovered);
    if (recovered.length > 0) await options.onRecovered?.(recovered, store);
  }

  async function currentState(): Promise<PluginState> {
    if (isStarted()) return readState(fileSystem, layout);
    const isForeign = (await strangerIn(fileSystem, layout)) !== undefined;
    return isForeign ? emptyState : readFirstState(fileSystem, layout);
  }

  async function reading<T>(work: () => Promise<T>, pluginId?: string): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeError(error, { phase: 'resolve', pluginId });
    }
  }

  const store: PluginStore = {
    stateFile: layout.stateFile,
    ready: () => ready({ phase: 'resolve' }),
    state: () => reading(() => currentState()),
    async stage(pluginId) {
      parsePluginId(pluginId);
      await ready({ phase: 'extract', pluginId });
      return area.stage(pluginId);
    },
    async commit(staging, receipt, decide, synced) {
      const pluginId = pluginIdOf(receipt.ref);
      const folder = area.buildFolderOf(staging);
      if (folder === undefined || staging.pluginId !== pluginId) {
        const message = `expected what was staged for ${pluginId}; got what was staged for ${staging.pluginId}`;
        throw new PluginError('E_STORE', message, { phase: 'commit', pluginId });
      }
      const keepStaged = () => {
        area.keep(staging);
      };
      const installed = await changes.commit(folder, receipt, { decide, synced, keepStaged });
      await staging.discard().catch((error: unknown) => {
        logger.warn({ err: error, pluginId }, 'what was staged could not be removed');
      });
      return installed;
    },
    uninstall: (pluginId) => changes.uninstall(pluginId),
    rollback: (pluginId, warn) =>
      changes.rollback(pluginId, ({ version, reason, isKept }) => {
        logger.warn({ err: reason, pluginId, version }, 'a version of a plugin cannot be gone back to');
        warn?.(`version ${version} is passed over, and ${isKept ? 'kept' : 'removed'}: ${reason.message}`);
      }),
    setEnabled: (pluginId, isEnabled) => changes.change({ type: 'setEnabled', pluginId, isEnabled }),
    setPinned: (pluginId, isPinned) => changes.change({ type: 'setPinned', pluginId, isPinned }),
    async verify(pluginId, signal) {
      parsePluginId(pluginId);
      const verifyActive = async () => {
        const state = await currentState();
        const { active } = installedOf(state, pluginId);
        const report = await verifyBuild(fileSystem, layout, pluginId, active.build, signal);
        return { generation: state.generation, report };
      };
      const settled = await reading(
        () =>
          readSettled({
            read: verifyActive,
            isWhole: ({ report }) => report.isIntact,
            generation: async () => (await currentState()).generation,
          }),
        pluginId,
      );
      return settled.report;
    },
    receipt: (pluginId, build) => reading(() => files.receipt(pluginId, build), pluginId),
    async repair() {
      const { report, recovered, rolledBack } = await withLock(() =>
        repairStore({ fileSystem, layout, logger, now, trashName, loadingRefusal }),
      );
      await onRecovered(rolledBack);
      await changes.sweep();
      const named = takenBack
        .splice(0)
        .filter(({ pluginId, to }) => recovered.plugins[pluginId]?.active.build === to.build)
        .map(({ pluginId, from, to }) => ({ pluginId, from: from.version, to: to.version }));
      return { ...report, rolledBack: named };
    },
    list: () => reading(() => listStore(fileSystem, layout, files, () => currentState())),
    async openFile(pluginId, build, path) {
      parsePluginId(pluginId);
      return reading(async () => {
        const { plugins: installed } = await currentState();
        if (buildsOf(installed[pluginId]).some((named) => named.build === build)) {
          const refusal = loadingRefusal(await files.receipt(pluginId, build));
          if (refusal) throw refusal;
          return files.open(pluginId, build, path);
        }
        const message = `no installed build of ${pluginId} has this file`;
        const details = { build: build.slice(0, 300), path: path.slice(0, 300) };
        throw new PluginError('E_NOT_FOUND', message, { phase: 'resolve', pluginId, details });
      }, pluginId);
    },
    async checkFile(pluginId, build, path) {
      parsePluginId(pluginId);
      return reading(() => files.check(pluginId, build, path), pluginId);
    },
    queue: (pluginId, work, left) => plugins.run(pluginId, work, left),
    cache,
    async audit(record) {
      await reading(async () => {
        if (!isStarted()) await requireStoreRoot(fileSystem, layout);
        await auditFile.append({ at: now(), ...record });
      });
    },
    dispose: () => area.dispose(),
  };

  try {
    await withLock(() => currentState());
  } catch (error) {
    const failure = storeError(error);
    const isReadable = ['E_STORE_UNWRITABLE', 'E_STORE_FULL', 'E_STATE_CORRUPT', 'E_STATE_NEWER', 'E_UNMANAGED'];
    if (!isReadable.includes(failure.code)) throw failure;
    logger.error({ err: failure }, 'the plugin store is not in order: nothing in it can be changed for now');
    // Nothing there was thrown away by a store, or by one that this program knows.
    if (['E_UNMANAGED', 'E_STATE_NEWER'].includes(failure.code)) return store;
  }
  await changes.sweep();
  return store;
}

/** Also of what is not there yet: where it will be. */
async function realPathOf(path: string): Promise<string> {
  return realpath(path).catch(async () => {
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOf(parent), basename(path));
  });
}
