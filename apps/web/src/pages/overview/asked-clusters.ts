import { createKubeWatchError, type ClusterInfo, type TargetState } from '@fleetwire/kube-watch';

/** Which clusters are asked, and what is to be said of the others. */
export interface AskedClusters {
  /** Those that are ready, or were: what they had stays, and kube-watch asks them again in their time. */
  readonly asked: readonly string[];
  /** As a list of theirs would say it; one that was not looked at yet has no error. */
  readonly others: readonly TargetState[];
}

/** Parts clusters by whether they were ever met ready; remembers which were. */
export function createAskedClusters(): (clusters: readonly ClusterInfo[]) => AskedClusters {
  let met: ReadonlySet<string> = new Set();
  return (clusters) => {
    const isAsked = ({ name, state }: ClusterInfo): boolean => state === 'ready' || met.has(name);
    met = new Set(clusters.filter(isAsked).map(({ name }) => name));
    return { asked: [...met], others: clusters.filter(({ name }) => !met.has(name)).map(stateOf) };
  };
}

function stateOf({ name: cluster, state, message = 'the cluster cannot be used' }: ClusterInfo): TargetState {
  const isUnknown = state === 'unknown';
  return {
    cluster,
    namespace: undefined,
    status: isUnknown ? 'connecting' : 'stopped',
    transport: undefined,
    degradedReason: undefined,
    isSynced: false,
    isPartial: false,
    isStale: false,
    staleSince: undefined,
    lastSyncAt: undefined,
    error: isUnknown ? undefined : createKubeWatchError({ message, cluster }),
    itemCount: 0,
  };
}
