import { installedOf } from '../core/state/transitions.ts';
import type { PluginPolicy } from '../core/policy.ts';
import type { PluginHost } from '../protocol/host.ts';
import { pluginIdOf, type PluginRef } from '../protocol/plugin-id.ts';
import type { Fetcher } from './fetch/create-fetcher.ts';
import type { InstallPorts } from './install-pipeline-ports.ts';
import { extractArchive, planArchive } from './archive.ts';
import { runInstall, type InstallRequest, type InstallResult } from './install-pipeline.ts';
import type { OperationContext } from './operation.ts';
import type { PluginCatalog } from './plugin-manager-catalog.ts';
import type { PluginRepair } from './plugin-manager-interface.ts';
import { copyLocalArchive } from './plugin-manager-local-archive.ts';
import { policyPort } from './plugin-manager-policy.ts';
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
        if (catalog.isLocalFile(ref.source, url)) return copyLocalArchive(archive);
        return transport.download({ ...archive, policy: catalog.fetchPolicyOf(ref.source) });
      },
      planArchive,
      extractArchive,
      now,
    };
  }

  return {
    install: (request, store, context) => runInstall(request, portsOf(store), context),
    async repair(ref, store, context) {
      const pluginId = pluginIdOf(ref);
      context.enter('resolve');
      const found = await store.verify(pluginId);
      if (found.isIntact) {
        const installed = installedOf(await store.state(), pluginId);
        return { found, isReinstalled: false, installed };
      }
      const { version } = installedOf(await store.state(), pluginId).active;
      const { installed } = await runInstall({ ref, mode: 'install', version }, portsOf(store), context);
      return { found, isReinstalled: true, installed };
    },
  };
}
