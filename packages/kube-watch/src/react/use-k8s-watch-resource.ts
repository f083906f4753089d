import { useMemo, useState } from 'react';
import type { KubeObject } from '../protocol/kube-object.ts';
import type { ClusterObject } from '../protocol/resource.ts';
import { useKubeWatchContext } from './kube-watch-provider.ts';
import type { ListView } from './list-store.ts';
import { useListViews } from './use-list-views.ts';
import { listOfK8sResource, type WatchK8sResource } from './watch-k8s-resource.ts';

/** Data, whether it is there, and why it is not. */
export type WatchK8sResult<R> = readonly [data: R, loaded: boolean, error: unknown];

/** The same, by name, of `useK8sWatchResources`. */
export interface WatchK8sResultObject<R> {
  readonly data: R;
  readonly loaded: boolean;
  readonly loadError: unknown;
}

/**
 * One object, or the objects of a list, as `[data, loaded, error]`: OpenShift's hook over `useKubeObjectList`. Until it
 * is loaded the data is `[]` for a list and `{}` for an object; null watches nothing and gives `[undefined, true,
 * undefined]`.
 */
export function useK8sWatchResource<R extends KubeObject | readonly KubeObject[]>(
  init: WatchK8sResource | null,
): WatchK8sResult<R> {
  const { cluster } = useKubeWatchContext();
  const [result] = useListViews([listOfK8sResource(init, cluster)]);
  const [dataOf] = useState(createData);
  const isNull = init === null;
  const isList = init?.isList === true;
  const isOptional = init?.optional === true;
  const view = result?.view;
  return useMemo(() => {
    if (isNull || view === undefined) return [undefined as unknown as R, true, undefined];
    const { data, loaded, loadError } = resultOf(view, isList, isOptional, dataOf);
    return [data as R, loaded, loadError];
  }, [isNull, isList, isOptional, view, dataOf]);
}

/** Several at once, by names of the caller's own; null watches nothing. */
export function useK8sWatchResources<R extends Readonly<Record<string, KubeObject | readonly KubeObject[]>>>(inits: {
  readonly [K in keyof R]: WatchK8sResource | null;
}): { readonly [K in keyof R]: WatchK8sResultObject<R[K]> } {
  const { cluster } = useKubeWatchContext();
  const entries = Object.entries<WatchK8sResource | null>(inits);
  const results = useListViews(entries.map(([, init]) => listOfK8sResource(init, cluster)));
  const [dataOf] = useState(createData);
  const key = JSON.stringify(
    entries.map(([name, init]) => [name, init?.isList === true, init?.optional === true, init === null]),
  );
  return useMemo(() => {
    const places = JSON.parse(key) as readonly (readonly [string, boolean, boolean, boolean])[];
    return Object.fromEntries(
      places.map(([name, isList, isOptional, isNull], index) => {
        const view = results[index]?.view;
        const nothing = { data: undefined, loaded: true, loadError: undefined };
        return [name, isNull || view === undefined ? nothing : resultOf(view, isList, isOptional, dataOf)];
      }),
    ) as { readonly [K in keyof R]: WatchK8sResultObject<R[K]> };
  }, [key, results, dataOf]);
}

type Items = readonly ClusterObject<KubeObject>[];

function resultOf(
  { items, targets }: ListView,
  isList: boolean,
  isOptional: boolean,
  dataOf: (items: Items) => readonly KubeObject[],
): WatchK8sResultObject<unknown> {
  const error = targets.find((target) => target.error !== undefined)?.error;
  const isSynced = targets.length > 0 && targets.every((target) => target.isSynced);
  const objects = dataOf(items);
  return {
    data: isList ? objects : (objects[0] ?? noObject),
    loaded: isSynced || (isOptional && error !== undefined),
    loadError: isOptional ? undefined : error,
  };
}

const noObject = Object.freeze({});

/** The plain objects; the same array for the same items. */
function createData(): (items: Items) => readonly KubeObject[] {
  const known = new WeakMap<Items, readonly KubeObject[]>();
  return (items) => {
    let objects = known.get(items);
    if (objects === undefined) {
      objects = items.map(({ object }) => object);
      known.set(items, objects);
    }
    return objects;
  };
}
