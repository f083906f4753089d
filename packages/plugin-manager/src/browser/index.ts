export { comparablePath } from '../protocol/comparable-path.ts';
export { definePlugin, type Disposable, type PluginIdentity } from '../sdk/define-plugin.ts';
export type { PluginCluster, PluginNotice, PluginSdk, PluginStore } from '../sdk/plugin-sdk.ts';
export {
  createModuleImporter,
  type ImportModule,
  type ModuleImporterOptions,
  type ModuleSource,
} from './import-module.ts';
export { messageOf } from './message-of.ts';
export {
  pluginLoadErrors,
  PluginLoadError,
  type PluginLoadErrorCode,
  type PluginLoadErrorOptions,
  type PluginLoadPhase,
} from './plugin-load-error.ts';
export { createPluginLoader } from './plugin-loader.ts';
export type { PluginLoader, PluginLoaderOptions } from './plugin-loader-interface.ts';
export { PluginRegistry, type ContributionScope, type Registered } from './plugin-registry.ts';
export { isSafeMode } from './safe-mode.ts';
export type { PluginTimeLimits } from './plugin-run.ts';
export type { PluginView } from './plugin-view.ts';
