import { useCallback } from 'react';
import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';
import { useKubeObjectList } from '@fleetwire/kube-watch/react';

const namespacesResource = { version: 'v1', resource: 'namespaces' };

/** Names of the clusters' namespaces, each once, in order; empty for who may not list them. */
export function useNamespaces(clusters: readonly string[]): readonly string[] {
  const select = useCallback(
    (items: readonly ClusterObject<KubeObject>[]): readonly string[] =>
      [...new Set(items.map(({ object }) => object.metadata.name))].sort((a, b) => a.localeCompare(b)),
    [],
  );
  const { items } = useKubeObjectList<KubeObject, readonly string[]>({
    resource: namespacesResource,
    clusters,
    projection: 'metadata',
    select,
    enabled: clusters.length > 0,
  });
  return items;
}
