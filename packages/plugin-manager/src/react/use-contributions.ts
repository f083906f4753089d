import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { Registered } from '../browser/plugin-registry.ts';
import type { ContributionKind } from '../protocol/contributions.ts';
import { usePluginLoader } from './plugin-provider.ts';

/** Which contributions of a kind are meant; default: all. */
export interface ContributionFilter {
  /** Of columns, sections and actions: what they are for. */
  readonly target?: string | undefined;
  /** Of routes. */
  readonly path?: string | undefined;
}

/**
 * What plugins add of a kind, by their order; those that are declared and have no code yet, too. A list that does not
 * change as long as they do not.
 */
export function useContributions<K extends ContributionKind>(
  kind: K,
  filter: ContributionFilter = {},
): readonly Registered<K>[] {
  const { registry } = usePluginLoader();
  const subscribe = useCallback((listener: () => void) => registry.subscribe(listener), [registry]);
  const getSnapshot = useCallback(() => registry.getSnapshot(kind), [registry, kind]);
  const all = useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
  const { target, path } = filter;
  return useMemo(
    () =>
      all.filter(({ value }) => {
        const given = value as { readonly target?: string; readonly path?: string };
        return (target ?? given.target) === given.target && (path ?? given.path) === given.path;
      }),
    [all, target, path],
  );
}
