import { useMemo, useState, useSyncExternalStore } from 'react';
import type { KubeObject } from '../protocol/kube-object.ts';
import type { ClusterObject } from '../protocol/resource.ts';
import { useKubeWatchContext } from './kube-watch-provider.ts';
import { createSelection, summaryOf } from './list-result.ts';
import { ListStore } from './list-store.ts';
import type { KubeObjectListOptions, KubeObjectListResult } from './types.ts';
import { useListSlots } from './use-list-slots.ts';

/**
 * Lists a resource over clusters and namespaces, and keeps the list live while the component is mounted. The same list
 * in several components is listed and watched once. The result is the same object until something in it changed.
 */
export function useKubeObjectList<T extends KubeObject = KubeObject, S = readonly ClusterObject<T>[]>(
  options: KubeObjectListOptions<T, S>,
): KubeObjectListResult<T, S> {
  const { maxItems, pageSize, select, watch } = options;
  const context = useKubeWatchContext();
  const slots = useListSlots(options);
  const store = useMemo(
    () => new ListStore(context, slots, { maxItems, pageSize, watch }),
    [context, slots, maxItems, pageSize, watch],
  );
  const view = useSyncExternalStore(store.subscribe, store.getView, store.getView);
  const [selectFrom] = useState(() => createSelection<readonly ClusterObject<T>[], S>());
  const items = selectFrom(view.items as readonly ClusterObject<T>[], select);
  const summary = useMemo(() => summaryOf(view), [view]);
  return useMemo(() => ({ ...summary, items, refetch: store.refetch }), [summary, items, store]);
}
