import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import type { PluginPolicy } from '../core/policy.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginHost } from '../protocol/host.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';
import type { CatalogEntry } from '../protocol/release.ts';
import type { InstalledState } from '../protocol/state.ts';
import { extractArchive, planArchive } from './archive.ts';
import { createFetcher, type Fetcher } from './fetch/create-fetcher.ts';
import type { InstallPorts } from './install-pipeline-ports.ts';
import { runInstall, type InstallRequest, type InstallResult } from './install-pipeline.ts';
import { startOperation, type Operation, type OperationAction, type OperationContext } from './operation.ts';
import {
  createPluginCatalog,
  type InstallPlan,
  type PluginCatalog,
  type PluginUpdate,
} from './plugin-manager-catalog.ts';
import { listPlugins, type ListedManagedPlugin, type ListedPlugin } from './plugin-manager-listing.ts';
import { copyLocalArchive } from './plugin-manager-local-archive.ts';
import { policyPort } from './plugin-manager-policy.ts';
import type { PluginSource } from './sources/plugin-source.ts';
import { openPluginStore } from './store/open-plugin-store.ts';
import type { OpenedFile, PluginStore, RepairReport, Staging, VerifyReport } from './store/plugin-store.ts';

/** What an operation leaves in the audit: which plugin, what was tried, and what came of it. */
export interface PluginAuditRecord {
  readonly operationId: string;
  readonly action: OperationAction;
  readonly pluginId: string;
  readonly outcome: 'done' | 'failed' | 'cancelled';
  /** Of the error. */
  readonly code?: string | undefined;
}

/** What a manager is made of. */
export interface PluginManagerOptions {
  /** Folder of the store; made if need be. */
  readonly root: string;
  readonly host: PluginHost;
  /** From `parsePolicy`. */
  readonly policy: PluginPolicy;
  /** Under the names that the policy knows them by. */
  readonly sources: readonly PluginSource[];
  /** Default: `createFetcher()`. */
  readonly transport?: Pick<Fetcher, 'download'> | undefined;
  /** Default: the clock of the machine. */
  readonly clock?: Clock | undefined;
  /** Default: nothing is logged. */
  readonly logger?: Logger | undefined;
  /** Told of the end of each operation, beside `audit.jsonl` in the store. What it throws is logged. */
  readonly audit?: ((record: PluginAuditRecord) => void | Promise<void>) | undefined;
}

/** How an operation is started. */
export interface StartOptions {
  /** Cancels the operation. */
  readonly signal?: AbortSignal | undefined;
}

/** How a plugin is installed or updated. */
export interface InstallOptions
  extends StartOptions, Pick<InstallRequest, 'version' | 'acceptPublisher' | 'isEnabled'> {}

/** Finds, installs, updates and removes the plugins of one folder. Everything throws, or rejects with, `PluginError`s. */
export interface PluginManager {
  /** Also those that are broken or blocked, and folders that it did not make. */
  list(): Promise<readonly ListedPlugin[]>;
  /** Throws E_NOT_INSTALLED. */
  get(pluginId: string): Promise<ListedManagedPlugin>;
  search: PluginCatalog['search'];
  describe(pluginId: string, signal?: AbortSignal): Promise<CatalogEntry>;
  /** What `install` would do, as far as the catalog says. */
  plan(pluginId: string, options?: Pick<InstallOptions, 'version' | 'signal'>): Promise<InstallPlan>;
  install(pluginId: string, options?: InstallOptions): Operation<InstallResult>;
  /** Rejects with E_UP_TO_DATE where nothing newer fits. */
  update(pluginId: string, options?: InstallOptions): Operation<InstallResult>;
  uninstall(pluginId: string, options?: StartOptions): Operation<void>;
  /** To the version before, without a network. */
  rollback(pluginId: string, options?: StartOptions): Operation<InstalledState>;
  setEnabled(pluginId: string, isEnabled: boolean): Promise<InstalledState>;
  setPinned(pluginId: string, isPinned: boolean): Promise<InstalledState>;
  /** Of each managed plugin that is not pinned; one source that fails spoils the others nothing. */
  checkForUpdates(signal?: AbortSignal): Promise<readonly PluginUpdate[]>;
  verify(pluginId: string): Promise<VerifyReport>;
  repair(): Promise<RepairReport>;
  openFile(pluginId: string, build: string, path: string): Promise<OpenedFile>;
  /** Cancels what runs, waits for it, and leaves the store. */
  dispose(): Promise<void>;
}

const noLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * Makes a manager. It opens its store at once; what is wrong with the store is what the first call rejects with.
 */
export function createPluginManager(options: PluginManagerOptions): PluginManager {
  const { root, host, policy, sources, clock = systemClock, logger = noLogger, audit } = options;
  const { transport = createFetcher() } = options;
  const { limits } = policy;
  const now = () => clock.now();
  const catalog = createPluginCatalog({ sources, policy, host });
  const opening = openPluginStore({ root, now, logger });
  opening.catch(() => undefined);
  const running = new Set<Operation<unknown>>();
  let disposal: Promise<void> | undefined;

  function portsOf(store: PluginStore): InstallPorts<Staging> {
    return {
      host,
      limits,
      policy: policyPort(policy),
      store,
      resolve: (ref, version, signal) => catalog.resolve(ref, version, signal),
      download: ({ release, destination, signal, onBytes }) => {
        const { archiveUrl: url, digest, ref } = release;
        const archive = { url, destination, maxBytes: limits.maxDownloadBytes, digest, signal, onBytes };
        // Only a source that is a file itself may name files of this machine.
        const isFile = policy.sources.some(({ name, kind }) => name === ref.source && kind === 'file');
        if (isFile && url.startsWith('file:')) return copyLocalArchive(archive);
        return transport.download({ ...archive, policy: catalog.fetchPolicyOf(ref.source) });
      },
      planArchive,
      extractArchive,
      now,
    };
  }

  async function record(store: PluginStore, entry: PluginAuditRecord): Promise<void> {
    // What was done stays done, whoever cannot write it down.
    try {
      await store.audit({ ...entry });
      await audit?.(entry);
    } catch (err) {
      logger.error({ err, ...entry }, 'an operation on a plugin could not be written to the audit');
    }
  }

  function start<T>(
    action: OperationAction,
    pluginId: string,
    signal: AbortSignal | undefined,
    work: (store: PluginStore, context: OperationContext) => Promise<T>,
  ): Operation<T> {
    const id = randomUUID();
    const isLate = disposal !== undefined;
    const { turn, wait } = takeTurn(pluginId);
    const operation = startOperation<T>({
      id,
      action,
      pluginId,
      timeoutMs: limits.operationTimeoutMs,
      clock,
      signal,
      turn,
      work: async (context) => {
        parsePluginId(pluginId);
        if (isLate) throw disposed(pluginId);
        const store = await opening;
        const entry = { operationId: id, action, pluginId };
        try {
          const result = await work(store, context);
          await record(store, { ...entry, outcome: 'done' });
          return result;
        } catch (error) {
          const cause: unknown = context.signal.aborted ? context.signal.reason : error;
          const code = cause instanceof PluginError ? cause.code : undefined;
          await record(store, { ...entry, outcome: code === 'E_CANCELLED' ? 'cancelled' : 'failed', code });
          throw error;
        }
      },
    });
    running.add(operation);
    const ended = operation.then(
      () => undefined,
      () => undefined,
    );
    wait(ended);
    void ended.then(() => running.delete(operation));
    return operation;
  }

  /** A place in the plugin's queue; it is held until what `wait` is given has settled. */
  function takeTurn(pluginId: string) {
    let wait!: (ended: PromiseLike<void>) => void;
    const ended = new Promise<void>((resolve) => {
      wait = resolve;
    });
    const turn = new Promise<void>((resolve, reject) => {
      const hold = async (): Promise<void> => {
        resolve();
        await ended;
      };
      opening.then((store) => store.queue(pluginId, hold)).catch(reject);
    });
    return { turn, wait };
  }

  function install(mode: InstallRequest['mode'], pluginId: string, { signal, ...request }: InstallOptions = {}) {
    return start(mode, pluginId, signal, (store, context) =>
      runInstall({ ref: parsePluginId(pluginId), mode, ...request }, portsOf(store), context),
    );
  }

  async function change<T>(pluginId: string, work: (store: PluginStore) => Promise<T>): Promise<T> {
    parsePluginId(pluginId);
    if (disposal !== undefined) throw disposed(pluginId);
    const store = await opening;
    return store.queue(pluginId, () => work(store));
  }

  const list = async () => listPlugins(await opening, policy);

  return {
    list,
    async get(pluginId) {
      parsePluginId(pluginId);
      const found = (await list()).find((plugin) => plugin.managed && plugin.pluginId === pluginId);
      if (found?.managed === true) return found;
      throw new PluginError('E_NOT_INSTALLED', `${pluginId} is not installed`, { phase: 'resolve', pluginId });
    },
    search: (query, signal) => catalog.search(query, signal),
    describe: async (pluginId, signal) => catalog.describe(parsePluginId(pluginId), signal),
    async plan(pluginId, { version, signal } = {}) {
      const { plugins } = await (await opening).state();
      return catalog.plan(parsePluginId(pluginId), version, plugins[pluginId], signal);
    },
    install: (pluginId, request) => install('install', pluginId, request),
    update: (pluginId, request) => install('update', pluginId, request),
    uninstall: (pluginId, { signal } = {}) =>
      start('uninstall', pluginId, signal, (store, { enter }) => {
        enter('commit');
        return store.uninstall(pluginId);
      }),
    rollback: (pluginId, { signal } = {}) =>
      start('rollback', pluginId, signal, (store, { enter }) => {
        enter('commit');
        return store.rollback(pluginId);
      }),
    setEnabled: (pluginId, isEnabled) => change(pluginId, (store) => store.setEnabled(pluginId, isEnabled)),
    setPinned: (pluginId, isPinned) => change(pluginId, (store) => store.setPinned(pluginId, isPinned)),
    async checkForUpdates(signal) {
      const { plugins } = await (await opening).state();
      return catalog.updatesOf(plugins, signal);
    },
    verify: async (pluginId) => (await opening).verify(pluginId),
    repair: async () => (await opening).repair(),
    openFile: async (pluginId, build, path) => (await opening).openFile(pluginId, build, path),
    dispose() {
      disposal ??= (async () => {
        for (const operation of running) operation.cancel();
        await Promise.allSettled(running);
        const store = await opening.catch(() => undefined);
        await store?.dispose();
      })();
      return disposal;
    },
  };
}

function disposed(pluginId: string): PluginError {
  return new PluginError('E_CANCELLED', 'the plugin manager was disposed', { phase: 'resolve', pluginId });
}
