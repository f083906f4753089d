import { useMemo, useState } from 'react';
import type { KubeObject } from '../protocol/kube-object.ts';
import type { KubeResource } from '../protocol/resource.ts';
import { summaryOf } from './list-result.ts';
import type { ListView } from './list-store.ts';
import type { KubeObjectResult } from './types.ts';
import { useListViews, type ListResult } from './use-list-views.ts';

/** Which object. Fresh literals at each render are fine. */
export interface KubeObjectOptions {
  /** A resource type, or several in the order of preference. */
  readonly resource: KubeResource | readonly KubeResource[];
  readonly cluster: string;
  /** Absent for a resource that has none. */
  readonly namespace?: string | undefined;
  readonly name: string;
  /** Default true. */
  readonly enabled?: boolean | undefined;
}

/**
 * A single object, live: a list and watch of its name. When it is deleted its last state stays, marked so, and when
 * another one of that name is made it is shown.
 */
export function useKubeObject<T extends KubeObject = KubeObject>(options: KubeObjectOptions): KubeObjectResult<T> {
  const { cluster, enabled, name, namespace, resource } = options;
  const { view, refetch } = useListViews([
    {
      resource,
      clusters: [cluster],
      namespaces: namespace === undefined || namespace === '' ? [] : [namespace],
      fieldSelector: `metadata.name=${name}`,
      enabled,
    },
  ])[0] as ListResult;
  const [shownOf] = useState(createShown);
  const shown = shownOf(JSON.stringify([cluster, namespace, name, resource]), view);
  return useMemo(() => {
    const { errors, isLoading, isStale, lastSyncAt, watchStatus } = summaryOf(view);
    const { object, isDeleted } = shown;
    return {
      object: object as T | undefined,
      isDeleted,
      error: errors[0],
      isLoading: isLoading && object === undefined && view.targets.length > 0,
      isStale,
      lastSyncAt,
      watchStatus,
      refetch,
    };
  }, [shown, view, refetch]);
}

interface Shown {
  readonly object: KubeObject | undefined;
  readonly isDeleted: boolean;
}

/** Remembers the last state of the object that `key` names. */
function createShown(): (key: string, view: ListView) => Shown {
  let lastKey: string | undefined;
  let last: Shown = { object: undefined, isDeleted: false };
  return (key, view) => {
    const before = key === lastKey ? last : { object: undefined, isDeleted: false };
    const object = view.items[0]?.object;
    // A type that is gone empties its lists too, but says so by an error.
    const isGone = view.targets.some(({ error, isSynced }) => isSynced && error === undefined);
    const next =
      object !== undefined
        ? { object, isDeleted: false }
        : { object: before.object, isDeleted: before.isDeleted || (before.object !== undefined && isGone) };
    lastKey = key;
    if (before.object !== next.object || before.isDeleted !== next.isDeleted) last = next;
    else last = before;
    return last;
  };
}
