import { stat } from 'node:fs/promises';
import { shown } from '../core/check-shape.ts';
import { checkHost } from '../core/compat.ts';
import { checkPlugin } from '../core/policy-checks.ts';
import { parsePolicy, type PluginPolicy } from '../core/policy.ts';
import { parseVersion } from '../core/release-version.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginHost } from '../protocol/host.ts';
import type { InstalledPlugin } from '../protocol/installed-plugin.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';
import type { PluginProgress } from '../protocol/progress.ts';
import type { Receipt } from '../protocol/receipt.ts';
import type { ExtraFile } from '../protocol/release.ts';
import { defaultUserPluginsDir } from './facade-folder.ts';
import { findInstalled, parseUrlOrRef } from './facade-names.ts';
import { doneMessages, pluginProgressOf, withKnownMessage } from './facade-progress.ts';
import { createFetcher, type Fetcher } from './fetch/create-fetcher.ts';
import { followOperation } from './follow-operation.ts';
import type { Operation } from './operation.ts';
import type { ListedManagedPlugin, ListedPlugin } from './plugin-manager-listing.ts';
import type { PluginManager as Manager } from './plugin-manager-interface.ts';
import { withoutHost } from './plugin-manager-listing.ts';
import { createPluginManager } from './plugin-manager.ts';
import { createSources } from './sources/create-sources.ts';

/** Told what a call of the façade does; its last event is one of `success` and `error`. What it throws is ignored. */
export type OnPluginProgress = (progress: PluginProgress) => void;

/** An installed plugin as the façade lists it; `null` where it is not known. */
export interface StaticPlugin extends InstalledPlugin {
  /** Absent for a folder that has no receipt, as is all that follows. */
  readonly pluginId?: string;
  readonly pluginTitle?: string | null;
  readonly pluginVersion?: string;
  /** The version that the source called so; the same as that of package.json. */
  readonly artifacthubVersion?: string;
  readonly repoName?: string;
  readonly author?: string | null;
  /** Milliseconds since 1970. */
  readonly installedAt?: number;
  readonly status?: ListedManagedPlugin['status'];
  /** Why the status is not `ok`, in words. */
  readonly reason?: string;
  readonly isEnabled?: boolean;
  readonly isPinned?: boolean;
}

/** What a source says of the newest version of a plugin. */
export interface StaticPluginInfo {
  readonly pluginId: string;
  readonly name: string;
  readonly display_name: string;
  readonly version: string;
  readonly repository: { readonly name: string; readonly repository_id: string };
  readonly archiveURL: string;
  /** `SHA256:<hex>`. */
  readonly archiveChecksum: string;
  readonly versionCompat?: string | undefined;
  readonly distroCompat?: string | undefined;
  readonly extraFiles: readonly ExtraFile[];
}

/**
 * Plugins of a folder, each call by itself. Every method rejects with a {@link PluginError}, whatever `onProgress` was
 * told; for those that Headlamp's plugin management knows too the message is its own (`Plugin not found`,
 * `No updates available`, `Invalid plugin name`, `Download cancelled`), and the `cause` says more.
 *
 * `hostVersion` is required: the version of the dashboard, or all that plugins are checked against. A text alone says
 * nothing of Headlamp's API level, which is then not checked (and `onProgress` told so), and stands for the
 * distribution `web`.
 */
export interface StaticPluginManager {
  /** Installs the newest version that fits, or the one that the URL ends with. */
  install(
    urlOrRef: string,
    destinationFolder: string | undefined,
    hostVersion: string | PluginHost,
    onProgress?: OnPluginProgress | null,
    signal?: AbortSignal | null,
  ): Promise<StaticPlugin>;
  /** `pluginName`: the name in package.json, the id, or the folder. Rejects with E_UP_TO_DATE where nothing newer fits. */
  update(
    pluginName: string,
    destinationFolder: string | undefined,
    hostVersion: string | PluginHost,
    onProgress?: OnPluginProgress | null,
    signal?: AbortSignal | null,
  ): Promise<StaticPlugin>;
  uninstall(pluginName: string, destinationFolder?: string, onProgress?: OnPluginProgress | null): Promise<void>;
  /** Also folders that have no receipt; none where there is no such folder. */
  list(destinationFolder?: string): Promise<readonly StaticPlugin[]>;
  fetchPluginInfo(
    urlOrRef: string,
    options?: { readonly onProgress?: OnPluginProgress | null; readonly signal?: AbortSignal | null },
  ): Promise<StaticPluginInfo>;
}

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

/** For what chooses no version: nothing is compared with it. */
const anyHost: PluginHost = { product: 'fleetwire', version: '0.0.0', distro: 'web', sdkVersion: '0.0.0' };

function hostOf(host: unknown): PluginHost {
  if (typeof host === 'string' && parseVersion(host) !== undefined) {
    return { product: 'fleetwire', version: host, distro: 'web', sdkVersion: host };
  }
  if (isHost(host)) return host;
  const expected = 'expected the version of the host as the third argument, such as "1.2.3", or a whole PluginHost';
  const message = `${expected}; got ${shown(host)}`;
  throw new PluginError('E_INCOMPATIBLE_HOST', message, { phase: 'compat' });
}

/** What the plugin was compared with; what could not be is a warning of the operation. */
function tellChecked({ compat = {} }: Receipt, host: PluginHost, tell: OnPluginProgress): void {
  const check = checkHost(compat, host);
  if (check.state !== 'compatible') return;
  for (const what of check.checked) tell({ type: 'info', message: `Compatible: ${what}`, percentage: 100 });
}

/** As far as callers without types can be wrong about it. */
function isHost(host: unknown): host is PluginHost {
  if (typeof host !== 'object' || host === null) return false;
  const { product, version, distro, sdkVersion, compat } = host as Partial<Record<keyof PluginHost, unknown>>;
  return (
    [product, distro, sdkVersion].every((value) => typeof value === 'string') &&
    typeof version === 'string' &&
    parseVersion(version) !== undefined &&
    (compat === undefined || (typeof compat === 'object' && compat !== null))
  );
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
