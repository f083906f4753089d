import { useMemo } from 'react';
import type { KubeObject } from '@fleetwire/kube-watch';
import { useKubeObjectList } from '@fleetwire/kube-watch/react';
import { relatedLists, type RelatedList } from './related-objects.ts';

/** Whether an object is a pod or has pods of its own. */
export function hasPods(object: KubeObject): boolean {
  if (object.apiVersion === 'v1' && object.kind === 'Pod') return true;
  return object.kind !== 'Node' && podsOf(object) !== undefined;
}

/** The pods of a workload, live, the newest first. */
export function useWorkloadPods(
  cluster: string,
  workload: KubeObject,
): { readonly pods: readonly KubeObject[]; readonly isLoading: boolean } {
  const { namespace } = workload.metadata;
  const list = podsOf(workload);
  const query = list?.query(workload);
  const { items, isLoading } = useKubeObjectList({
    resource: { version: 'v1', resource: 'pods' },
    clusters: [cluster],
    ...(namespace === undefined ? {} : { namespaces: [namespace] }),
    ...query,
    enabled: query !== undefined,
  });
  const pods = useMemo(
    () =>
      items
        .map(({ object }) => object)
        .filter((pod) => list?.belongs(pod, workload, noCell) === true)
        .toSorted((a, b) => (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '')),
    [items, list, workload],
  );
  return { pods, isLoading: isLoading && query !== undefined };
}

/** The pods come whole: their containers are needed. */
function noCell(): undefined {
  return undefined;
}

function podsOf(object: KubeObject): RelatedList | undefined {
  return relatedLists(object).find(({ resource }) => resource.resource === 'pods');
}
