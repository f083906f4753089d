import { KubeList } from '../core/kube-list.ts';
import { isListPage, listItems } from '../core/list-items.ts';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import type { KubeWatchClient } from '../client/types.ts';
import type { ListResponse } from '../protocol/kube-object.ts';
import type { KubeResource } from '../protocol/resource.ts';
import { resourcePath } from '../protocol/resource-path.ts';
import { kubeWatchKey } from './kube-list-query.ts';

/** A class that objects are wrapped in. */
export type KubeObjectClass<T> = new (object: never, cluster?: string) => T;

/** Parameters of a list beside those that are ours, `watch` and `resourceVersion`. */
export type ListQueryParams = Readonly<Record<string, string | number | boolean | undefined>>;

/** A list of one cluster and namespace, as the query cache holds it. */
export interface KubeObjectListQueryOptions<T> {
  /** Items are instances of it; without one they are plain objects with the cluster in `cluster`. */
  readonly kubeObjectClass?: KubeObjectClass<T> | undefined;
  readonly endpoint: KubeResource;
  readonly cluster: string;
  readonly namespace?: string | undefined;
  readonly queryParams?: ListQueryParams | undefined;
}

/**
 * Key and function of a query that lists once and holds the list as the API answers it, with its items wrapped; for
 * lists that `useWatchKubeObjectLists` then keeps current.
 */
export function kubeObjectListQuery<T = unknown>(client: KubeWatchClient, options: KubeObjectListQueryOptions<T>) {
  return {
    queryKey: kubeObjectListKey(client, options),
    queryFn: () => readObjectList(client, options),
  };
}

/** `queryParams` without what is ours, in the order of their names. */
export function passedParams(queryParams: ListQueryParams = {}): Readonly<Record<string, string>> {
  const names = Object.keys(queryParams).filter((name) => name !== 'watch' && name !== 'resourceVersion');
  return Object.fromEntries(
    names.sort().flatMap((name) => {
      const value = queryParams[name];
      return value === undefined ? [] : [[name, String(value)]];
    }),
  );
}

export function kubeObjectListKey(
  client: Pick<KubeWatchClient, 'id'>,
  { cluster, endpoint, namespace, queryParams }: Omit<KubeObjectListQueryOptions<unknown>, 'kubeObjectClass'>,
): readonly unknown[] {
  const type = [endpoint.group ?? '', endpoint.version, endpoint.resource].join('/');
  return [kubeWatchKey, client.id, cluster, 'object-list', type, namespace ?? '', passedParams(queryParams)];
}

async function readObjectList<T>(
  client: KubeWatchClient,
  { cluster, endpoint, kubeObjectClass, namespace, queryParams }: KubeObjectListQueryOptions<T>,
): Promise<ListResponse<T>> {
  const path = resourcePath({ ...endpoint, ...(namespace === undefined || namespace === '' ? {} : { namespace }) });
  const query = new URLSearchParams(passedParams(queryParams)).toString();
  const list = parse(await client.read(cluster, query === '' ? path : `${path}?${query}`));
  if (!isListPage(list)) {
    const message = 'expected a list with metadata.resourceVersion and items';
    throw createKubeWatchError({ code: 'KUBE_MALFORMED', message, cluster, namespace });
  }
  const empty = { metadata: {}, items: [] as readonly T[] };
  const items = listItems(list).flatMap(
    (object) =>
      KubeList.applyUpdate<T, typeof empty>(empty, { type: 'ADDED', object }, { itemClass: kubeObjectClass, cluster })
        .items,
  );
  return { ...list, items };
}

/** Undefined, which is no list either, where it is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
