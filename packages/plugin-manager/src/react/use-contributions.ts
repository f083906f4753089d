import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { Registered } from '../browser/plugin-registry.ts';
import type { ContributionKind } from '../protocol/contributions.ts';
import { usePluginLoader } from './plugin-provider.ts';

/** Which contributions of a kind are meant; default: all. */
export interface ContributionFilter {
  /** Of columns, sections and actions: what they are for, by any of its names. */
  readonly target?: string | readonly string[] | undefined;
}

const none: readonly never[] = [];

/**
 * What plugins add of a kind, by their order; those that are declared and have no code yet, too. A list that does not
 * change as long as they do not.
 */
export function useContributions<K extends ContributionKind>(
  kind: K,
  { target }: ContributionFilter = {},
): readonly Registered<K>[] {
  const registry = usePluginLoader()?.registry;
  const subscribe = useCallback(
    (listener: () => void) => registry?.subscribe(listener) ?? (() => undefined),
    [registry],
  );
  const getSnapshot = useCallback(() => registry?.getSnapshot(kind) ?? none, [registry, kind]);
  const all = useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
  const targets = target === undefined ? undefined : JSON.stringify([target].flat());
  return useMemo(() => {
    if (targets === undefined || all.length === 0) return all;
    const names = JSON.parse(targets) as readonly string[];
    return all.filter(({ value }) => names.includes((value as { readonly target?: string }).target ?? ''));
  }, [all, targets]);
}
