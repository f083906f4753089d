import type { ReceiptFile } from './receipt.ts';
import type { CatalogEntry, CatalogItem, Digest, Release } from './release.ts';
import type { PluginErrorCode } from './error-codes.ts';
import type { PluginPhase } from './error.ts';
import type { PublisherChange, PublisherPin } from './state.ts';

/** Why something failed, as an answer tells it. */
export interface PluginFailure {
  readonly code: PluginErrorCode;
  readonly message: string;
  readonly phase: PluginPhase;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
}

/** An installed plugin, as `GET /api/v1/plugins` lists it. */
export interface PluginSummary {
  readonly managed: true;
  /** `<source>:<repo>/<name>`. */
  readonly id: string;
  /** Name in package.json; of the id where the receipt cannot be read. */
  readonly pluginName: string;
  readonly folderName: string;
  readonly title: string;
  readonly author?: string | undefined;
  readonly homeUrl?: string | undefined;
  /** Page of the plugin; absent for other sources, and of a mirror for those who may not manage plugins. */
  readonly artifacthubURL?: string | undefined;
  readonly version: string;
  /** `<version>-<first 12 hex digits of the SHA-256 of its receipt>`. */
  readonly build: string;
  /** Milliseconds since 1970. */
  readonly installedAt: number;
  /**
   * `broken`: its files or its receipt are not what they must be. `blocked`: the policy does not let it load.
   * `incompatible`: the host is not one that it is for. A plugin that is `ok` and enabled is loaded.
   */
  readonly status: 'ok' | 'broken' | 'blocked' | 'incompatible';
  /** Why it is not `ok`, in words. */
  readonly reason?: string | undefined;
  readonly isEnabled: boolean;
  readonly isPinned: boolean;
  /** Whether there is a module for the dashboard; without one it is listed, not loaded. */
  readonly hasEntry: boolean;
  /** What `rollback` can go back to, newest first. */
  readonly previous: readonly { readonly version: string; readonly installedAt: number }[];
}

/** A folder without a receipt: it is listed, and never updated or removed. */
export interface UnmanagedPluginSummary {
  readonly managed: false;
  readonly pluginName: string;
  readonly folderName: string;
}

/** The body of `GET /api/v1/plugins`. */
export interface PluginList {
  /** Of the store's state. */
  readonly generation: number;
  readonly items: readonly (PluginSummary | UnmanagedPluginSummary)[];
}

/** The body of `GET /api/v1/plugins/:id`. */
export interface PluginDetails extends PluginSummary {
  readonly publisher: PublisherPin;
  /** Where its bytes came from; absent where the receipt cannot be read. */
  readonly provenance?:
    | {
        readonly digest: Digest;
        /** Of the archive, in hex. */
        readonly sha256: string;
        readonly archiveBytes: number;
        /** Without queries; absent for those who may not manage plugins. */
        readonly urlChain?: readonly string[] | undefined;
        /** Of the key that verified the signature. */
        readonly keyId?: string | undefined;
        readonly files: readonly Pick<ReceiptFile, 'path' | 'size' | 'sha256'>[];
      }
    | undefined;
}

/** The body of `GET /api/v1/plugin-catalog/search`: `?query=&source=&limit=&offset=`. */
export interface CatalogSearch {
  readonly items: readonly (CatalogItem & {
    readonly id: string;
    /** Absent where it is not installed. */
    readonly installedVersion?: string | undefined;
  })[];
  /** On all pages of all sources that answered. */
  readonly total: number;
  readonly failures: readonly { readonly source: string; readonly failure: PluginFailure }[];
}

/** The body of `GET /api/v1/plugin-catalog/sources`. */
export interface CatalogSources {
  /** Those of the policy, in its order; none for whoever may not manage plugins. */
  readonly items: readonly { readonly name: string; readonly kind: 'artifact-hub' | 'index' | 'file' }[];
  /** Whether whoever asks may change plugins, and ask the sources. */
  readonly canManage: boolean;
}

/** The body of `GET /api/v1/plugin-catalog/:source/:repo/:name`. */
export interface CatalogDetails extends CatalogEntry {
  readonly id: string;
  /** Whether `readme` is the beginning alone: it is given up to 64 KiB of UTF-8. */
  readonly readmeIsCut?: boolean | undefined;
  readonly installedVersion?: string | undefined;
  /** The version that an install without a version takes; absent where none fits. */
  readonly newestCompatible?: string | undefined;
  /** Why there is none, or why a newer one was passed over. */
  readonly passedOver: readonly { readonly version: string; readonly reason: string }[];
}

/** The body of `GET /api/v1/plugin-catalog/:source/:repo/:name/:version`: what an install of it would mean. */
export interface CatalogRelease {
  readonly id: string;
  readonly release: Release;
  readonly installedVersion?: string | undefined;
  readonly compatibility: {
    readonly state: 'compatible' | 'incompatible';
    readonly reason?: string | undefined;
    /** In words. */
    readonly checked: readonly string[];
    /** In words; each says why. */
    readonly notChecked: readonly string[];
  };
  /** What the policy says against it, in words; absent where nothing. */
  readonly denied?: PluginFailure | undefined;
  /** Whether the repository is the one that the plugin is pinned to. */
  readonly publisher: 'first-install' | 'same' | 'changed';
  /**
   * What of the repository and the key is another one, as an `acceptPublisher` would name it; absent where nothing is.
   * The name in package.json is in the archive, and not known yet.
   */
  readonly publisherChanges?: readonly PublisherChange[] | undefined;
}

/**
 * The body of `GET /api/v1/plugin-updates`. `available`: an update would be allowed, as far as the catalog says; `unknown`:
 * the source could not say, or policy, host or publisher stand in the way, as the failure says.
 */
export interface PluginUpdateList {
  readonly items: readonly ({
    readonly id: string;
    readonly installedVersion: string;
  } & (
    | { readonly state: 'available'; readonly version: string; readonly changes: Release['changes'] }
    | { readonly state: 'up-to-date' | 'pinned' }
    | { readonly state: 'unknown'; readonly failure: PluginFailure }
  ))[];
}

/** The answer to `POST /api/v1/plugin-updates`. */
export interface PluginUpdatesStarted {
  readonly operationIds: readonly string[];
  /** Plugins whose source could not say whether there is an update, and those whose update would be refused. */
  readonly failures: readonly { readonly id: string; readonly failure: PluginFailure }[];
}

/** How far an operation is. */
export type PluginOperationState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/**
 * An operation, as `GET /api/v1/plugin-operations/:id` and the one item (key `operation`) of the channel
 * `plugins/ops/{id}` show it. It is kept for an hour after its end.
 */
export interface PluginOperationView {
  readonly id: string;
  readonly action: 'install' | 'update' | 'uninstall' | 'rollback' | 'verify' | 'repair';
  readonly pluginId: string;
  /** What the plugin is called, as its package or its source says; absent while the server has heard neither. */
  readonly title?: string | undefined;
  readonly state: PluginOperationState;
  /** 0 to 100; never falls. */
  readonly percentage: number;
  /** As the static façade tells it. */
  readonly progress: {
    readonly type: 'info' | 'success' | 'error';
    readonly message: string;
    readonly percentage: number;
  };
  readonly phase?: PluginPhase | undefined;
  /** While it downloads; `rate` in bytes per second. */
  readonly bytes?: { readonly done: number; readonly total?: number | undefined; readonly rate: number } | undefined;
  readonly warnings: readonly string[];
  /** Of one that failed. */
  readonly failure?: PluginFailure | undefined;
  /** The version that is active since it is done; absent for others and for removals. */
  readonly version?: string | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  /** Name of the user. */
  readonly startedBy: string;
}

/** Items of the channel `plugins`, by their keys. It is open to whoever has signed in. */
export interface PluginChannelItems {
  /** Grows with each change of the store: read `GET /api/v1/plugins/runtime` again. */
  readonly store: { readonly generation: number };
  /** One for each operation that waits or runs, and for a while after its end. */
  readonly [operation: `operation/${string}`]: Pick<
    PluginOperationView,
    'id' | 'action' | 'pluginId' | 'title' | 'state' | 'startedAt' | 'endedAt'
  >;
}
