import type { KubeObject } from '../../protocol/kube-object.ts';
import type { KubeStore, ResourceId } from '../types.ts';

/** What happened to one object; `old` is absent when it is new, `next` when it is gone. */
export interface CacheChange<T extends KubeObject = KubeObject> {
  readonly old: T | undefined;
  readonly next: T | undefined;
}

/** The objects of one resource, kept by a watch, with the indexes that controllers ask for. */
export interface ObjectCache<T extends KubeObject = KubeObject> {
  get(key: string): T | undefined;
  values(): Iterable<T>;
  readonly size: number;
  /** Those whose controller has this uid. */
  ownedBy(uid: string): readonly T[];
  inNamespace(namespace: string): readonly T[];
  dispose(): void;
}

/** `namespace/name`, or the name alone for what has no namespace. */
export function keyOf(object: { readonly metadata: { readonly namespace?: string; readonly name: string } }): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Undoes {@link keyOf}. */
export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  return slash === -1
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The uid of the owner that controls an object. */
export function controllerUid(object: KubeObject | undefined): string | undefined {
  return object?.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid;
}

function createIndex<T extends KubeObject>(valueOf: (object: T) => string | undefined) {
  const groups = new Map<string, Map<string, T>>();
  return {
    change(key: string, { old, next }: CacheChange<T>): void {
      const before = old && valueOf(old);
      const after = next && valueOf(next);
      if (before !== undefined && before !== after) {
        const group = groups.get(before);
        group?.delete(key);
        if (group?.size === 0) groups.delete(before);
      }
      if (after === undefined || next === undefined) return;
      const group = groups.get(after);
      if (group === undefined) groups.set(after, new Map([[key, next]]));
      else group.set(key, next);
    },
    get: (value: string): readonly T[] => [...(groups.get(value)?.values() ?? [])],
  };
}

/** Lists, then watches; `onChange` runs for every object of the list too, after the cache has it. */
export function createObjectCache<T extends KubeObject>(
  store: KubeStore,
  id: ResourceId,
  onChange: (change: CacheChange<T>) => void,
): ObjectCache<T> {
  const objects = new Map<string, T>();
  const owners = createIndex<T>(controllerUid);
  const namespaces = createIndex<T>((object) => object.metadata.namespace);
  const set = (key: string, next: T | undefined) => {
    const change = { old: objects.get(key), next };
    if (next === undefined) objects.delete(key);
    else objects.set(key, next);
    owners.change(key, change);
    namespaces.change(key, change);
    onChange(change);
  };
  const list = store.list(id);
  for (const object of list.items) set(keyOf(object), object as T);
  const undo = store.watch(id, {}, list.resourceVersion, ({ type, object }) => {
    if (type === 'BOOKMARK' || type === 'ERROR') return;
    set(keyOf(object), type === 'DELETED' ? undefined : (object as T));
  });
  return {
    get: (key) => objects.get(key),
    values: () => objects.values(),
    get size() {
      return objects.size;
    },
    ownedBy: owners.get,
    inNamespace: namespaces.get,
    dispose: undo,
  };
}
