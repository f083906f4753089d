import type { PluginHost } from '../protocol/host.ts';
import type { InstalledPlugin } from '../protocol/installed-plugin.ts';
import type { PluginProgress } from '../protocol/progress.ts';
import type { ExtraFile } from '../protocol/release.ts';
import type { ListedManagedPlugin } from './plugin-manager-listing.ts';

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
