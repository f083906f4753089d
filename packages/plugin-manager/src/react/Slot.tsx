import { createElement, Suspense, useEffect, type ComponentType, type ReactNode } from 'react';
import type { Registered } from '../browser/plugin-registry.ts';
import type { ContributionKind } from '../protocol/contributions.ts';
import { ContributionBoundary, type ContributionFallback } from './ContributionBoundary.tsx';
import { usePluginLoader } from './plugin-provider.ts';
import { useContributions, type ContributionFilter } from './use-contributions.ts';

/** Properties of {@link ContributionView}. */
export interface ContributionViewProps<K extends ContributionKind = ContributionKind> {
  readonly contribution: Registered<K>;
  /** For its component: `{object}` of columns and sections. */
  readonly componentProps?: object | undefined;
  /** For kinds without a component, and where the dashboard wraps it. Runs within the boundary. */
  readonly render?: ((contribution: Registered<K>) => ReactNode) | undefined;
  readonly fallback?: ContributionFallback | undefined;
  /** Stands in its place while it waits for something (React's `Suspense`). Default: nothing. */
  readonly loading?: ReactNode;
}

function RenderOf<K extends ContributionKind>({ contribution, componentProps, render }: ContributionViewProps<K>) {
  if (render !== undefined) return render(contribution);
  const { component } = contribution.value as { readonly component?: ComponentType<object> };
  return component === undefined ? null : createElement(component, componentProps);
}

/** One contribution within its own boundary: what it throws or waits for touches nothing around it. */
export function ContributionView<K extends ContributionKind>(props: ContributionViewProps<K>): ReactNode {
  const { contribution, fallback, loading = null } = props;
  const loader = usePluginLoader();
  if (loader === undefined) return null;
  return (
    <ContributionBoundary loader={loader} contribution={contribution} fallback={fallback}>
      <Suspense fallback={loading}>
        <RenderOf {...props} />
      </Suspense>
    </ContributionBoundary>
  );
}

/** Properties of {@link Slot}. */
export interface SlotProps<K extends ContributionKind = ContributionKind>
  extends ContributionFilter, Omit<ContributionViewProps<K>, 'contribution'> {
  readonly name: K;
}

/** Kinds whose declaration says all that is shown; showing them is no use of the plugin. */
const shownAsDeclared: readonly ContributionKind[] = ['navigation', 'theme', 'command', 'rowAction'];

/**
 * Activates the plugins whose contributions are declared and have no code yet, as showing them needs it. What fails is
 * shown by `usePlugins`.
 */
export function useActivated(contributions: readonly Registered[]): void {
  const loader = usePluginLoader();
  const waiting = [...new Set(contributions.filter((one) => one.isDeclared).map((one) => one.pluginId))].join(' ');
  useEffect(() => {
    // Ids hold no spaces.
    for (const id of waiting.split(' ')) if (id !== '') loader?.use(id).catch(() => undefined);
  }, [loader, waiting]);
}

const none: readonly Registered[] = [];

/**
 * Everything that plugins add of a kind, each within its own boundary: for a page that shows them side by side and no more.
 * Where contributions have places of their own (a tab each, a cell of a row, a button beside others) the page takes
 * `useContributions`, `useActivated` and `ContributionView`, of which this is made.
 *
 * Showing a slot whose kind needs code activates the plugins that declare something for it.
 */
export function Slot<K extends ContributionKind>({ name, target, ...view }: SlotProps<K>): ReactNode {
  const contributions = useContributions(name, { target });
  const needsCode = !shownAsDeclared.includes(name);
  useActivated(needsCode ? contributions : none);
  return contributions
    .filter((one) => !needsCode || !one.isDeclared)
    .map((one) => <ContributionView key={one.key} contribution={one} {...view} />);
}
