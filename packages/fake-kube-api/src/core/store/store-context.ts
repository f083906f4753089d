import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import { noSuchResource, notFound } from '../status-errors.ts';
import type { ResourceId } from '../types.ts';
import { type Collection, createCollection } from './collection.ts';
import { createOwnerIndex, type OwnerIndex } from './owner-index.ts';
import { createWatchHub, type WatchHub } from './watch-hub.ts';
import { withMetadata } from './object-shape.ts';

/** What the parts of the store share. */
export interface StoreContext {
  readonly now: () => number;
  readonly random: () => number;
  readonly uid: () => string;
  readonly hub: WatchHub;
  readonly owners: OwnerIndex;
  readonly revision: number;
  readonly collections: ReadonlyMap<string, Collection>;
  collectionOf(group: string, resource: string): Collection | undefined;
  /** Finds or makes the collection of a definition. */
  define(definition: ResourceDefinition): Collection;
  undefine(collection: Collection): void;
  /** @throws StatusError 404 when no such type is served. */
  lookup(id: ResourceId): { readonly collection: Collection; readonly definition: ResourceDefinition };
  /** @throws StatusError 404 when there is no such object. */
  object(collection: Collection, namespace: string | undefined, name: string): KubeObject;
  /** Writes: gives the object its revision, stores it, tells watchers. Returns it as stored. */
  write(collection: Collection, before: KubeObject | undefined, after: KubeObject): KubeObject;
  /** Removes; the removal has a revision too. */
  remove(collection: Collection, object: KubeObject): void;
}

/** Bounds of what watches may start from. */
export interface WatchWindow {
  readonly maxEvents: number;
  readonly maxAgeMs: number;
}

const collectionKey = (group: string, resource: string): string => (group === '' ? resource : `${resource}.${group}`);

/** Creates the state of a store without types. */
export function createStoreContext(options: {
  readonly now: () => number;
  readonly random: () => number;
  readonly uid: () => string;
  readonly firstResourceVersion: number;
  readonly watchWindow: WatchWindow;
}): StoreContext {
  const { now, random, uid, watchWindow } = options;
  const hub = createWatchHub();
  const owners = createOwnerIndex();
  const collections = new Map<string, Collection>();
  let revision = options.firstResourceVersion - 1;

  const commit = (
    collection: Collection,
    before: KubeObject | undefined,
    after: KubeObject | undefined,
  ): KubeObject | undefined => {
    const subject = after ?? before;
    if (!subject) return undefined;
    revision += 1;
    const at = now();
    const stored = after && withMetadata(after, { resourceVersion: String(revision) });
    const { namespace = '', name } = subject.metadata;
    const change = { revision, at, namespace, name, before, after: stored };
    collection.commit(change);
    collection.trim(watchWindow.maxEvents, at - watchWindow.maxAgeMs);
    owners.move(collection, before, stored);
    hub.publish(collection, change);
    return stored;
  };

  return {
    now,
    random,
    uid,
    hub,
    owners,
    collections,
    get revision() {
      return revision;
    },
    collectionOf: (group, resource) => collections.get(collectionKey(group, resource)),
    define(definition) {
      const key = collectionKey(definition.group, definition.resource);
      const collection = collections.get(key) ?? createCollection(key, revision);
      collections.set(key, collection);
      collection.definitions.set(definition.version, definition);
      return collection;
    },
    undefine(collection) {
      collections.delete(collection.key);
      hub.end(collection);
    },
    lookup(id) {
      const collection = collections.get(collectionKey(id.group, id.resource));
      const definition = collection?.definitions.get(id.version);
      if (!collection || !definition) throw noSuchResource();
      return { collection, definition };
    },
    object(collection, namespace, name) {
      const object = collection.get(namespace ?? '', name);
      if (object) return object;
      const [definition] = collection.definitions.values();
      throw definition ? notFound(definition, name) : noSuchResource();
    },
    write(collection, before, after) {
      return commit(collection, before, after) ?? after;
    },
    remove(collection, object) {
      commit(collection, object, undefined);
    },
  };
}
