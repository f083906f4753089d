import { withoutQuery } from '../core/url-rules.ts';
import type { PluginSearchResult } from '../node/plugin-manager-catalog.ts';
import type { PluginUpdate } from '../node/plugin-updates.ts';
import type { InstallPlan } from '../node/plugin-manager-plan.ts';
import type { ListedManagedPlugin, ListedPlugin } from '../node/plugin-manager-listing.ts';
import { pluginIdOf } from '../protocol/plugin-id.ts';
import type { CatalogEntry } from '../protocol/release.ts';
import type {
  CatalogDetails,
  CatalogRelease,
  CatalogSearch,
  PluginDetails,
  PluginSummary,
  PluginUpdateList,
  UnmanagedPluginSummary,
} from '../protocol/wire.ts';
import { failureOf } from './operation-view.ts';

/** The versions that are installed, by plugin id. */
type InstalledVersions = ReadonlyMap<string, string>;

/** A plugin, or a folder without a receipt, as the list shows it. */
export function summaryOf(plugin: ListedPlugin): PluginSummary | UnmanagedPluginSummary {
  if (plugin.managed) return managedSummaryOf(plugin);
  const { pluginName, folderName } = plugin;
  return { managed: false, pluginName, folderName };
}

/** A plugin of the store as the list shows it. */
export function managedSummaryOf(plugin: ListedManagedPlugin): PluginSummary {
  const { pluginId, pluginName, folderName, artifacthubURL, installed, status, reason, receipt } = plugin;
  const { active, previous, isEnabled, isPinned } = installed;
  return {
    managed: true,
    id: pluginId,
    pluginName,
    folderName,
    title: receipt?.title ?? pluginName,
    author: receipt?.author,
    homeUrl: receipt?.homeUrl,
    artifacthubURL,
    version: active.version,
    build: active.build,
    installedAt: active.installedAt,
    status,
    reason,
    isEnabled,
    isPinned,
    hasEntry: receipt?.entry !== undefined,
    previous: previous.map(({ version, installedAt }) => ({ version, installedAt })),
  };
}

/** A plugin with its origin. */
export function detailsOf(plugin: ListedManagedPlugin): PluginDetails {
  const { receipt, installed } = plugin;
  const provenance = receipt && {
    digest: receipt.digest,
    sha256: receipt.sha256,
    archiveBytes: receipt.archiveBytes,
    urlChain: receipt.urlChain.map(withoutQuery),
    keyId: receipt.keyId,
    files: receipt.files.map(({ path, size, sha256 }) => ({ path, size, sha256 })),
  };
  return { ...managedSummaryOf(plugin), publisher: installed.publisher, provenance };
}

/** What the sources have found, with what of it is installed. */
export function searchOf({ items, total, failures }: PluginSearchResult, installed: InstalledVersions): CatalogSearch {
  return {
    items: items.map((item) => {
      const id = pluginIdOf(item.ref);
      return { ...item, id, installedVersion: installed.get(id) };
    }),
    total,
    failures: failures.map(({ source, error }) => ({ source, failure: failureOf(error) })),
  };
}

/**
 * A plugin of a catalog; `plan` is that of an install without a version, absent where no version could be planned, as those
 * of `unreadable` say.
 */
export function catalogDetailsOf(
  entry: CatalogEntry,
  plan: InstallPlan | undefined,
  installed: InstalledVersions,
  unreadable: CatalogDetails['passedOver'] = [],
): CatalogDetails {
  const id = pluginIdOf(entry.ref);
  const isCompatible = plan?.compatibility.state === 'compatible';
  return {
    ...entry,
    ...cutReadme(entry.readme),
    id,
    installedVersion: installed.get(id),
    newestCompatible: isCompatible ? plan.release.version : undefined,
    passedOver: plan?.passedOver ?? unreadable,
  };
}

/** What a page takes: it is shown as a whole. */
const maxReadmeBytes = 65_536;

function cutReadme(readme: string | undefined): Pick<CatalogDetails, 'readme' | 'readmeIsCut'> {
  if (readme === undefined) return {};
  // It ends before the character that does not fit, and never within one.
  const { read } = new TextEncoder().encodeInto(readme, new Uint8Array(maxReadmeBytes));
  return read === readme.length ? { readme } : { readme: readme.slice(0, read), readmeIsCut: true };
}

/** What an install of a release would mean. */
export function catalogReleaseOf(plan: InstallPlan): CatalogRelease {
  const { pluginId, release, installedVersion, compatibility, denied, publisher, publisherChanges } = plan;
  return {
    id: pluginId,
    release,
    installedVersion,
    compatibility,
    denied: denied && failureOf(denied),
    publisher,
    publisherChanges,
  };
}

/** Which plugins have newer versions. */
export function updatesOf(updates: readonly PluginUpdate[]): PluginUpdateList {
  return {
    items: updates.map((update) => {
      const { pluginId: id, installedVersion } = update;
      if (update.state !== 'unknown') {
        const { pluginId: _, ...rest } = update;
        return { id, ...rest };
      }
      return { id, installedVersion, state: update.state, failure: failureOf(update.error) };
    }),
  };
}
