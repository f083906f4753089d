import { useEffect, useRef } from 'react';
import type { KubeResource, WatchedList } from '../protocol/resource.ts';
import type { KubeObjectClass, ListQueryParams } from './kube-object-list-query.ts';
import { useKubeWatchContext } from './kube-watch-provider.ts';
import { watchCachedList } from './list-watcher.ts';
import { useStable } from './use-list-slots.ts';

/** Lists that are in the query cache already, by the keys of `kubeObjectListQuery`. */
export interface WatchKubeObjectListsOptions<T> {
  readonly kubeObjectClass?: KubeObjectClass<T> | undefined;
  /** Null watches nothing. */
  readonly endpoint: KubeResource | null | undefined;
  readonly lists: readonly WatchedList[];
  readonly queryParams?: ListQueryParams | undefined;
}

/**
 * Watches lists that are in the cache already, each from its own resourceVersion, over the client's transport, and
 * writes what changes into them; it lists nothing itself. A list that is not in the cache is left alone. Each list is
 * watched once and goes on while its resourceVersion changes, as it does with each event.
 */
export function useWatchKubeObjectLists<T = unknown>(options: WatchKubeObjectListsOptions<T>): void {
  const { client, queryClient } = useKubeWatchContext();
  const { kubeObjectClass, lists } = options;
  const endpoint = useStable(options.endpoint ?? null);
  const queryParams = useStable(options.queryParams);
  const places = useStable(lists.map(({ cluster, namespace = '' }) => ({ cluster, namespace })));
  const latest = useRef(lists);
  useEffect(() => {
    latest.current = lists;
  });
  const watched = useRef(new Map<string, () => void>());
  useEffect(() => {
    const known = watched.current;
    return () => {
      for (const undo of known.values()) undo();
      known.clear();
    };
  }, [client, queryClient, endpoint, queryParams, kubeObjectClass]);
  useEffect(() => {
    const known = watched.current;
    const wanted = new Map(endpoint === null ? [] : places.map((place) => [JSON.stringify(place), place]));
    for (const [key, undo] of [...known]) {
      if (wanted.has(key)) continue;
      known.delete(key);
      undo();
    }
    if (endpoint === null) return;
    for (const [key, { cluster, namespace }] of wanted) {
      const list = latest.current.find((one) => one.cluster === cluster && (one.namespace ?? '') === namespace);
      if (known.has(key) || list === undefined) continue;
      known.set(key, watchCachedList(client, queryClient, list, { endpoint, kubeObjectClass, queryParams }));
    }
  }, [client, queryClient, endpoint, queryParams, kubeObjectClass, places]);
}
