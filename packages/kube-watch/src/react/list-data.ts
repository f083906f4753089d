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

/**
 * Wraps objects with their cluster. Most of a large list is as before and in its place, so the old wrappers are walked
 * along: that compares references, where a look-up by object would hash each of them.
 */
export function wrapItems(
  cluster: string,
  objects: readonly KubeObject[],
  previous: readonly ClusterObject<KubeObject>[],
): readonly ClusterObject<KubeObject>[] {
  const wrapped = new Array<ClusterObject<KubeObject>>(objects.length);
  let byObject: Map<KubeObject, ClusterObject<KubeObject>> | undefined;
  let at = 0;
  for (let index = 0; index < objects.length; index += 1) {
    const object = objects[index] as KubeObject;
    // In its place, or one further because one before it went.
    let known = previous[at]?.object === object ? previous[at] : undefined;
    if (known === undefined && previous[at + 1]?.object === object) {
      known = previous[at + 1];
      at += 1;
    }
    if (known === undefined && at < previous.length && !isReplaced(previous[at], object)) {
      byObject ??= new Map(previous.map((item) => [item.object, item]));
      known = byObject.get(object);
    }
    wrapped[index] = known ?? { cluster, object };
    at += 1;
  }
  return wrapped;
}

/** The same object in a newer version, which keeps its place. */
function isReplaced(item: ClusterObject<KubeObject> | undefined, { metadata }: KubeObject): boolean {
  return item?.object.metadata.uid === metadata.uid;
}
