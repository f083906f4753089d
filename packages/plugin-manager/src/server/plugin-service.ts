import type { IncomingMessage } from 'node:http';
import { systemClock, type Clock } from '@fleetwire/websocket-core';
import { addressBlockOf, type ChannelSource, type Identity, type Logger } from '@fleetwire/websocket-core/server';
import type { PluginSearch } from '../node/plugin-manager-catalog.ts';
import type { Operation } from '../node/operation.ts';
import type { ActorOptions, PluginManager } from '../node/plugin-manager-interface.ts';
import { PluginError } from '../protocol/error.ts';
import type { CatalogEntry } from '../protocol/release.ts';
import type { PluginRuntime } from '../protocol/runtime.ts';
import type {
  CatalogDetails,
  CatalogRelease,
  CatalogSearch,
  PluginDetails,
  PluginList,
  PluginOperationView,
  PluginSummary,
  PluginUpdateList,
} from '../protocol/wire.ts';
import { createKnownTitles } from './known-titles.ts';
import { createOperationRegistry } from './operation-registry.ts';
import { createOperationChannel, createPluginsChannel } from './plugin-channels.ts';
import { createPageRuntime } from './page-runtime.ts';
import { createSharedRuntime } from './shared-runtime.ts';
import { createPluginFiles, type HandleRequest } from './plugin-files.ts';
import {
  catalogDetailsOf,
  catalogReleaseOf,
  detailsOf,
  managedSummaryOf,
  searchOf,
  summaryOf,
  updatesOf,
} from './plugin-views.ts';

/** What a service is made of. */
export interface PluginServiceOptions {
  /** It stays its owner's to dispose. */
  readonly manager: PluginManager;
  readonly logger: Logger;
  /** Default: the clock of the machine. */
  readonly clock?: Clock | undefined;
  /** Path of the files, as the manager has it. Default: `/plugins`. */
  readonly publicPath?: string | undefined;
  /** Whether somebody is told of operations on the channel `plugins`, beside the store's generation. Default: everybody. */
  readonly seesOperations?: ((identity: Identity) => boolean) | undefined;
  /**
   * Names whoever a request for a file is of: one client has a share of what is sent at the same time, and no more.
   * Default: the address of the peer, of IPv6 its /64; behind a proxy that is the address of the proxy.
   */
  readonly clientOf?: ((request: IncomingMessage) => string) | undefined;
}

/** Operations of a manager, whoever started them. */
export interface PluginOperations {
  /** Undefined for one that there is not, that ended more than an hour ago, or before this service was made. */
  get(operationId: string): PluginOperationView | undefined;
  /** Cancels it unless it has ended, or what it does is active already; undefined for one that there is not. */
  cancel(operationId: string): PluginOperationView | undefined;
  /** How many wait and run: whoever starts some bounds them by it. */
  pending(): number;
}

/** A manager as the wire sees it: answers, channels and files. Methods reject with `PluginError`s. */
export interface PluginService {
  /** `plugins`, for whoever has signed in, and `plugins/ops/{id}`, for those who may manage plugins: the caller checks that. */
  readonly channels: readonly ChannelSource[];
  readonly operations: PluginOperations;
  /** Serves the files; it asks nobody who they are. */
  readonly handleRequest: HandleRequest;
  list(): Promise<PluginList>;
  details(pluginId: string): Promise<PluginDetails>;
  /** At most a second old, never of another generation than the store's, and one reading for all who ask meanwhile. */
  runtime(): Promise<PluginRuntime>;
  /**
   * The same for pages: rejects with E_TIMEOUT rather than wait longer than a second.
   */
  pageRuntime(): Promise<PluginRuntime>;
  search(search: PluginSearch, signal?: AbortSignal): Promise<CatalogSearch>;
  catalogDetails(pluginId: string, signal?: AbortSignal): Promise<CatalogDetails>;
  catalogRelease(pluginId: string, version: string, signal?: AbortSignal): Promise<CatalogRelease>;
  /** `isLive`: from the sources themselves, and not as they are shown. */
  updates(signal?: AbortSignal, options?: { readonly isLive?: boolean }): Promise<PluginUpdateList>;
  setEnabled(pluginId: string, isEnabled: boolean, options?: ActorOptions): Promise<PluginSummary>;
  setPinned(pluginId: string, isPinned: boolean, options?: ActorOptions): Promise<PluginSummary>;
  /** Resolves when all operations that wait and run have ended; whoever reads no file meanwhile is not waited for. */
  drain(): Promise<void>;
  /** Follows nothing any more; operations go on. */
  dispose(): void;
}

/** Versions that are looked at for one that cannot be read: so many, and so many prereleases after those. */
const maxLookedAt = 5;

/** Makes the service of a manager. */
export function createPluginService(options: PluginServiceOptions): PluginService {
  const { manager, logger, clock = systemClock, publicPath = '/plugins' } = options;
  const registry = createOperationRegistry(clock, logger);
  const { clientOf = peerOf } = options;
  const files = createPluginFiles({ manager, logger, publicPath, clock, clientOf });
  const runtime = createSharedRuntime(manager, clock);
  const titles = createKnownTitles();
  const generationListeners = new Set<(generation: number) => void>();

  /** Before it is asked for anything, nothing is known of a plugin; what is installed can be looked up. */
  async function follow(operation: Operation<unknown>): Promise<void> {
    const { id, pluginId } = operation;
    const known = titles.get(pluginId);
    registry.track(operation, known);
    if (known !== undefined) return;
    const plugin = await manager.get(pluginId).catch(() => undefined);
    if (plugin !== undefined) registry.entitle(id, titles.heard(managedSummaryOf(plugin)).title);
  }

  const undo = manager.events.subscribe((event) => {
    if (event.type === 'operation') void follow(event.operation);
    else for (const listener of [...generationListeners]) listener(event.generation);
  });
  const generations = {
    current: () => manager.generation(),
    subscribe(listener: (generation: number) => void) {
      generationListeners.add(listener);
      return () => generationListeners.delete(listener);
    },
  };

  /** None where the store cannot be read: a catalog is shown all the same. */
  async function installedVersions(): Promise<ReadonlyMap<string, string>> {
    try {
      return await manager.installedVersions();
    } catch (err) {
      logger.warn({ err }, 'a catalog is shown without what is installed');
      return new Map();
    }
  }

  /**
   * The newest version that cannot be planned by what its source says of it: a plan looks at no older one. Prereleases come
   * last, as the policy may have a plan pass over them. `refusal` is of that plan: it is said of the newest version where
   * none of those that are looked at is the one.
   */
  async function firstUnreadable(
    { versions }: Pick<CatalogEntry, 'versions'>,
    pluginId: string,
    refusal: PluginError,
    signal: AbortSignal | undefined,
  ): Promise<CatalogDetails['passedOver']> {
    const newestOf = (kind: 'stable' | 'prerelease'): CatalogEntry['versions'] =>
      versions.filter(({ isPrerelease }) => isPrerelease === (kind === 'prerelease')).slice(0, maxLookedAt);
    const lookedAt = [...newestOf('stable'), ...newestOf('prerelease')];
    for (const { version } of lookedAt) {
      try {
        await manager.plan(pluginId, { version, signal });
      } catch (error) {
        return isOfRelease(error) ? [{ version, reason: error.message }] : [];
      }
    }
    return lookedAt.slice(0, 1).map(({ version }) => ({ version, reason: refusal.message }));
  }

  const summary = async (pluginId: string): Promise<PluginSummary> => managedSummaryOf(await manager.get(pluginId));

  return {
    channels: [createPluginsChannel(registry, generations, options.seesOperations), createOperationChannel(registry)],
    operations: {
      get: (id) => registry.get(id),
      cancel: (id) => (registry.cancel(id) ? registry.get(id) : undefined),
      pending: () => registry.list().filter(({ endedAt }) => endedAt === undefined).length,
    },
    handleRequest: files.handleRequest,
    async list() {
      const generation = await manager.generation();
      const items = (await manager.list()).map(summaryOf);
      for (const item of items) if (item.managed) titles.heard(item);
      return { generation, items };
    },
    details: async (pluginId) => detailsOf(await manager.get(pluginId)),
    runtime,
    pageRuntime: createPageRuntime(runtime, clock),
    async search(search, signal) {
      const [found, installed] = await Promise.all([manager.search(search, signal), installedVersions()]);
      const answer = searchOf(found, installed);
      // What is installed is called as its package says, whatever a catalog does.
      for (const item of answer.items) if (item.installedVersion === undefined) titles.heard(item);
      return answer;
    },
    async catalogDetails(pluginId, signal) {
      const [entry, plan, installed] = await Promise.all([
        manager.describe(pluginId, signal),
        manager.plan(pluginId, { signal }).catch(refusalWhereNone),
        installedVersions(),
      ]);
      const details =
        plan instanceof PluginError
          ? catalogDetailsOf(entry, undefined, installed, await firstUnreadable(entry, pluginId, plan, signal))
          : catalogDetailsOf(entry, plan, installed);
      return details.installedVersion === undefined ? titles.heard(details) : details;
    },
    catalogRelease: async (pluginId, version, signal) =>
      catalogReleaseOf(await manager.plan(pluginId, { version, signal })),
    updates: async (signal, live) => updatesOf(await manager.checkForUpdates(signal, live)),
    async setEnabled(pluginId, isEnabled, actor) {
      await manager.setEnabled(pluginId, isEnabled, actor);
      return summary(pluginId);
    },
    async setPinned(pluginId, isPinned, actor) {
      await manager.setPinned(pluginId, isPinned, actor);
      return summary(pluginId);
    },
    drain() {
      files.drain();
      return registry.settled();
    },
    dispose() {
      undo();
      files.dispose();
      registry.dispose();
      generationListeners.clear();
    },
  };
}

/** A plugin of which no version can be planned is shown all the same. */
function refusalWhereNone(error: unknown): PluginError {
  if (isOfRelease(error)) return error;
  throw error;
}

/** Whether it is what a source says, or the policy, that stands in the way, and will do so again. */
function isOfRelease(error: unknown): error is PluginError {
  return (
    error instanceof PluginError &&
    ['resolve', 'policy', 'integrity', 'compat'].includes(error.phase) &&
    !error.retryable
  );
}

function peerOf({ socket }: IncomingMessage): string {
  return addressBlockOf(socket.remoteAddress ?? '');
}
