export { withPathsOf } from './policy-paths.ts';
export { parsePolicy, type PluginPolicy, type SigningKey, type SourcePolicy } from '../core/policy.ts';
export type { OperationProgress } from '../core/operation-progress.ts';
export { defaultUserPluginsDir, type UserFolderOptions } from './facade-folder.ts';
export { createPluginFacade, PluginManager, type PluginFacadeOptions } from './facade.ts';
export type { OnPluginProgress, StaticPlugin, StaticPluginInfo, StaticPluginManager } from './facade-interface.ts';
export {
  createFetcher,
  type Fetcher,
  type FetcherOptions,
  type Metadata,
  type MetadataRequest,
} from './fetch/create-fetcher.ts';
export { readProxyUrl } from './fetch/proxy-choice.ts';
export type { InstallResult } from './install-pipeline.ts';
export type { Operation, OperationAction } from './operation.ts';
export { packPlugin, type PackedPlugin, type PackOptions, type PackProgress } from './pack.ts';
export { createPluginManager } from './plugin-manager.ts';
export type { PluginSearch, PluginSearchResult } from './plugin-manager-catalog.ts';
export type { PluginUpdate } from './plugin-updates.ts';
export type {
  ActorOptions,
  InstallOptions,
  PluginAuditRecord,
  PluginManagerEvent,
  PluginManagerEvents,
  PluginManagerOptions,
  PluginRepair,
  PluginUpdateOutcome,
  StartOptions,
} from './plugin-manager-interface.ts';
export type { InstallPlan } from './plugin-manager-plan.ts';
export type { ListedFolder, ListedManagedPlugin, ListedPlugin } from './plugin-manager-listing.ts';
export { createArtifactHubSource, type ArtifactHubOptions } from './sources/artifact-hub.ts';
export { createSources } from './sources/create-sources.ts';
export { createFileSource, type FileSourceOptions } from './sources/file-source.ts';
export { createIndexSource, type IndexSourceOptions } from './sources/index-source.ts';
export type { MetadataFetcher } from './sources/fetch-json.ts';
export type { PluginSource, SearchOptions, SearchPage, SourceRef } from './sources/plugin-source.ts';
export { openPluginStore, type PluginStoreOptions } from './store/open-plugin-store.ts';
export type {
  ArchiveCache,
  ManagedPlugin,
  OpenedFile,
  PluginStore,
  RepairReport,
  Staging,
  UnmanagedPlugin,
  VerifyReport,
} from './store/plugin-store.ts';
export type { SyncOperation, SyncOptions, SyncProgress, SyncResult } from './sync-interface.ts';
export type { LockedPlugin, SyncAction, SyncPlan, SyncStep, WantedPlugin } from '../core/sync-plan.ts';
export type { FolderEntry, StoreFileSystem } from '../core/state/store-file-system.ts';
export { nodeFileSystem } from './store/file-system.ts';
