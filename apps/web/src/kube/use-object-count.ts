import { useQuery } from '@tanstack/react-query';
import type { ListResponse } from '@fleetwire/kube-watch';
import { useKubeWatchClient } from '@fleetwire/kube-watch/react';

/** A count is for a glance; the list itself is live. */
const refreshMs = 15_000;

/** Metadata of one object is enough: the server tells how many more there are (Kubernetes documentation, API concepts). */
const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

/** How many objects a collection of a cluster has, such as `/api/v1/nodes`; undefined until, and unless, it is known. */
export function useObjectCount(cluster: string, path: string, enabled: boolean): number | undefined {
  const client = useKubeWatchClient();
  const { data } = useQuery({
    queryKey: ['object-count', client.id, cluster, path],
    queryFn: async ({ signal }) => {
      const response = await client.fetch(cluster, `${path}?limit=1`, { signal, headers: { accept } });
      const { items, metadata } = (await response.json()) as ListResponse;
      return items.length + (metadata.remainingItemCount ?? 0);
    },
    enabled,
    refetchInterval: refreshMs,
    staleTime: refreshMs / 2,
    retry: false,
  });
  return data;
}
