import type { KubeObject } from '../protocol/kube-object.ts';

/** The keys of an object in an index; none for an object that the index leaves out. */
export type ObjectIndexer<T extends KubeObject = KubeObject> = (object: T) => readonly string[];

/** By `metadata.namespace`; objects without one have the key `''`. */
export const indexByNamespace: ObjectIndexer = (object) => [object.metadata.namespace ?? ''];

/** By the uid of each owner. */
export const indexByOwner: ObjectIndexer = (object) => (object.metadata.ownerReferences ?? []).map(({ uid }) => uid);

/** By the value of a label; objects without it are left out. */
export function indexByLabel(label: string): ObjectIndexer {
  return (object) => {
    const value = object.metadata.labels?.[label];
    return value === undefined ? [] : [value];
  };
}

/** The objects by one of their properties. Objects are told apart by reference. */
export interface StoreIndex<T> {
  readonly counts: ReadonlyMap<string, number>;
  add(object: T): void;
  remove(object: T): void;
  objects(key: string): readonly T[];
}

const nothing: readonly never[] = [];

export function createStoreIndex<T extends KubeObject>(indexer: ObjectIndexer<T>): StoreIndex<T> {
  const buckets = new Map<string, Set<T>>();
  const counts = new Map<string, number>();
  const arrays = new Map<string, readonly T[]>();
  return {
    counts,
    add(object) {
      for (const key of indexer(object)) {
        let bucket = buckets.get(key);
        if (bucket === undefined) buckets.set(key, (bucket = new Set()));
        bucket.add(object);
        counts.set(key, bucket.size);
        arrays.delete(key);
      }
    },
    remove(object) {
      for (const key of indexer(object)) {
        const bucket = buckets.get(key);
        if (bucket?.delete(object) !== true) continue;
        arrays.delete(key);
        if (bucket.size > 0) counts.set(key, bucket.size);
        else {
          buckets.delete(key);
          counts.delete(key);
        }
      }
    },
    objects(key) {
      const bucket = buckets.get(key);
      if (bucket === undefined) return nothing;
      let array = arrays.get(key);
      if (array === undefined) arrays.set(key, (array = [...bucket]));
      return array;
    },
  };
}
