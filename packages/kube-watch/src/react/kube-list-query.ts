import { queryOptions, type QueryClient, type QueryFunctionContext } from '@tanstack/react-query';
import { canonicalSelector } from '../core/canonical-target.ts';
import type { KubeWatchClient, TargetHandle, TargetOptions } from '../client/types.ts';
import type { KubeObject } from '../protocol/kube-object.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import { listData, type KubeListData } from './list-data.ts';

/** First part of the query keys of live lists; with a client's id it is the prefix of everything that the client put there. */
export const kubeWatchKey = 'kube-watch';

/** What a query of a live list says of itself, in `meta`. */
export interface KubeListMeta extends Record<string, unknown> {
  readonly kubeList: { readonly clientId: number; readonly target: WatchTarget; readonly options: TargetOptions };
}

/** Key of a target: the same for targets that are the same list, and without a resourceVersion. */
export function kubeListQueryKey(client: Pick<KubeWatchClient, 'id'>, target: WatchTarget): readonly unknown[] {
  const { cluster, resource, namespace, labelSelector, fieldSelector, projection } = target;
  return [
    kubeWatchKey,
    client.id,
    cluster,
    [resource.group ?? '', resource.version, resource.resource].join('/'),
    namespace ?? '',
    canonicalSelector(labelSelector ?? ''),
    canonicalSelector(fieldSelector ?? ''),
    projection ?? 'full',
  ];
}

/**
 * Options of a query of one live list, for `useQuery`, `useSuspenseQuery`, `prefetchQuery` and the like. Below a
 * KubeWatchProvider the list is watched while the query has an observer, and its data changes with it; a refetch lists
 * again. The query fails with a KubeWatchError when the first list does.
 */
export function kubeListQueryOptions<T extends KubeObject = KubeObject>(
  client: KubeWatchClient,
  target: WatchTarget,
  options: TargetOptions = {},
) {
  const meta: KubeListMeta = { kubeList: { clientId: client.id, target, options } };
  return queryOptions({
    queryKey: kubeListQueryKey(client, target),
    queryFn: async (context) => (await readList(client, target, options, context)) as KubeListData<T>,
    meta,
    // The watch keeps it current, and knows itself when to try again.
    staleTime: Infinity,
    refetchOnMount: false,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
    retry: false,
    networkMode: 'always',
    // Comparing a list deeply at each change would cost more than everything else.
    structuralSharing: false,
  });
}

async function readList(
  client: KubeWatchClient,
  target: WatchTarget,
  options: TargetOptions,
  context: QueryFunctionContext,
): Promise<KubeListData> {
  const handle = client.watch(target, options);
  try {
    const { client: queryClient, queryKey } = context as QueryFunctionContext & { client?: QueryClient };
    const previous = queryClient?.getQueryData<KubeListData>(queryKey);
    if (handle.snapshot.state.isSynced && previous !== undefined) await handle.refetch();
    else await firstList(handle);
    return listData(handle.snapshot, queryClient?.getQueryData<KubeListData>(queryKey));
  } finally {
    // It lingers, so whoever mounts now goes on with it.
    handle.dispose();
  }
}

function firstList(handle: TargetHandle): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const { state } = handle.snapshot;
      const { error, isSynced } = state;
      if (isSynced) resolve();
      else if (error !== undefined) reject(error);
      else return;
      undo();
    };
    const undo = handle.subscribe(look);
    look();
  });
}
