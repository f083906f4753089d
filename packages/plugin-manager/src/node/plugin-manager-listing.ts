import type { PluginPolicy } from '../core/policy.ts';
import type { PluginHost } from '../protocol/host.ts';
import type { InstalledPlugin } from '../protocol/installed-plugin.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';
import type { Receipt } from '../protocol/receipt.ts';
import type { InstalledState } from '../protocol/state.ts';
import { judgePlugin, type PluginVerdict } from './plugin-verdict.ts';
import type { ManagedPlugin, PluginStore } from './store/plugin-store.ts';
import { readSettled } from './store/read-settled.ts';

/** A plugin of the store. */
export interface ListedManagedPlugin extends InstalledPlugin {
  readonly managed: true;
  readonly pluginId: string;
  readonly installed: InstalledState;
  readonly status: PluginVerdict['status'];
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

/** All of a store, as its policy and its host see them. */
export async function listPlugins(
  store: PluginStore,
  policy: PluginPolicy,
  host: PluginHost,
): Promise<readonly ListedPlugin[]> {
  const { plugins } = await readSettled({
    read: () => listOnce(store, policy, host),
    isWhole: (list) => list.plugins.every((plugin) => plugin.managed && plugin.status !== 'broken'),
    generation: async () => (await store.state()).generation,
  });
  return plugins;
}

/** One plugin of the list; of the others nothing is judged. Undefined where it is not installed. */
export async function getPlugin(
  pluginId: string,
  store: PluginStore,
  policy: PluginPolicy,
  host: PluginHost,
): Promise<ListedManagedPlugin | undefined> {
  const { found } = await readSettled({
    async read() {
      const { generation, managed } = await store.list();
      const plugin = managed.find((one) => one.pluginId === pluginId);
      const verdict = plugin && (await judgePlugin(plugin, { store, policy, host }));
      return { generation, found: plugin && verdict && listed(plugin, policy, verdict) };
    },
    isWhole: ({ found: plugin }) => plugin !== undefined && plugin.status !== 'broken',
    generation: async () => (await store.state()).generation,
  });
  return found;
}

async function listOnce(
  store: PluginStore,
  policy: PluginPolicy,
  host: PluginHost,
): Promise<{ readonly generation: number; readonly plugins: readonly ListedPlugin[] }> {
  const { generation, managed, unmanaged } = await store.list();
  const plugins: ListedPlugin[] = [];
  for (const plugin of managed)
    plugins.push(listed(plugin, policy, await judgePlugin(plugin, { store, policy, host })));
  for (const { folderName } of unmanaged) plugins.push({ pluginName: folderName, folderName, managed: false });
  return { generation, plugins };
}

function listed(plugin: ManagedPlugin, policy: PluginPolicy, verdict: PluginVerdict): ListedManagedPlugin {
  const { pluginId, folderName, installed } = plugin;
  const { source, repo, name } = parsePluginId(pluginId);
  const hub = policy.sources.find((known) => known.name === source);
  return {
    pluginId,
    pluginName: plugin.status === 'ok' ? plugin.receipt.packageName : name,
    folderName,
    ...(hub?.kind === 'artifact-hub' && {
      artifacthubURL: `${hub.url.replace(/\/+$/, '')}/packages/headlamp/${repo}/${name}`,
    }),
    managed: true,
    installed,
    status: verdict.status,
    reason: verdict.status === 'ok' ? undefined : verdict.reason,
    receipt: plugin.status === 'ok' ? plugin.receipt : undefined,
  };
}

/** A list of a manager whose host nobody named: that a plugin is for no such host says nothing. */
export function withoutHost(plugins: readonly ListedPlugin[]): readonly ListedPlugin[] {
  return plugins.map((plugin) =>
    plugin.managed && plugin.status === 'incompatible' ? { ...plugin, status: 'ok', reason: undefined } : plugin,
  );
}
