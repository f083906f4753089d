import type { KubeObject, WatchEvent } from '../protocol/kube-object.ts';
import { dropManagedFields } from './drop-managed-fields.ts';
import { compareVersions } from './resource-version.ts';
import { createStoreIndex, type ObjectIndexer, type StoreIndex } from './store-index.ts';

/** What an event did to the store. */
export type StoreEffect = 'added' | 'modified' | 'deleted' | 'ignored';

/** One change of one object. */
export type StoreChange<T> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'modified'; readonly object: T; readonly previous: T }
  | { readonly type: 'deleted'; readonly object: T };

/** How many objects a list changed. */
export interface StoreReplacement {
  readonly added: number;
  readonly modified: number;
  readonly deleted: number;
  readonly unchanged: number;
}

/** How a store keeps its objects. */
export interface ObjectStoreOptions<T extends KubeObject> {
  /** Makes of each object what is kept. Default: without `metadata.managedFields`. */
  readonly transform?: ((object: T) => T) | undefined;
  /** Names and functions that give an object's keys; see `indexByNamespace`, `indexByOwner` and `indexByLabel`. */
  readonly indexers?: Readonly<Record<string, ObjectIndexer<T>>> | undefined;
  /** New objects beyond it are turned away, and the store says that it is partial. Default: without end. */
  readonly maxItems?: number | undefined;
  /** Called with each change, after it was made. */
  readonly onChange?: ((change: StoreChange<T>) => void) | undefined;
}

/** An object, its place in the order, and its key. */
interface Slot<T> {
  readonly key: string;
  object: T;
  position: number;
}

/**
 * The objects of one list, by namespace and name. `apply` costs the same however many there are. The order is that of
 * the list, with later additions at the end; an object that is modified keeps its place.
 */
export class ObjectStore<T extends KubeObject = KubeObject> {
  readonly #slots = new Map<string, Slot<T>>();
  readonly #transform: (object: T) => T;
  readonly #maxItems: number;
  readonly #onChange: ((change: StoreChange<T>) => void) | undefined;
  readonly #indexes = new Map<string, StoreIndex<T>>();
  /** The objects in order. A deletion leaves a hole, so that it moves nothing; `snapshot` closes them. */
  #ordered: (T | undefined)[] = [];
  #holes = 0;
  #snapshot: readonly T[] | undefined = [];
  #knownVersion: string | undefined;
  #isPartial = false;

  constructor(options: ObjectStoreOptions<T> = {}) {
    this.#transform = options.transform ?? dropManagedFields;
    this.#maxItems = options.maxItems ?? Infinity;
    this.#onChange = options.onChange;
    for (const [name, indexer] of Object.entries(options.indexers ?? {}))
      this.#indexes.set(name, createStoreIndex(indexer));
  }

  /** How many objects there are. */
  get size(): number {
    return this.#slots.size;
  }

  /** `maxItems` turned objects away, or the list that was given was cut. */
  get isPartial(): boolean {
    return this.#isPartial;
  }

  get(name: string, namespace?: string): T | undefined {
    return this.#slots.get(keyOf(name, namespace))?.object;
  }

  /** All objects in order; the same array until something changed. */
  snapshot(): readonly T[] {
    if (this.#snapshot !== undefined) return this.#snapshot;
    if (this.#holes > 0) this.#closeHoles();
    this.#snapshot = this.#ordered.slice() as T[];
    return this.#snapshot;
  }

  /** The objects that have `key` in the index `name`; the same array until one of them changed. */
  byIndex(name: string, key: string): readonly T[] {
    return this.#index(name).objects(key);
  }

  /** How many objects have each key of the index `name`. */
  indexCounts(name: string): ReadonlyMap<string, number> {
    return this.#index(name).counts;
  }

  /**
   * Applies one event of a watch. What is not newer than the stored object of the same uid, or than the list, is
   * ignored; so is the deletion of what is unknown. Another uid under the same name is another object: `onChange` sees
   * the deletion of the old one and the addition of the new one. BOOKMARK and ERROR are ignored.
   */
  apply(event: WatchEvent<T>): StoreEffect {
    if (event.type === 'BOOKMARK' || event.type === 'ERROR') return 'ignored';
    const { name, namespace } = event.object.metadata;
    const key = keyOf(name, namespace);
    const slot = this.#slots.get(key);
    if (event.type === 'DELETED') return this.#applyDeletion(slot, event.object);
    if (slot !== undefined ? !isUpdate(slot.object, event.object) : this.#isKnown(event.object)) return 'ignored';
    const object = this.#transform(event.object);
    if (slot === undefined) return this.#add(key, object);
    if (slot.object.metadata.uid === object.metadata.uid) {
      this.#modify(slot, object);
      return 'modified';
    }
    this.#remove(slot);
    return this.#add(key, object);
  }

  /**
   * Makes the store hold exactly `list`, in its order. What is unchanged (same uid and resourceVersion) keeps its
   * reference. `resourceVersion` is the list's own: events that are not newer bring no new object. `isCut` says that
   * the list was not read to its end.
   */
  replace(list: readonly T[], resourceVersion?: string, isCut = false): StoreReplacement {
    const previous = new Map(this.#slots);
    const counts = { added: 0, modified: 0, deleted: 0, unchanged: 0 };
    const changes: StoreChange<T>[] = [];
    const ordered: T[] = [];
    this.#slots.clear();
    for (const item of list) {
      const key = keyOf(item.metadata.name, item.metadata.namespace);
      if (this.#slots.size >= this.#maxItems) break;
      if (this.#slots.has(key)) continue;
      const slot = previous.get(key);
      const isSame = slot !== undefined && isSameVersion(slot.object, item);
      const object = isSame ? slot.object : this.#transform(item);
      this.#slots.set(key, { key, object, position: ordered.length });
      ordered.push(object);
      if (isSame) counts.unchanged += 1;
      else if (slot !== undefined && slot.object.metadata.uid === object.metadata.uid) {
        counts.modified += 1;
        changes.push({ type: 'modified', object, previous: slot.object });
      } else {
        if (slot !== undefined) changes.push({ type: 'deleted', object: slot.object });
        if (slot !== undefined) counts.deleted += 1;
        counts.added += 1;
        changes.push({ type: 'added', object });
      }
    }
    for (const [key, { object }] of previous) {
      if (this.#slots.has(key)) continue;
      counts.deleted += 1;
      changes.push({ type: 'deleted', object });
    }
    const isReordered = this.#ordered.length !== ordered.length || ordered.some((o, at) => o !== this.#ordered[at]);
    if (isReordered) this.#snapshot = undefined;
    this.#ordered = ordered;
    this.#holes = 0;
    this.#knownVersion = resourceVersion;
    this.#isPartial = isCut || this.#slots.size < list.length;
    for (const change of changes) this.#updateIndexes(change);
    if (this.#onChange !== undefined) for (const change of changes) this.#onChange(change);
    return counts;
  }

  /**
   * Says that the store has all up to `resourceVersion`: an event that comes again brings no new object. For events that
   * come in the order of their versions, which those of one watch do after its initial events.
   */
  advance(resourceVersion: string): void {
    const order = compareVersions(resourceVersion, this.#knownVersion);
    if (order === undefined || order > 0) this.#knownVersion = resourceVersion;
  }

  /** It is here already, or was until it was deleted. */
  #isKnown(object: T): boolean {
    const order = compareVersions(object.metadata.resourceVersion, this.#knownVersion);
    return order !== undefined && order <= 0;
  }

  #applyDeletion(slot: Slot<T> | undefined, object: T): StoreEffect {
    if (slot === undefined || slot.object.metadata.uid !== object.metadata.uid) return 'ignored';
    // What left a selector and came back: an old deletion must not take it away. Equal is what old servers send.
    const order = compareVersions(object.metadata.resourceVersion, slot.object.metadata.resourceVersion);
    if (order !== undefined && order < 0) return 'ignored';
    this.#remove(slot);
    return 'deleted';
  }

  #add(key: string, object: T): StoreEffect {
    if (this.#slots.size >= this.#maxItems) {
      this.#isPartial = true;
      return 'ignored';
    }
    this.#slots.set(key, { key, object, position: this.#ordered.length });
    this.#ordered.push(object);
    this.#changed({ type: 'added', object });
    return 'added';
  }

  #modify(slot: Slot<T>, object: T): void {
    const previous = slot.object;
    slot.object = object;
    this.#ordered[slot.position] = object;
    this.#changed({ type: 'modified', object, previous });
  }

  #remove(slot: Slot<T>): void {
    this.#slots.delete(slot.key);
    this.#ordered[slot.position] = undefined;
    this.#holes += 1;
    this.#changed({ type: 'deleted', object: slot.object });
  }

  #changed(change: StoreChange<T>): void {
    this.#snapshot = undefined;
    // A store that nobody looks at must not grow by its holes.
    if (this.#holes > 1024 && this.#holes > this.#slots.size) this.#closeHoles();
    this.#updateIndexes(change);
    this.#onChange?.(change);
  }

  #updateIndexes(change: StoreChange<T>): void {
    for (const index of this.#indexes.values()) {
      if (change.type !== 'added') index.remove(change.type === 'modified' ? change.previous : change.object);
      if (change.type !== 'deleted') index.add(change.object);
    }
  }

  #closeHoles(): void {
    let position = 0;
    const ordered: T[] = [];
    for (const slot of this.#slots.values()) {
      slot.position = position;
      ordered.push(slot.object);
      position += 1;
    }
    this.#ordered = ordered;
    this.#holes = 0;
  }

  #index(name: string): StoreIndex<T> {
    const index = this.#indexes.get(name);
    if (index === undefined)
      throw new RangeError(
        `expected one of the store's indexes (${[...this.#indexes.keys()].join(', ')}), got ${name}`,
      );
    return index;
  }
}

function keyOf(name: string, namespace: string | undefined): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function isUpdate(stored: KubeObject, object: KubeObject): boolean {
  const { uid, resourceVersion } = object.metadata;
  const order = compareVersions(resourceVersion, stored.metadata.resourceVersion);
  if (order === undefined) return true;
  // An equal version of another object under the same name: trust what came later.
  return order > 0 || (order === 0 && stored.metadata.uid !== uid);
}

function isSameVersion(stored: KubeObject, object: KubeObject): boolean {
  const { uid, resourceVersion } = object.metadata;
  return compareVersions(resourceVersion, stored.metadata.resourceVersion) === 0 && stored.metadata.uid === uid;
}
