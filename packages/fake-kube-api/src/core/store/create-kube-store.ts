import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import { matcherOf } from '../selectors/matcher.ts';
import { expired, resourceVersionTooLarge } from '../status-errors.ts';
import type { KubeStore, ResourceId } from '../types.ts';
import { deleteObject, removeStored } from './delete-objects.ts';
import { createSnapshots, listObjects } from './list-objects.ts';
import { parseResourceVersion } from './resource-version.ts';
import { createStoreContext, type WatchWindow } from './store-context.ts';
import { inVersion } from './versions.ts';
import { createObject, patchStored, updateObject } from './write-objects.ts';

/** What a store needs of its surroundings. */
export interface KubeStoreOptions {
  /** Types that it serves from the start. */
  readonly definitions: readonly ResourceDefinition[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** A new uid at each call. */
  readonly uid: () => string;
  /**
   * The resourceVersion of the first write, a whole number from 1 on. Default: `now()`, so that a store that is made
   * later begins beyond every version of this one, and what a client remembers of this one is never taken for its own.
   */
  readonly firstResourceVersion?: number | undefined;
  /** Changes of one resource that watches may start from. Default 10,000 and 5 min. */
  readonly watchWindow?: Partial<WatchWindow> | undefined;
}

/**
 * Creates an empty store. It has no namespaces yet: objects in a namespace need one where `namespaces` is defined.
 *
 * @throws RangeError for a `firstResourceVersion` that is none.
 */
export function createKubeStore(options: KubeStoreOptions): KubeStore {
  const { firstResourceVersion = Math.max(1, Math.floor(options.now())) } = options;
  if (!Number.isSafeInteger(firstResourceVersion) || firstResourceVersion < 1) {
    throw new RangeError(`expected firstResourceVersion to be a whole number from 1 on, got ${firstResourceVersion}`);
  }
  const context = createStoreContext({
    ...options,
    firstResourceVersion,
    watchWindow: {
      maxEvents: options.watchWindow?.maxEvents ?? 10_000,
      maxAgeMs: options.watchWindow?.maxAgeMs ?? 300_000,
    },
  });
  const snapshots = createSnapshots();
  for (const definition of options.definitions) context.define(definition);

  const shown = (id: ResourceId, object: KubeObject) => inVersion(object, context.lookup(id).definition);

  return {
    get resourceVersion() {
      return String(context.revision);
    },
    get definitions() {
      return [...context.collections.values()].flatMap((collection) => [...collection.definitions.values()]);
    },
    definition: (id) => context.collectionOf(id.group, id.resource)?.definitions.get(id.version),
    define(definition) {
      const collection = context.define(definition);
      return () => {
        if (collection.definitions.get(definition.version) !== definition) return;
        if (collection.definitions.size === 1) {
          for (const object of collection.sorted(undefined)) removeStored(context, collection, object);
          context.undefine(collection);
        }
        collection.definitions.delete(definition.version);
      };
    },
    get(id, namespace, name) {
      const { collection, definition } = context.lookup(id);
      return inVersion(context.object(collection, namespace, name), definition);
    },
    list(id, selection = {}, listOptions = {}) {
      const { collection, definition } = context.lookup(id);
      const source = { collection, definition, revision: context.revision, snapshots };
      const list = listObjects(source, selection, listOptions);
      return collection.definitions.size === 1
        ? list
        : { ...list, items: list.items.map((object) => inVersion(object, definition)) };
    },
    create(id, namespace, object, writeOptions = {}) {
      return shown(id, createObject(context, id, namespace, object, writeOptions));
    },
    update(id, namespace, name, object, writeOptions = {}) {
      return shown(id, updateObject(context, id, namespace, name, object, writeOptions));
    },
    patch(id, namespace, name, type, patch, writeOptions = {}) {
      const { object, created } = patchStored(context, id, namespace, name, type, patch, writeOptions);
      return { object: shown(id, object), created };
    },
    delete(id, namespace, name, deleteOptions = {}) {
      const { definition } = context.lookup(id);
      const { object, removed } = deleteObject(context, id, namespace, name, deleteOptions);
      return { object: inVersion(object, definition), removed };
    },
    watch(id, selection, resourceVersion, listener, ended = () => undefined) {
      const { collection, definition } = context.lookup(id);
      const { matches } = matcherOf(definition, selection);
      const from = parseResourceVersion(resourceVersion) ?? 0;
      // The real server waits for such a version to come. Here it can only be another store's.
      if (from > context.revision) throw resourceVersionTooLarge(resourceVersion, String(context.revision));
      const missed = collection.changesAfter(from);
      if (!missed) {
        throw expired(`too old resource version: ${resourceVersion} (${String(collection.floor)})`);
      }
      const namespace = definition.namespaced ? selection.namespace : undefined;
      return context.hub.add(collection, { namespace, matches, definition, listener, ended }, missed, from);
    },
    compact() {
      snapshots.clear();
      for (const collection of context.collections.values()) collection.compact(context.revision);
    },
  };
}
