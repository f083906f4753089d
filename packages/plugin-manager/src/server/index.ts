export { createCatalogCache } from './catalog-cache.ts';
export { createImportMap, inlineJson, type ImportMap, type ImportMapOptions, type SharedModule } from './import-map.ts';
export { readPluginId } from './read-plugin-id.ts';
export type { HandleRequest } from './plugin-files.ts';
export {
  createPluginService,
  type PluginOperations,
  type PluginService,
  type PluginServiceOptions,
} from './plugin-service.ts';
export { followStoreAudit, type StoreAuditFollower, type StoreAuditFollowerOptions } from './store-audit-follower.ts';
export { findStoreAuditLines, type StoreAuditSearch } from './find-store-audit-lines.ts';
export type { StoreAuditLine } from './store-audit-line.ts';
export type { PluginList, PluginOperationView } from '../protocol/wire.ts';
export type { PluginRuntime } from '../protocol/runtime.ts';
