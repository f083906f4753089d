import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import { useCallback } from 'react';
import { toKubeWatchError } from '../core/kube-watch-error.ts';
import type { ApiResource } from '../protocol/resource.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { kubeWatchKey } from './kube-list-query.ts';
import { useKubeWatchContext } from './kube-watch-provider.ts';
import { useStable } from './use-list-slots.ts';

/** The resource types of some clusters. */
export interface ApiResourcesResult {
  /** Of the clusters that answered. */
  readonly byCluster: ReadonlyMap<string, readonly ApiResource[]>;
  /** Each type that at least one of them has, once: group, version and resource. */
  readonly resources: readonly ApiResource[];
  /** At most one for each cluster. */
  readonly errors: readonly KubeWatchError[];
  /** At least one has not answered yet. */
  readonly isLoading: boolean;
  /** Asks all of them again. */
  refetch(): Promise<void>;
}

/** Discovers what clusters have. They are asked once, and again every 30 s those that could not be asked. */
export function useApiResources(clusters: readonly string[]): ApiResourcesResult {
  const { client } = useKubeWatchContext();
  const names = useStable([...new Set(clusters)]);
  const combine = useCallback(
    (results: readonly UseQueryResult<readonly ApiResource[]>[]): ApiResourcesResult => combineResults(names, results),
    [names],
  );
  return useQueries({
    queries: names.map((cluster) => ({
      queryKey: [kubeWatchKey, client.id, cluster, 'api-resources'],
      queryFn: ({
        client: queryClient,
        queryKey,
      }: {
        client: { getQueryData(key: readonly unknown[]): unknown };
        queryKey: readonly unknown[];
      }) => client.apiResources(cluster, { refresh: queryClient.getQueryData(queryKey) !== undefined }),
      staleTime: Infinity,
      retry: false,
      networkMode: 'always' as const,
      refetchOnWindowFocus: false,
      structuralSharing: false,
      refetchInterval: (query: { readonly state: { readonly status: string } }) =>
        query.state.status === 'error' ? 30_000 : false,
    })),
    combine,
  });
}

function combineResults(
  clusters: readonly string[],
  results: readonly UseQueryResult<readonly ApiResource[]>[],
): ApiResourcesResult {
  const byCluster = new Map<string, readonly ApiResource[]>();
  const all = new Map<string, ApiResource>();
  const errors: KubeWatchError[] = [];
  for (const [index, { data, error }] of results.entries()) {
    const cluster = clusters[index] as string;
    if (error !== null) errors.push(toKubeWatchError(error, { cluster }));
    if (data === undefined) continue;
    byCluster.set(cluster, data);
    for (const found of data) {
      const key = [found.group ?? '', found.version, found.resource].join('/');
      if (!all.has(key)) all.set(key, found);
    }
  }
  return {
    byCluster,
    resources: [...all.values()],
    errors,
    isLoading: results.some(({ isPending }) => isPending),
    refetch: async () => {
      await Promise.all(results.map(({ refetch }) => refetch()));
    },
  };
}
