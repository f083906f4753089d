import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { KubeWatchError, TargetState, WatchStatus } from '../protocol/watch-status.ts';
import { useKubeWatchClient } from './kube-watch-provider.ts';
import { worstStatus } from './list-result.ts';

/** How live everything is that a client watches now. */
export interface KubeWatchStatusResult {
  /** The worst of the targets'; `live` where nothing is watched. */
  readonly status: WatchStatus;
  readonly targets: readonly TargetState[];
  readonly errors: readonly KubeWatchError[];
  readonly isStale: boolean;
  /** Why at least one target does not use the first choice of transport. */
  readonly degradedReason: string | undefined;
}

/** The state of all targets, or of those of one cluster; for an indicator. Renders again when one of them changed. */
export function useKubeWatchStatus(cluster?: string): KubeWatchStatusResult {
  const client = useKubeWatchClient();
  const subscribe = useCallback((listener: () => void) => client.onTargets(listener), [client]);
  const getTargets = useCallback(() => client.targets, [client]);
  const all = useSyncExternalStore(subscribe, getTargets, getTargets);
  return useMemo(() => {
    const targets = cluster === undefined ? all : all.filter((target) => target.cluster === cluster);
    return {
      status: targets.length === 0 ? 'live' : worstStatus(targets),
      targets,
      errors: targets.flatMap(({ error }) => error ?? []),
      isStale: targets.some(({ isStale }) => isStale),
      degradedReason: targets.find(({ degradedReason }) => degradedReason !== undefined)?.degradedReason,
    };
  }, [all, cluster]);
}
