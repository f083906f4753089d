import { hashKey, type QueryClient } from '@tanstack/react-query';
import type { KubeWatchClient } from '../client/types.ts';
import { compareVersions } from '../core/resource-version.ts';
import type { WatchTransport } from '../core/watch-transport.ts';
import type { KubeObject, ListResponse, WatchEvent } from '../protocol/kube-object.ts';
import type { WatchedList, WatchTarget } from '../protocol/resource.ts';
import { applyUpdates, objectKey } from './apply-updates.ts';
import { kubeObjectListQuery, type KubeObjectListQueryOptions } from './kube-object-list-query.ts';

interface Watched {
  readonly undo: () => void;
  holds: number;
}

/** Events that a list may lack which was asked for before they came; of more than so many the oldest are forgotten. */
const maxRecent = 1_000;

/** The lists of each cache that are watched now, by the hashes of their keys, which name the client. */
const watchedOf = new WeakMap<QueryClient, Map<string, Watched>>();

/**
 * Watches a list that something else put into the cache, from the list's own resourceVersion, and writes what changes
 * into it. It lists nothing while the watch can go on; when the API has forgotten the resourceVersion, the list's own
 * query reads it again. A list that several watch is watched once, from the first one's resourceVersion and with its
 * class. Returns its undo.
 */
export function watchCachedList<T>(
  client: KubeWatchClient,
  queryClient: QueryClient,
  list: WatchedList,
  options: Omit<KubeObjectListQueryOptions<T>, 'cluster' | 'namespace'>,
): () => void {
  const { cluster, namespace } = list;
  const key = hashKey(kubeObjectListQuery<T>(client, { ...options, cluster, namespace }).queryKey);
  const watched = watchedOf.get(queryClient) ?? new Map<string, Watched>();
  watchedOf.set(queryClient, watched);
  const found = watched.get(key) ?? { undo: startWatch(client, queryClient, list, options), holds: 0 };
  watched.set(key, found);
  found.holds += 1;
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    found.holds -= 1;
    if (found.holds > 0) return;
    watched.delete(key);
    found.undo();
  };
}

function startWatch<T>(
  client: KubeWatchClient,
  queryClient: QueryClient,
  list: WatchedList,
  options: Omit<KubeObjectListQueryOptions<T>, 'cluster' | 'namespace'>,
): () => void {
  const { cluster, namespace } = list;
  const query = kubeObjectListQuery<T>(client, { ...options, cluster, namespace });
  const { fieldSelector, labelSelector } = options.queryParams ?? {};
  const target: WatchTarget = {
    cluster,
    namespace,
    resource: options.endpoint,
    labelSelector: labelSelector === undefined ? undefined : String(labelSelector),
    fieldSelector: fieldSelector === undefined ? undefined : String(fieldSelector),
  };
  /** The last event of each object, as it is all that the list will show. */
  const due = new Map<string, WatchEvent>();
  /** Those that are in the list already. */
  const recent = new Map<string, WatchEvent>();
  let isFirst = true;
  let isListing = false;
  let isOver = false;

  const flush = (): void => {
    // What comes while the list is read again belongs on top of it.
    if (isOver || isListing || due.size === 0) return;
    const updates = [...due.values()];
    for (const [name, event] of due) {
      recent.delete(name);
      recent.set(name, event);
    }
    due.clear();
    for (const name of recent.keys()) {
      if (recent.size <= maxRecent) break;
      recent.delete(name);
    }
    queryClient.setQueryData<ListResponse<T>>(
      query.queryKey,
      (present) =>
        present && applyUpdates<T, ListResponse<T>>(present, updates, { itemClass: options.kubeObjectClass, cluster }),
    );
  };
  const take = (events: readonly WatchEvent[]): void => {
    for (const event of events) {
      if (event.type === 'BOOKMARK' || event.type === 'ERROR') continue;
      due.set(objectKey(event.object), event);
    }
    if (due.size > 0) client.scheduleFlush(flush);
  };

  const hash = hashKey(query.queryKey);
  /** Somebody read the list: what came while it was on its way is put on top of it again. */
  const undoRead = queryClient.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.query.queryHash !== hash) return;
    if (event.action.type !== 'success' || event.action.manual === true) return;
    const { metadata } = event.query.state.data as ListResponse<T>;
    for (const [name, late] of recent) {
      const { resourceVersion } = (late.object as KubeObject).metadata;
      const order = compareVersions(resourceVersion, metadata.resourceVersion);
      if (order !== undefined && order > 0 && !due.has(name)) due.set(name, late);
    }
    if (due.size > 0) client.scheduleFlush(flush);
  });

  /** Resolves to where the watch goes on. */
  const listAgain = async (...[transport, request, signal]: ListAgain): Promise<string> => {
    if (queryClient.getQueryData(query.queryKey) !== undefined) {
      const { metadata } = await queryClient.fetchQuery({ ...query, staleTime: 0 });
      return metadata.resourceVersion;
    }
    // Nobody has the list, so all that is wanted of a new one is its resourceVersion.
    const { metadata } = await transport.list({ ...request, limit: 1 }, signal);
    return metadata.resourceVersion;
  };

  /** The transport, with the cache in place of its lists; and what is not in there stays out of the reflector's store. */
  const overCache = (transport: WatchTransport): WatchTransport => ({
    ...transport,
    supportsWatchList: false,
    list: async (request, signal) => {
      const empty = { apiVersion: 'v1', kind: 'List', items: [] };
      if (isFirst) {
        isFirst = false;
        return { ...empty, metadata: { resourceVersion: list.resourceVersion } };
      }
      due.clear();
      // Of a cluster that was restored from a backup they may be newer than all that there is.
      recent.clear();
      isListing = true;
      try {
        return { ...empty, metadata: { resourceVersion: await listAgain(transport, request, signal) } };
      } finally {
        isListing = false;
        client.scheduleFlush(flush);
      }
    },
    ...(transport.watch && {
      watch: (request, listener) =>
        transport.watch?.(request, {
          ...listener,
          onEvents: (events, columns) => {
            take(events);
            listener.onEvents(events, columns);
          },
        }) ?? (() => {}),
    }),
  });

  const undo = client.reflect(target, overCache);
  return () => {
    isOver = true;
    undoRead();
    undo();
  };
}

type ListAgain = readonly [WatchTransport, ...Parameters<WatchTransport['list']>];
