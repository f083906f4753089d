import { useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { ListResponse } from '@fleetwire/kube-watch';
import type { KubeWatchClient } from '@fleetwire/kube-watch/client';
import { useKubeWatchClient } from '@fleetwire/kube-watch/react';

/** A count is for a glance; the list itself is live. */
const refreshMs = 15_000;

/** Metadata of one object is enough: the server tells how many more there are (Kubernetes documentation, API concepts). */
const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

/** How many objects a collection of a cluster has, such as `/api/v1/nodes`; undefined until, and unless, it is known. */
export function useObjectCount(cluster: string, path: string, enabled: boolean): number | undefined {
  const client = useKubeWatchClient();
  return useQuery({ ...countQuery(client, cluster, path), enabled }).data;
}

/** The same for several clusters, by their names; those that do not tell are left out. */
export function useObjectCounts(clusters: readonly string[], path: string): ReadonlyMap<string, number> {
  const client = useKubeWatchClient();
  const counts = useQueries({
    queries: clusters.map((cluster) => countQuery(client, cluster, path)),
    combine: countsOf,
  });
  return new Map(
    clusters.flatMap((cluster, index) => {
      const count = counts[index];
      return count === undefined ? [] : [[cluster, count] as const];
    }),
  );
}

function countsOf(results: readonly UseQueryResult<number>[]): readonly (number | undefined)[] {
  return results.map(({ data }) => data);
}

function countQuery(client: KubeWatchClient, cluster: string, path: string) {
  return {
    queryKey: ['object-count', client.id, cluster, path],
    queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<number> => {
      const response = await client.fetch(cluster, `${path}?limit=1`, { signal, headers: { accept } });
      const { items, metadata } = (await response.json()) as ListResponse;
      return items.length + (metadata.remainingItemCount ?? 0);
    },
    refetchInterval: refreshMs,
    staleTime: refreshMs / 2,
    retry: false,
  };
}
