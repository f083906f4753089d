export type { PluginList, PluginOperationView } from '../protocol/wire.ts';
