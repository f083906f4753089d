export type { ContributionKind, Contributes, DeclaredContribution } from '../protocol/contributions.ts';
export type { Contribution, TargetProps } from './contributions.ts';
export {
  definePlugin,
  type Disposable,
  type PluginContext,
  type PluginDefinition,
  type PluginSdk,
} from './define-plugin.ts';
