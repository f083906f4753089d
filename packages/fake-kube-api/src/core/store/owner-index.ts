import type { KubeObject } from '../../protocol/kube-object.ts';
import { type Collection, keyOf } from './collection.ts';

/** Where an object is. */
export interface ObjectPlace {
  readonly collection: Collection;
  readonly namespace: string;
  readonly name: string;
}

/** Finds the dependants of an owner by its uid, and owners by theirs. */
export interface OwnerIndex {
  /** Takes note that `before` has become `after`. */
  move(collection: Collection, before: KubeObject | undefined, after: KubeObject | undefined): void;
  dependants(uid: string): readonly ObjectPlace[];
  /** Whether an object with this uid is stored. */
  exists(uid: string): boolean;
  place(uid: string): ObjectPlace | undefined;
}

/** Creates an empty index. */
export function createOwnerIndex(): OwnerIndex {
  const byOwner = new Map<string, Map<string, ObjectPlace>>();
  const byUid = new Map<string, ObjectPlace>();

  return {
    move(collection, before, after) {
      const subject = after ?? before;
      if (!subject) return;
      const { namespace = '', name } = subject.metadata;
      const place: ObjectPlace = { collection, namespace, name };
      if (!before && after) byUid.set(after.metadata.uid, place);
      else if (before && !after) byUid.delete(before.metadata.uid);
      const oldOwners = before?.metadata.ownerReferences;
      const newOwners = after?.metadata.ownerReferences;
      if (oldOwners === newOwners) return;
      const key = `${collection.key} ${keyOf(namespace, name)}`;
      for (const owner of oldOwners ?? []) {
        const places = byOwner.get(owner.uid);
        places?.delete(key);
        if (places?.size === 0) byOwner.delete(owner.uid);
      }
      for (const owner of newOwners ?? []) {
        const places = byOwner.get(owner.uid) ?? new Map<string, ObjectPlace>();
        places.set(key, place);
        byOwner.set(owner.uid, places);
      }
    },
    dependants: (uid) => [...(byOwner.get(uid)?.values() ?? [])],
    exists: (uid) => byUid.has(uid),
    place: (uid) => byUid.get(uid),
  };
}
