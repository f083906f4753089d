import { useSyncExternalStore } from 'react';
import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';
import { useKubeObjectList } from '@fleetwire/kube-watch/react';
import type { PluginSdk } from '@fleetwire/plugin-manager/sdk';

const pods = { version: 'v1', resource: 'pods' };

/** All pods of all clusters that answer, live, and what `select` makes of them. */
export function usePodsOf<S>(sdk: PluginSdk, select: (items: readonly ClusterObject<KubeObject>[]) => S) {
  const clusters = useSyncExternalStore(sdk.clusters.subscribe, sdk.clusters.getSnapshot);
  const names = clusters?.filter(({ state }) => state !== 'unreachable').map(({ name }) => name) ?? [];
  return useKubeObjectList<KubeObject, S>({ resource: pods, clusters: names, enabled: names.length > 0, select });
}

/** The pods of one cluster. However many components ask, they are listed and watched once. */
export function usePodsIn<S>(cluster: string, select: (items: readonly ClusterObject<KubeObject>[]) => S) {
  return useKubeObjectList<KubeObject, S>({ resource: pods, clusters: [cluster], select });
}
