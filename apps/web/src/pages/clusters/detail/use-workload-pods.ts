import { useMemo } from 'react';
import type { KubeObject } from '@fleetwire/kube-watch';
import { useKubeObjectList } from '@fleetwire/kube-watch/react';
import { relatedLists } from './related-objects.ts';

/** Whether an object is a pod or has pods of its own. */
export function hasPods(object: KubeObject): boolean {
  if (object.kind === 'Pod') return true;
  return object.kind !== 'Node' && relatedLists(object.kind).some(({ resource }) => resource.resource === 'pods');
}

/** The pods of a workload, live, the newest first. */
export function useWorkloadPods(
  cluster: string,
  workload: KubeObject,
): { readonly pods: readonly KubeObject[]; readonly isLoading: boolean } {
  const { namespace } = workload.metadata;
  const { items, isLoading } = useKubeObjectList({
    resource: { version: 'v1', resource: 'pods' },
    clusters: [cluster],
    ...(namespace === undefined ? {} : { namespaces: [namespace] }),
  });
  const pods = useMemo(() => {
    const belongs = relatedLists(workload.kind).find(({ resource }) => resource.resource === 'pods')?.belongs;
    return items
      .map(({ object }) => object)
      .filter((pod) => belongs?.(pod, workload) === true)
      .toSorted((a, b) => (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''));
  }, [items, workload]);
  return { pods, isLoading };
}
