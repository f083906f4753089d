import { useMemo, useState } from 'react';
import type { KubeObject } from '../protocol/kube-object.ts';
import type { ClusterObject } from '../protocol/resource.ts';
import { createSelection, summaryOf } from './list-result.ts';
import type { KubeObjectListOptions, KubeObjectListResult } from './types.ts';
import { useListViews, type ListResult } from './use-list-views.ts';

/**
 * Lists a resource over clusters and namespaces, and keeps the list live while the component is mounted. The same list
 * in several components is listed and watched once. The result is the same object until something in it changed.
 */
export function useKubeObjectList<T extends KubeObject = KubeObject, S = readonly ClusterObject<T>[]>(
  options: KubeObjectListOptions<T, S>,
): KubeObjectListResult<T, S> {
  const { view, refetch } = useListViews([options])[0] as ListResult;
  const [selectFrom] = useState(() => createSelection<readonly ClusterObject<T>[], S>());
  const items = selectFrom(view.items as readonly ClusterObject<T>[], options.select);
  const summary = useMemo(() => summaryOf(view), [view]);
  return useMemo(() => ({ ...summary, items, refetch }), [summary, items, refetch]);
}
