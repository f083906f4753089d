import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { ResourceMatch } from '../client/api-resources.ts';
import { initialState } from '../client/shared-target.ts';
import { toKubeWatchError } from '../core/kube-watch-error.ts';
import type { ApiResource, KubeResource, Projection } from '../protocol/resource.ts';
import { kubeWatchKey } from './kube-list-query.ts';
import { useKubeWatchContext } from './kube-watch-provider.ts';
import type { ListSlot } from './list-store.ts';

/** What decides which targets a list has. */
export interface SlotOptions {
  readonly resource: KubeResource | readonly ResourceMatch[];
  readonly clusters: readonly string[];
  readonly namespaces?: readonly string[] | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly projection?: Projection | undefined;
  readonly enabled?: boolean | undefined;
}

/** A type that a cluster does not have may come (W9). */
const discoverAgainMs = 30_000;

const none: readonly ResourceMatch[] = [];

/** One slot for each cluster and namespace, in the order of the options, each once. Compared by content. */
export function useListSlots(options: SlotOptions): readonly ListSlot[] {
  const { clusters, enabled = true, resource } = options;
  const { client } = useKubeWatchContext();
  // Of a single type nothing has to be asked: a cluster that does not have it says so.
  const wanted = isSingle(resource) ? none : resource;
  const names = useStable(enabled ? [...new Set(clusters)] : []);
  const combine = useCallback(
    (results: readonly UseQueryResult<ApiResource>[]) => results.map(({ data, error }) => ({ data, error })),
    [],
  );
  const resolved = useQueries({
    queries: (wanted.length === 0 ? [] : names).map((cluster) => ({
      queryKey: [kubeWatchKey, client.id, cluster, 'resolve', wanted],
      queryFn: () => client.resolveResource(cluster, wanted),
      staleTime: Infinity,
      retry: false,
      networkMode: 'always' as const,
      refetchOnWindowFocus: false,
      refetchInterval: (query: { readonly state: { readonly status: string } }) =>
        query.state.status === 'error' ? discoverAgainMs : false,
    })),
    combine,
  });
  const { fieldSelector, labelSelector, projection } = options;
  const single = useStable(isSingle(resource) ? resource : undefined);
  const namespaces = useStable([...new Set(options.namespaces ?? [])]);
  return useMemo(
    () =>
      names.flatMap((cluster, index): readonly ListSlot[] => {
        const found = single ?? resolved[index]?.data;
        const error = single === undefined ? resolved[index]?.error : undefined;
        const spaces = isSpaced(found) && namespaces.length > 0 ? namespaces : [undefined];
        return spaces.map((namespace): ListSlot => {
          const selection = { cluster, namespace, labelSelector, fieldSelector, projection };
          if (found !== undefined) return { target: { ...selection, resource: resourceOf(found) } };
          const state = initialState(selection);
          if (error === undefined || error === null) return { state };
          return { state: { ...state, status: 'stopped', error: toKubeWatchError(error, selection) } };
        });
      }),
    [names, single, resolved, namespaces, labelSelector, fieldSelector, projection],
  );
}

function isSingle(resource: SlotOptions['resource']): resource is KubeResource {
  return !Array.isArray(resource);
}

/** Discovery says of a resolved type whether it has namespaces; of a given one the caller knows. */
function isSpaced(resource: KubeResource | ApiResource | undefined): boolean {
  return resource === undefined || !('namespaced' in resource) || resource.namespaced;
}

/** Without what discovery says beside. */
function resourceOf({ group, version, resource }: KubeResource): KubeResource {
  return { ...(group === undefined || group === '' ? {} : { group }), version, resource };
}

/** The same value while its content, as JSON, is the same. */
export function useStable<V>(value: V): V {
  const key = JSON.stringify(value) as string | undefined;
  return useMemo(() => (key === undefined ? undefined : JSON.parse(key)) as V, [key]);
}
