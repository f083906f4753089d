import { randomUUID } from 'node:crypto';
import { systemClock } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import { loadingRefusal } from '../core/policy-checks.ts';
import { PluginError } from '../protocol/error.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';
import { createCallTracker } from './call-tracker.ts';
import { createFetcher } from './fetch/create-fetcher.ts';
import { createInstaller } from './plugin-manager-install.ts';
import { createPluginCatalog, type PluginCatalog } from './plugin-manager-catalog.ts';
import { createEventHub } from './plugin-manager-events.ts';
import type {
  ActorOptions,
  InstallOptions,
  PluginManager,
  PluginManagerOptions,
  StartOptions,
} from './plugin-manager-interface.ts';
import { getPlugin, listPlugins } from './plugin-manager-listing.ts';
import { createOperationRunner } from './plugin-manager-operations.ts';
import { planAlsoOffline } from './plugin-manager-plan-offline.ts';
import { readRuntime } from './plugin-manager-runtime.ts';
import { findUpdates, updateEach } from './plugin-updates.ts';
import { createStoreOpener } from './store-opener.ts';
import { openPluginStore, type PluginStoreOptions } from './store/open-plugin-store.ts';
import type { PluginStore, RepairReport } from './store/plugin-store.ts';
import type { SyncOperation, SyncOptions } from './sync-interface.ts';
import { acquireSyncLock } from './sync-lock.ts';
import { startSync } from './sync.ts';

const noLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * Makes a manager. It opens its store at once; where that fails, each call tries it again, and rejects with what is
 * wrong.
 */
export function createPluginManager(options: PluginManagerOptions): PluginManager {
  const { root, host, policy, sources, clock = systemClock, logger = noLogger, audit, writer } = options;
  const { transport = createFetcher() } = options;
  const publicPath = (options.publicPath ?? '/plugins').replace(/\/+$/, '');
  const now = () => clock.now();
  const storeOptions: PluginStoreOptions = {
    ...{ root, now, logger },
    loadingRefusal: (receipt) => loadingRefusal(policy, receipt),
    onRecovered: recordRecoveries,
  };
  const opener = createStoreOpener(
    () => openPluginStore(storeOptions),
    () => {
      hub.look();
    },
  );
  const open = (): Promise<PluginStore> => opener.open();
  const catalog = createPluginCatalog({ sources, policy, host });
  const shown = createPluginCatalog({ sources: options.shownSources ?? sources, policy, host });
  const installer = createInstaller({ catalog, transport, policy, host, now });
  const calls = createCallTracker({ timeoutMs: policy.limits.operationTimeoutMs, clock });
  const hub = createEventHub({ open, clock, logger });
  const operations = createOperationRunner({
    ...{ open, calls, timeoutMs: policy.limits.operationTimeoutMs, clock, logger, audit, writer },
    onStart: (operation) => {
      hub.emit({ type: 'operation', operation });
    },
    onEnd: () => {
      hub.look();
    },
  });
  let disposal: Promise<void> | undefined;

  open().catch(() => undefined);

  async function recordRecoveries(
    ...[recovered, store]: Parameters<NonNullable<PluginStoreOptions['onRecovered']>>
  ): Promise<void> {
    for (const { pluginId, from, to } of recovered) {
      const versions = { from: from.version, to: to.version };
      await operations.record(store, {
        ...{ operationId: randomUUID(), action: 'recover', pluginId, outcome: 'done' },
        ...versions,
      });
    }
  }

  function install(mode: 'install' | 'update', pluginId: string, { signal, actor, ...request }: InstallOptions = {}) {
    return operations.start(mode, pluginId, { signal, actor }, (store, context) =>
      installer.install({ ref: parsePluginId(pluginId), mode, ...request }, store, context),
    );
  }

  function repair(pluginId?: undefined, options?: ActorOptions): Promise<RepairReport>;
  function repair(pluginId: string, options?: StartOptions): ReturnType<typeof repairPlugin>;
  function repair(pluginId?: string, options: StartOptions = {}) {
    if (pluginId !== undefined) return repairPlugin(pluginId, options);
    return operations.change('repair', undefined, options, (store) => store.repair());
  }
  function repairPlugin(pluginId: string, start: StartOptions) {
    return operations.start('repair', pluginId, start, (store, context) =>
      installer.repair(parsePluginId(pluginId), store, context),
    );
  }

  const list = async () => listPlugins(await open(), policy, host);

  async function lookForUpdates(from: PluginCatalog, signal: AbortSignal) {
    const { plugins } = await (await open()).state();
    return findUpdates(from, plugins, signal);
  }

  /** A sync is cancelled by the end as by its own signal. */
  function sync(options: SyncOptions): SyncOperation {
    const { signal } = options;
    const ending = signal === undefined ? calls.signal : AbortSignal.any([signal, calls.signal]);
    const ports = { manager, acquire: async (until: AbortSignal) => acquireSyncLock(await open(), until) };
    const operation = startSync(ports, { ...options, signal: ending });
    calls.track(() => operation).catch(() => undefined);
    return operation;
  }

  const manager: PluginManager = {
    events: { subscribe: (listener) => hub.subscribe(listener) },
    generation: async () => (await (await open()).state()).generation,
    list,
    async installedVersions() {
      const { plugins } = await (await open()).state();
      return new Map(Object.entries(plugins).map(([pluginId, { active }]) => [pluginId, active.version]));
    },
    async get(pluginId) {
      parsePluginId(pluginId);
      const found = await getPlugin(pluginId, await open(), policy, host);
      if (found !== undefined) return found;
      throw new PluginError('E_NOT_INSTALLED', `${pluginId} is not installed`, { phase: 'resolve', pluginId });
    },
    runtime: async () => readRuntime({ store: await open(), policy, host, publicPath }),
    search: (query, signal) => calls.abortable(signal, (ending) => shown.search(query, ending)),
    describe: (pluginId, signal) =>
      calls.abortable(signal, async (ending) => shown.describe(parsePluginId(pluginId), ending)),
    plan: (pluginId, { version, signal } = {}) =>
      calls.abortable(signal, async (ending) => {
        const store = await open();
        const installed = (await store.state()).plugins[pluginId];
        return planAlsoOffline(shown, store, { ref: parsePluginId(pluginId), version, installed, signal: ending });
      }),
    install: (pluginId, request) => install('install', pluginId, request),
    update: (pluginId, request) => install('update', pluginId, request),
    updateAll: (start = {}) =>
      calls.track(async () => {
        const updates = await calls.abortable(start.signal, (ending) => lookForUpdates(catalog, ending));
        return updateEach(updates, (pluginId) => install('update', pluginId, start));
      }),
    uninstall: (pluginId, start = {}) =>
      operations.start('uninstall', pluginId, start, (store, { enter }) => {
        enter('commit');
        return store.uninstall(pluginId);
      }),
    rollback: (pluginId, start = {}) =>
      operations.start('rollback', pluginId, start, (store, { enter, warn }) => {
        enter('commit');
        return store.rollback(pluginId, warn);
      }),
    setEnabled: (pluginId, isEnabled, actor = {}) =>
      operations.change(isEnabled ? 'enable' : 'disable', pluginId, actor, (store) =>
        store.setEnabled(pluginId, isEnabled),
      ),
    setPinned: (pluginId, isPinned, actor = {}) =>
      operations.change(isPinned ? 'pin' : 'unpin', pluginId, actor, (store) => store.setPinned(pluginId, isPinned)),
    checkForUpdates: (signal, { isLive = false } = {}) =>
      calls.abortable(signal, (ending) => lookForUpdates(isLive ? catalog : shown, ending)),
    verify: (pluginId, start = {}) =>
      operations.start('verify', pluginId, start, (store, { enter, signal }) => {
        enter('integrity');
        return store.verify(pluginId, signal);
      }),
    repair,
    sync,
    openFile: async (pluginId, build, path) => (await open()).openFile(pluginId, build, path),
    dispose() {
      disposal ??= (async () => {
        await Promise.all([operations.dispose(), calls.end()]);
        hub.dispose();
        await opener.dispose();
      })();
      return disposal;
    },
  };
  return manager;
}
