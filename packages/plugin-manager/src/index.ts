export { pluginErrors, type PluginErrorCode } from './protocol/error-codes.ts';
export { PluginError, pluginPhases, type PluginErrorOptions, type PluginPhase } from './protocol/error.ts';
export type { PluginHost } from './protocol/host.ts';
export type { InstalledPlugin } from './protocol/installed-plugin.ts';
export { defaultLimits, type PluginLimits } from './protocol/limits.ts';
export { parsePluginId, pluginIdOf, type PluginRef } from './protocol/plugin-id.ts';
export type { PluginProgress } from './protocol/progress.ts';
export type { Receipt, ReceiptExtraFile, ReceiptFile } from './protocol/receipt.ts';
export {
  digestAlgorithms,
  type CatalogEntry,
  type CatalogItem,
  type Digest,
  type ExtraFile,
  type Release,
  type ReleaseSignature,
} from './protocol/release.ts';
export { sdkVersion } from './protocol/sdk-version.ts';
export type {
  AcceptedPublisher,
  InstalledBuild,
  InstalledState,
  PluginState,
  PublisherChange,
  PublisherPin,
} from './protocol/state.ts';
export type {
  CatalogDetails,
  CatalogRelease,
  CatalogSearch,
  CatalogSources,
  PluginChannelItems,
  PluginDetails,
  PluginFailure,
  PluginList,
  PluginOperationState,
  PluginOperationView,
  PluginSummary,
  PluginUpdateList,
  PluginUpdatesStarted,
  UnmanagedPluginSummary,
} from './protocol/wire.ts';
export { parseRuntime, type ParsedRuntime, type PluginRuntime, type RuntimePlugin } from './protocol/runtime.ts';
