export { sdkVersion } from '../protocol/sdk-version.ts';
export type { ContributionKind, Contributes, DeclaredContribution } from '../protocol/contributions.ts';
export type { Contribution, RouteProps, TargetProps } from './contributions.ts';
export {
  definePlugin,
  type Disposable,
  type PluginContext,
  type PluginDefinition,
  type PluginIdentity,
} from './define-plugin.ts';
export type { PluginCluster, PluginNotice, PluginSdk, PluginStore } from './plugin-sdk.ts';
