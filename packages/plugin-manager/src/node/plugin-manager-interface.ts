import type { Clock } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import type { PluginPolicy } from '../core/policy.ts';
import type { PluginError } from '../protocol/error.ts';
import type { PluginHost } from '../protocol/host.ts';
import type { CatalogEntry } from '../protocol/release.ts';
import type { PluginRuntime } from '../protocol/runtime.ts';
import type { InstalledState, PublisherChange } from '../protocol/state.ts';
import type { Fetcher } from './fetch/create-fetcher.ts';
import type { InstallRequest } from './install-checks.ts';
import type { InstallResult } from './install-pipeline.ts';
import type { Operation, OperationAction } from './operation.ts';
import type { PluginCatalog } from './plugin-manager-catalog.ts';
import type { PluginUpdate } from './plugin-updates.ts';
import type { ListedManagedPlugin, ListedPlugin } from './plugin-manager-listing.ts';
import type { InstallPlan } from './plugin-manager-plan.ts';
import type { PluginSource } from './sources/plugin-source.ts';
import type { OpenedFile, RepairReport, VerifyReport } from './store/plugin-store.ts';
import type { SyncOperation, SyncOptions } from './sync-interface.ts';

/** What a change leaves in the audit: who tried what with which plugin, and what came of it. */
export interface PluginAuditRecord {
  readonly operationId: string;
  /** `recover`: the files of the active version were gone when the store was opened, and the one before took its place. */
  readonly action: OperationAction | 'enable' | 'disable' | 'pin' | 'unpin' | 'recover';
  /** Absent for the `repair` of the whole store. */
  readonly pluginId?: string | undefined;
  /** Who asked for it; absent where nobody said. */
  readonly actor?: string | undefined;
  readonly outcome: 'done' | 'failed' | 'cancelled';
  /** Of the error. */
  readonly code?: string | undefined;
  /** What of the publisher was accepted to be another one. */
  readonly accepted?: readonly PublisherChange[] | undefined;
  /** The version that was active before; absent where none was. */
  readonly from?: string | undefined;
  /** The version that is active after it; absent where it failed, and where there is none. */
  readonly to?: string | undefined;
  /** Build of the version that is active after it. */
  readonly build?: string | undefined;
  /** Of the archive that this build was made of, in hex. */
  readonly sha256?: string | undefined;
  /** The damage that a `verify` or a `repair` found, in words, with some of the files; absent where there was none. */
  readonly found?: string | undefined;
}

/** What a manager is made of. */
export interface PluginManagerOptions {
  /** Folder of the store; made if need be. */
  readonly root: string;
  readonly host: PluginHost;
  /** From `parsePolicy`. */
  readonly policy: PluginPolicy;
  /** Under the names that the policy knows them by. */
  readonly sources: readonly PluginSource[];
  /**
   * The same ones as `search`, `describe`, `plan` and `checkForUpdates` ask them: their answers may be a little old.
   * Whatever installs asks `sources`. Default: `sources`.
   */
  readonly shownSources?: readonly PluginSource[] | undefined;
  /** Path that files are served below, as the URLs of `runtime` begin. Default: `/plugins`. */
  readonly publicPath?: string | undefined;
  /** Default: `createFetcher()`. */
  readonly transport?: Pick<Fetcher, 'download'> | undefined;
  /** Default: the clock of the machine. */
  readonly clock?: Clock | undefined;
  /** Default: nothing is logged. */
  readonly logger?: Logger | undefined;
  /**
   * Told of the end of each operation and change, also of one that was cancelled before it began. It is told beside
   * `audit.jsonl` in the store, and also where that cannot be written. What it throws is logged.
   */
  readonly audit?: ((record: PluginAuditRecord) => void | Promise<void>) | undefined;
  /**
   * Who writes the lines of `audit.jsonl`: the program, and the user whom it works for where a call names none. Several
   * programs may change a store, and their lines stand in the same file. Default: lines say neither.
   */
  readonly writer?: { readonly program: string; readonly actor?: string | undefined } | undefined;
}

/** Who changes something. */
export interface ActorOptions {
  /** Name of the user, for the audit. */
  readonly actor?: string | undefined;
}

/** How an operation is started. */
export interface StartOptions extends ActorOptions {
  /** Cancels the operation. */
  readonly signal?: AbortSignal | undefined;
}

/** How a plugin is installed or updated. */
export interface InstallOptions
  extends
    StartOptions,
    Pick<InstallRequest, 'version' | 'acceptPublisher' | 'acceptChangedArchive' | 'isEnabled' | 'expected'> {}

/** What came of the repair of a plugin. */
export interface PluginRepair {
  /** What was found; `isIntact`: nothing had to be done. */
  readonly found: VerifyReport;
  readonly isReinstalled: boolean;
  readonly installed: InstalledState;
}

/** What `updateAll` made of one plugin. */
export type PluginUpdateOutcome = { readonly pluginId: string; readonly installedVersion: string } & (
  | { readonly outcome: 'updated'; readonly version: string }
  | { readonly outcome: 'up-to-date' | 'pinned' }
  | { readonly outcome: 'failed' | 'cancelled'; readonly error: PluginError }
);

/** What a manager tells of by itself. */
export type PluginManagerEvent =
  /** The store has this generation: once at the beginning, then after each change, whichever process made it. */
  | { readonly type: 'changed'; readonly generation: number }
  /** An operation was started, and may wait for its turn. */
  | { readonly type: 'operation'; readonly operation: Operation<unknown> };

/** The events of a manager. */
export interface PluginManagerEvents {
  /** Returns the undo. What a listener throws is logged, and reaches no other. */
  subscribe(listener: (event: PluginManagerEvent) => void): () => void;
}

/**
 * Finds, installs, updates and removes the plugins of one folder. Everything throws, or rejects with, `PluginError`s.
 *
 * Of `install`, `update`, `repair` of a plugin and `verify`, at most 4 run at the same time; the others stay `queued`,
 * first come first served. Nothing else waits for operations on other plugins.
 */
export interface PluginManager {
  readonly events: PluginManagerEvents;
  /** Of the store's state; grows at each change. Read before a list, it is never newer than the list. */
  generation(): Promise<number>;
  /** Also those that are broken, blocked or incompatible, and folders that it did not make. */
  list(): Promise<readonly ListedPlugin[]>;
  /** By plugin id; nothing is judged, and no file is looked at. */
  installedVersions(): Promise<ReadonlyMap<string, string>>;
  /** Throws E_NOT_INSTALLED. */
  get(pluginId: string): Promise<ListedManagedPlugin>;
  /**
   * What the dashboard loads, and what it does not and why. A plugin without an entry has nothing to load, and is not in
   * it. The entry of each that is `ready` was compared with its receipt.
   */
  runtime(): Promise<PluginRuntime>;
  search: PluginCatalog['search'];
  describe(pluginId: string, signal?: AbortSignal): Promise<CatalogEntry>;
  /**
   * What `install` would mean, as far as the catalog says. That policy or host refuse it is in the plan, and nothing that
   * is thrown; without a version, and where none fits, it is the plan of the newest.
   */
  plan(pluginId: string, options?: Pick<InstallOptions, 'version' | 'signal'>): Promise<InstallPlan>;
  /** Of the version that is active and intact: nothing is fetched, and nothing changes. */
  install(pluginId: string, options?: InstallOptions): Operation<InstallResult>;
  /** Rejects with E_UP_TO_DATE where nothing newer fits. */
  update(pluginId: string, options?: InstallOptions): Operation<InstallResult>;
  /** Each as an operation of its own; one that fails stops no other. Those that are pinned stay as they are. */
  updateAll(options?: StartOptions): Promise<readonly PluginUpdateOutcome[]>;
  uninstall(pluginId: string, options?: StartOptions): Operation<void>;
  /** To the version before, without a network. */
  rollback(pluginId: string, options?: StartOptions): Operation<InstalledState>;
  setEnabled(pluginId: string, isEnabled: boolean, options?: ActorOptions): Promise<InstalledState>;
  setPinned(pluginId: string, isPinned: boolean, options?: ActorOptions): Promise<InstalledState>;
  /**
   * Of each managed plugin; one source that fails spoils the others nothing. `isLive`: asks `sources`, as whoever goes on
   * to install by the answer wants.
   */
  checkForUpdates(signal?: AbortSignal, options?: { readonly isLive?: boolean }): Promise<readonly PluginUpdate[]>;
  /** Hashes the files of the active version. Damage is in the report, and rejects nothing. */
  verify(pluginId: string, options?: StartOptions): Operation<VerifyReport>;
  /** Makes state and store agree, from the receipts where `state.json` is lost. */
  repair(pluginId?: undefined, options?: ActorOptions): Promise<RepairReport>;
  /** Installs the active version anew, from the cache or its source, where `verify` finds damage. */
  repair(pluginId: string, options?: StartOptions): Operation<PluginRepair>;
  /** Makes the store what `plugins.yaml` and its lock file say; see {@link SyncOptions}. */
  sync(options: SyncOptions): SyncOperation;
  openFile(pluginId: string, build: string, path: string): Promise<OpenedFile>;
  /** Cancels what runs, waits for it and for every change that has begun, and leaves the store. */
  dispose(): Promise<void>;
}
