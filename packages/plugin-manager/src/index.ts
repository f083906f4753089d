export {
  PLUGIN_PHASES,
  PLUGIN_REQUEST_CODES,
  type PluginError,
  type PluginPhase,
  type PluginRequestCode,
} from './protocol/error.ts';
export type { InstalledPlugin } from './protocol/installed-plugin.ts';
export type { PluginOperation, PluginProgress } from './protocol/progress.ts';
