import { stat } from 'node:fs/promises';
import { checkPlugin } from '../core/policy-checks.ts';
import { parsePolicy, type PluginPolicy } from '../core/policy.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginHost } from '../protocol/host.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';
import { defaultUserPluginsDir } from './facade-folder.ts';
import { anyHost, hostOf, tellChecked } from './facade-host.ts';
import type { OnPluginProgress, StaticPlugin, StaticPluginInfo, StaticPluginManager } from './facade-interface.ts';
import { findInstalled, parseUrlOrRef } from './facade-names.ts';
import { doneMessages, pluginProgressOf, withKnownMessage } from './facade-progress.ts';
import { createFetcher, type Fetcher } from './fetch/create-fetcher.ts';
import { followOperation } from './follow-operation.ts';
import type { Operation } from './operation.ts';
import type { ListedPlugin } from './plugin-manager-listing.ts';
import type { PluginManager as Manager } from './plugin-manager-interface.ts';
import { withoutHost } from './plugin-manager-listing.ts';
import { createPluginManager } from './plugin-manager.ts';
import { createSources } from './sources/create-sources.ts';

/** What a façade works with. */
export interface PluginFacadeOptions {
  /** Default: Artifact Hub, with all that `parsePolicy({})` says. */
  readonly policy?: PluginPolicy | undefined;
  /** Default: `createFetcher()`. */
  readonly fetcher?: Fetcher | undefined;
}

/** Makes a façade like {@link PluginManager}, for other sources or through a proxy. */
export function createPluginFacade(options: PluginFacadeOptions = {}): StaticPluginManager {
  const { policy = parsePolicy({}), fetcher = createFetcher() } = options;

  async function withManager<T>(root: string, host: PluginHost, use: (manager: Manager) => Promise<T>): Promise<T> {
    const sources = createSources(policy, fetcher);
    const manager = createPluginManager({ root, host, policy, sources, transport: fetcher });
    try {
      return await use(manager);
    } finally {
      await manager.dispose();
    }
  }

  function follow<T>(operation: Operation<T>, tell: OnPluginProgress): Promise<T> {
    return followOperation(operation, (progress) => {
      const event = pluginProgressOf(progress);
      if (event !== undefined) tell(event);
    });
  }

  return {
    install: (urlOrRef, destinationFolder, hostVersion, onProgress, signal) =>
      told('install', onProgress, async (tell) => {
        const { pluginId, version } = parseUrlOrRef(urlOrRef, policy);
        const host = hostOf(hostVersion);
        return withManager(folderOf(destinationFolder), host, async (manager) => {
          const operation = manager.install(pluginId, { version, signal: signal ?? undefined });
          tellChecked((await follow(operation, tell)).receipt, host, tell);
          return staticPlugin(await manager.get(pluginId));
        });
      }),
    update: (pluginName, destinationFolder, hostVersion, onProgress, signal) =>
      told('update', onProgress, async (tell) => {
        const host = hostOf(hostVersion);
        const root = await existing(destinationFolder, pluginName);
        return withManager(root, host, async (manager) => {
          const { pluginId } = findInstalled(pluginName, await manager.list());
          const operation = manager.update(pluginId, { signal: signal ?? undefined });
          tellChecked((await follow(operation, tell)).receipt, host, tell);
          return staticPlugin(await manager.get(pluginId));
        });
      }),
    uninstall: (pluginName, destinationFolder, onProgress) =>
      told('uninstall', onProgress, async (tell) => {
        const root = await existing(destinationFolder, pluginName);
        return withManager(root, anyHost, async (manager) => {
          const { pluginId } = findInstalled(pluginName, await manager.list());
          await follow(manager.uninstall(pluginId), tell);
        });
      }),
    list: async (destinationFolder) => {
      const root = folderOf(destinationFolder);
      if (!(await isFolder(root))) return [];
      return withManager(root, anyHost, async (manager) => withoutHost(await manager.list()).map(staticPlugin));
    },
    fetchPluginInfo: (urlOrRef, { onProgress, signal } = {}) =>
      told('fetch', onProgress, async (tell) => {
        const { pluginId, version } = parseUrlOrRef(urlOrRef, policy);
        tell({ type: 'info', message: 'Fetching Plugin Metadata', percentage: 0 });
        return infoOf(pluginId, version, signal ?? new AbortController().signal);
      }),
  };

  async function infoOf(pluginId: string, asked: string | undefined, signal: AbortSignal): Promise<StaticPluginInfo> {
    const ref = parsePluginId(pluginId);
    checkPlugin(policy, ref);
    if (signal.aborted) throw new PluginError('E_CANCELLED', 'it was cancelled', { phase: 'resolve', pluginId });
    const source = createSources(policy, fetcher).find(({ name }) => name === ref.source);
    if (source === undefined) throw new PluginError('E_SOURCE_DENIED', ref.source, { phase: 'policy', pluginId });
    const { title, version, repositoryId } = await source.describe(ref, signal);
    const release = await source.release(ref, asked ?? version, signal);
    return {
      pluginId,
      name: ref.name,
      display_name: title,
      version: release.version,
      repository: { name: ref.repo, repository_id: repositoryId },
      archiveURL: release.archiveUrl,
      archiveChecksum: `${release.digest.algorithm.toUpperCase()}:${release.digest.hex}`,
      versionCompat: release.headlampVersions,
      distroCompat: release.distros?.join(','),
      extraFiles: release.extraFiles,
    };
  }
}

/**
 * The façade over Artifact Hub, for those who know the plugin management of Headlamp; see {@link StaticPluginManager}.
 * For everything else there is `createPluginManager`, whose type has the same name.
 */
export const PluginManager: StaticPluginManager = createPluginFacade();
/** The manager that `createPluginManager` makes. */
export type PluginManager = Manager;

/** Runs a call, and tells how it ended; exactly once, and before the promise settles. */
async function told<T>(
  action: keyof typeof doneMessages,
  onProgress: OnPluginProgress | null | undefined,
  work: (tell: OnPluginProgress) => Promise<T>,
): Promise<T> {
  let percentage = 0;
  const tell: OnPluginProgress = (progress) => {
    percentage = progress.percentage ?? percentage;
    try {
      onProgress?.(progress);
    } catch {
      // Whoever watches has no say in what is done.
    }
  };
  try {
    const result = await work(tell);
    tell({ type: 'success', message: doneMessages[action], percentage: 100 });
    return result;
  } catch (cause) {
    const error = cause instanceof PluginError ? withKnownMessage(cause) : cause;
    tell({ type: 'error', message: error instanceof Error ? error.message : String(error), percentage });
    throw error;
  }
}

function folderOf(destinationFolder: string | null | undefined): string {
  return destinationFolder === undefined || destinationFolder === null || destinationFolder === ''
    ? defaultUserPluginsDir()
    : destinationFolder;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Nothing is made where nothing can be installed. */
async function existing(destinationFolder: string | undefined, pluginName: unknown): Promise<string> {
  const root = folderOf(destinationFolder);
  if (!(await isFolder(root))) findInstalled(pluginName, []);
  return root;
}

function staticPlugin(plugin: ListedPlugin): StaticPlugin {
  const { pluginName, folderName, artifacthubURL, managed } = plugin;
  const named = { pluginName, folderName, ...(artifacthubURL !== undefined && { artifacthubURL }), managed };
  if (!plugin.managed) return named;
  const { pluginId, installed, receipt, status, reason } = plugin;
  const { active, isEnabled, isPinned } = installed;
  return {
    ...named,
    pluginId,
    pluginTitle: receipt?.title ?? null,
    pluginVersion: active.version,
    artifacthubVersion: active.version,
    repoName: parsePluginId(pluginId).repo,
    author: receipt?.author ?? null,
    installedAt: active.installedAt,
    status,
    ...(reason !== undefined && { reason }),
    isEnabled,
    isPinned,
  };
}
