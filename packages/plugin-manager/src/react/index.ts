export {
  ContributionBoundary,
  type ContributionBoundaryProps,
  type ContributionFailure,
  type ContributionFallback,
} from './ContributionBoundary.tsx';
export { PluginProvider, usePluginLoader, usePlugins, type PluginProviderProps } from './plugin-provider.ts';
export { ContributionView, Slot, useActivated, type ContributionViewProps, type SlotProps } from './Slot.tsx';
export { useContributions, type ContributionFilter } from './use-contributions.ts';
