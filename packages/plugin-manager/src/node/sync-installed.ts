import type { SyncedPlugin } from '../core/sync-plan.ts';
import { withoutQuery } from '../core/url-rules.ts';
import type { ListedPlugin } from './plugin-manager-listing.ts';

/** What a store has, by plugin id, as a sync compares it with its files; folders without a receipt are not in it. */
export function syncedPlugins(plugins: readonly ListedPlugin[]): ReadonlyMap<string, SyncedPlugin> {
  return new Map(
    plugins.flatMap((plugin) => (plugin.managed ? [[plugin.pluginId, syncedPlugin(plugin)] as const] : [])),
  );
}

function syncedPlugin({ installed, status, receipt }: Extract<ListedPlugin, { readonly managed: true }>): SyncedPlugin {
  const { active, isEnabled, isPinned } = installed;
  const { version } = active;
  if (receipt === undefined || status === 'broken') return { version, isEnabled, isPinned };
  // Of this build, not of the plugin: an earlier one may have been signed with an earlier key.
  const { digest, sha256, urlChain, repositoryId, packageName, keyId } = receipt;
  const { extraFiles: extraFilesHere = [], otherExtraFiles = [] } = receipt;
  const extraFiles = [...extraFilesHere, ...otherExtraFiles];
  const publisher = { repositoryId, packageName, ...(keyId !== undefined && { keyId }) };
  return {
    version,
    locked: { version, digest, sha256, archiveUrl: withoutQuery(urlChain[0] ?? ''), ...publisher, extraFiles },
    extraFilesHere,
    isEnabled,
    isPinned,
  };
}
