import { useMemo, useState } from 'react';
import { summaryOf } from './list-result.ts';
import type { ListView } from './list-store.ts';
import type { KubeObjectListOptions, KubeObjectListResult } from './types.ts';
import { useListViews, type ListResult } from './use-list-views.ts';

/** Several lists by names of the caller's own; `select` is for single lists. */
export type KubeListRequests = Readonly<Record<string, Omit<KubeObjectListOptions, 'select'>>>;

/**
 * Lists different resources at once, each as `useKubeObjectList` does. Names may come and go between renders. A list that
 * did not change keeps its result.
 */
export function useKubeLists<R extends KubeListRequests>(
  requests: R,
): { readonly [K in keyof R]: KubeObjectListResult } {
  const names = Object.keys(requests);
  const results = useListViews(Object.values(requests));
  const [resultOf] = useState(createResults);
  const key = JSON.stringify(names);
  return useMemo(
    () =>
      Object.fromEntries(
        (JSON.parse(key) as readonly string[]).map((name, index) => [name, resultOf(results[index] as ListResult)]),
      ) as { readonly [K in keyof R]: KubeObjectListResult },
    [key, results, resultOf],
  );
}

function createResults(): (result: ListResult) => KubeObjectListResult {
  const known = new WeakMap<ListView, KubeObjectListResult>();
  return ({ view, refetch }) => {
    let found = known.get(view);
    if (found === undefined) {
      found = { ...summaryOf(view), items: view.items, refetch };
      known.set(view, found);
    }
    return found;
  };
}
