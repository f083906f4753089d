import { loadingBlock } from '../core/policy-checks.ts';
import type { PluginPolicy } from '../core/policy.ts';
import type { InstalledPlugin } from '../protocol/installed-plugin.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';
import type { Receipt } from '../protocol/receipt.ts';
import type { InstalledState } from '../protocol/state.ts';
import type { ManagedPlugin, PluginStore } from './store/plugin-store.ts';

/** A plugin of the store. */
export interface ListedManagedPlugin extends InstalledPlugin {
  readonly managed: true;
  readonly pluginId: string;
  readonly installed: InstalledState;
  /** `broken`: its files or its receipt are not what they must be. `blocked`: the policy does not let it load. */
  readonly status: 'ok' | 'broken' | 'blocked';
  /** Why it is not `ok`, in words. */
  readonly reason?: string | undefined;
  /** Of the active version; absent where it cannot be read. */
  readonly receipt?: Receipt | undefined;
}

/** A folder without a receipt. */
export interface ListedFolder extends InstalledPlugin {
  readonly managed: false;
}

/** What `list` gives. */
export type ListedPlugin = ListedManagedPlugin | ListedFolder;

/** All of a store, as its policy sees them. */
export async function listPlugins(store: PluginStore, policy: PluginPolicy): Promise<readonly ListedPlugin[]> {
  const { managed, unmanaged } = await store.list();
  return [
    ...managed.map((plugin) => listed(plugin, policy)),
    ...unmanaged.map(({ folderName }): ListedFolder => ({ pluginName: folderName, folderName, managed: false })),
  ];
}

function listed(plugin: ManagedPlugin, policy: PluginPolicy): ListedManagedPlugin {
  const { pluginId, folderName, installed } = plugin;
  const { source, repo, name } = parsePluginId(pluginId);
  const hub = policy.sources.find((known) => known.name === source);
  const block = loadingBlock(policy, pluginId, installed.publisher);
  const reason = plugin.status === 'broken' ? plugin.reason : block;
  return {
    pluginId,
    pluginName: plugin.status === 'ok' ? plugin.receipt.packageName : name,
    folderName,
    ...(hub?.kind === 'artifact-hub' && {
      artifacthubURL: `${hub.url.replace(/\/+$/, '')}/packages/headlamp/${repo}/${name}`,
    }),
    managed: true,
    installed,
    status: plugin.status === 'broken' ? 'broken' : block === undefined ? 'ok' : 'blocked',
    reason,
    receipt: plugin.status === 'ok' ? plugin.receipt : undefined,
  };
}
