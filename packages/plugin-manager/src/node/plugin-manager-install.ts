import { requireCompatible } from '../core/compat.ts';
import type { PluginPolicy } from '../core/policy.ts';
import { checkFirstHost } from '../core/url-rules.ts';
import { installedOf } from '../core/state/transitions.ts';
import type { PluginHost } from '../protocol/host.ts';
import { pluginIdOf, type PluginRef } from '../protocol/plugin-id.ts';
import type { InstalledBuild } from '../protocol/state.ts';
import type { Fetcher } from './fetch/create-fetcher.ts';
import type { InstallPorts, ResolvedRelease } from './install-pipeline-ports.ts';
import { extractArchive, planArchive } from './archive.ts';
import type { InstallRequest } from './install-checks.ts';
import { runInstall, type InstallResult } from './install-pipeline.ts';
import type { OperationContext } from './operation.ts';
import type { PluginCatalog } from './plugin-manager-catalog.ts';
import type { PluginRepair } from './plugin-manager-interface.ts';
import { copyLocalArchive } from './plugin-manager-local-archive.ts';
import { policyPort } from './plugin-manager-policy.ts';
import { recallRelease } from './recall-release.ts';
import type { PluginStore, Staging } from './store/plugin-store.ts';

/** Brings versions into a store. */
export interface Installer {
  install(request: InstallRequest, store: PluginStore, context: OperationContext): Promise<InstallResult>;
  /** Installs the active version anew where its files are damaged. */
  repair(ref: PluginRef, store: PluginStore, context: OperationContext): Promise<PluginRepair>;
}

/** What an installer works with. */
export interface InstallerOptions {
  readonly catalog: PluginCatalog;
  readonly transport: Pick<Fetcher, 'download'>;
  readonly policy: PluginPolicy;
  readonly host: PluginHost;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Makes an installer. */
export function createInstaller({ catalog, transport, policy, host, now }: InstallerOptions): Installer {
  const { limits } = policy;
  const bounds = { maxRedirects: limits.maxRedirects, timeoutMs: limits.operationTimeoutMs };

  function portsOf(store: PluginStore): InstallPorts<Staging> {
    return {
      host,
      limits,
      policy: policyPort(policy),
      store,
      checkArchiveUrl: ({ ref, archiveUrl }) => {
        if (catalog.indexPathOf(ref.source, archiveUrl) === undefined)
          checkFirstHost(archiveUrl, catalog.fetchPolicyOf(ref.source), 'policy');
      },
      resolve: (ref, version, signal) => resolveAlsoOffline(store, ref, version, signal),
      download: ({ release, destination, signal, onBytes }) => {
        const { archiveUrl: url, digest, ref } = release;
        const archive = { url, destination, maxBytes: limits.maxDownloadBytes, digest, signal, onBytes };
        const indexPath = catalog.indexPathOf(ref.source, url);
        if (indexPath !== undefined) return copyLocalArchive({ ...archive, indexPath });
        return transport.download({ ...archive, ...bounds, policy: catalog.fetchPolicyOf(ref.source) });
      },
      downloadExtraFile: ({ ref, ...file }) => {
        const { isLocal } = catalog.fetchPolicyOf(ref.source);
        const fetchPolicy = { hosts: policy.extraFileHosts, redirectHosts: [], isLocal };
        return transport.download({ ...file, ...bounds, policy: fetchPolicy });
      },
      planArchive,
      extractArchive,
      now,
    };
  }

  /** Where a source does not answer, what it said when the archive was kept counts. */
  async function resolveAlsoOffline(
    store: PluginStore,
    ref: PluginRef,
    version: string | undefined,
    signal: AbortSignal,
  ): Promise<ResolvedRelease> {
    try {
      return await catalog.resolve(ref, version, signal);
    } catch (error) {
      const { release, notChecked: why } = await recallRelease(store, { ref, version, signal, error });
      return { release, notChecked: [...requireCompatible(release, host).notChecked, why] };
    }
  }

  /**
   * No network where the cache has the bytes. Extra files are not in it, and their URLs were kept without queries: for
   * these the source is asked, and its word counts for the same archive alone.
   */
  async function resolveForRepair(
    store: PluginStore,
    ref: PluginRef,
    { version, sha256 }: InstalledBuild,
    signal: AbortSignal,
  ): Promise<ResolvedRelease> {
    const release = await store.cache.recall(ref, version, sha256).catch(() => undefined);
    const cached = release && (await store.cache.findRelease(release));
    if (release === undefined || cached?.sha256 !== sha256) return catalog.resolve(ref, version, signal);
    const remembered = { release, notChecked: [] };
    if (release.extraFiles.length === 0) return remembered;
    const asked = await catalog.resolve(ref, version, signal).catch(() => undefined);
    signal.throwIfAborted();
    const { algorithm, hex } = release.digest;
    const isSame = asked?.release.digest.algorithm === algorithm && asked.release.digest.hex === hex;
    return isSame ? asked : remembered;
  }

  return {
    install: (request, store, context) => runInstall(request, portsOf(store), context),
    async repair(ref, store, context) {
      const pluginId = pluginIdOf(ref);
      context.enter('resolve');
      const found = await store.verify(pluginId, context.signal);
      const current = installedOf(await store.state(), pluginId);
      if (found.isIntact) return { found, isReinstalled: false, installed: current };
      const { active } = current;
      const ports: InstallPorts<Staging> = {
        ...portsOf(store),
        resolve: (_ref, _version, signal) => resolveForRepair(store, ref, active, signal),
      };
      const request = { ref, mode: 'repair', version: active.version, build: active.build } as const;
      const { installed } = await runInstall(request, ports, context);
      return { found, isReinstalled: true, installed };
    },
  };
}
