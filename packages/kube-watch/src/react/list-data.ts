import type { TargetSnapshot } from '../client/types.ts';
import type { KubeObject, TableColumnDefinition } from '../protocol/kube-object.ts';
import type { ClusterObject } from '../protocol/resource.ts';
import type { TargetState } from '../protocol/watch-status.ts';

/** What the query cache holds of one target. Items that did not change are the same objects in each of its values. */
export interface KubeListData<T extends KubeObject = KubeObject> {
  readonly items: readonly ClusterObject<T>[];
  /** Of a `table` projection. */
  readonly columns: readonly TableColumnDefinition[] | undefined;
  readonly state: TargetState;
}

/** By the array of objects, so that whoever comes second gets the same items. */
const wrappedOf = new WeakMap<readonly KubeObject[], readonly ClusterObject<KubeObject>[]>();

/** The value for the cache; `previous` lends what is still true. */
export function listData({ items, columns, state }: TargetSnapshot, previous: KubeListData | undefined): KubeListData {
  let wrapped = wrappedOf.get(items);
  if (wrapped === undefined) {
    wrapped = wrapItems(state.cluster, items, previous?.items ?? []);
    wrappedOf.set(items, wrapped);
  }
  return { items: wrapped, columns, state };
}

/** An object belongs to one store of one cluster, so its wrapper is the same for everybody. */
const wrapperOf = new WeakMap<KubeObject, ClusterObject<KubeObject>>();

/**
 * Wraps objects with their cluster. Most of a large list is as before and in its place, so the old wrappers are walked
 * along: that compares references, where a look-up hashes each object.
 */
export function wrapItems(
  cluster: string,
  objects: readonly KubeObject[],
  previous: readonly ClusterObject<KubeObject>[],
): readonly ClusterObject<KubeObject>[] {
  const wrapped = new Array<ClusterObject<KubeObject>>(objects.length);
  /** How many before this one went since. */
  let gone = 0;
  for (let index = 0; index < objects.length; index += 1) {
    const object = objects[index] as KubeObject;
    let known = previous[index + gone];
    if (known?.object !== object && previous[index + gone + 1]?.object === object) {
      gone += 1;
      known = previous[index + gone];
    }
    wrapped[index] = known?.object === object ? known : wrapperFor(cluster, object);
  }
  return wrapped;
}

function wrapperFor(cluster: string, object: KubeObject): ClusterObject<KubeObject> {
  let wrapper = wrapperOf.get(object);
  if (wrapper === undefined) {
    wrapper = { cluster, object };
    wrapperOf.set(object, wrapper);
  }
  return wrapper;
}
