import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
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

/** Where one cluster's choice among types stands. */
interface Resolution {
  readonly data: ApiResource | undefined;
  readonly error: Error | null;
}

const combineResults = (results: readonly UseQueryResult<ApiResource>[]): readonly Resolution[] =>
  results.map(({ data, error }) => ({ data, error }));

/**
 * For each list one slot for each cluster and namespace, in the order of the options, each once. Compared by content; a
 * list that is not enabled has none.
 */
export function useListSlots(lists: readonly SlotOptions[]): readonly (readonly ListSlot[])[] {
  const { client } = useKubeWatchContext();
  const stable = useStable(lists.map(canonicalOptions));
  // The same question of two lists is one.
  const questions = useMemo(
    () => [...new Map(stable.flatMap(questionsOf).map((question) => [question.key, question])).values()],
    [stable],
  );
  const answers = useQueries({
    queries: questions.map(({ cluster, wanted }) => ({
      queryKey: resolveKey(client.id, cluster, wanted),
      queryFn: () => client.resolveResource(cluster, wanted),
      staleTime: Infinity,
      retry: false,
      networkMode: 'always' as const,
      refetchOnWindowFocus: false,
      refetchInterval: (query: { readonly state: { readonly status: string } }) =>
        query.state.status === 'error' ? discoverAgainMs : false,
    })),
    combine: combineResults,
  });
  return useMemo(() => {
    const resolved = new Map(questions.map(({ key }, index) => [key, answers[index]]));
    return stable.map((list) => slotsOf(list, (cluster, wanted) => resolved.get(questionKey(cluster, wanted))));
  }, [stable, questions, answers]);
}

/** The part of the options that decides, so that functions and the like make no difference. */
function canonicalOptions(options: SlotOptions): SlotOptions {
  const { clusters, enabled = true, fieldSelector, labelSelector, namespaces = [], projection, resource } = options;
  return {
    resource: isSingle(resource) ? resourceOf(resource) : resource,
    clusters: enabled ? [...new Set(clusters)] : [],
    namespaces: [...new Set(namespaces)],
    labelSelector,
    fieldSelector,
    projection,
  };
}

function questionsOf({ clusters, resource }: SlotOptions) {
  // Of a single type nothing has to be asked: a cluster that does not have it says so.
  if (isSingle(resource)) return [];
  return clusters.map((cluster) => ({ key: questionKey(cluster, resource), cluster, wanted: resource }));
}

function questionKey(cluster: string, wanted: readonly ResourceMatch[]): string {
  return JSON.stringify([cluster, wanted]);
}

function resolveKey(clientId: number, cluster: string, wanted: readonly ResourceMatch[]): readonly unknown[] {
  return [kubeWatchKey, clientId, cluster, 'resolve', wanted];
}

function slotsOf(
  { clusters, fieldSelector, labelSelector, namespaces = [], projection, resource }: SlotOptions,
  resolved: (cluster: string, wanted: readonly ResourceMatch[]) => Resolution | undefined,
): readonly ListSlot[] {
  return clusters.flatMap((cluster) => {
    const { data, error } = isSingle(resource) ? { data: resource, error: null } : (resolved(cluster, resource) ?? {});
    const spaces = isSpaced(data) && namespaces.length > 0 ? namespaces : [undefined];
    return spaces.map((namespace): ListSlot => {
      const selection = { cluster, namespace, labelSelector, fieldSelector, projection };
      if (data !== undefined) return { target: { ...selection, resource: resourceOf(data) } };
      const state = initialState(selection);
      if (error === undefined || error === null) return { state };
      return { state: { ...state, status: 'stopped', error: toKubeWatchError(error, selection) } };
    });
  });
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
