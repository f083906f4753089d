import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';

/** One write. `before` is absent for a creation, `after` for a removal. */
export interface Change {
  readonly revision: number;
  readonly at: number;
  readonly namespace: string;
  readonly name: string;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

interface Partition {
  readonly objects: Map<string, KubeObject>;
  /** Names in order; undefined after a name came or went. */
  names: string[] | undefined;
}

/** The objects of one resource type, whatever the number of its versions, with the recent changes of them. */
export interface Collection {
  /** `resource.group`, unique in the server. */
  readonly key: string;
  /** By version; the first is the one that objects are stored as. */
  readonly definitions: Map<string, ResourceDefinition>;
  readonly size: number;
  get(namespace: string, name: string): KubeObject | undefined;
  /** How many objects a namespace holds. */
  count(namespace: string): number;
  /** Every object, or those of a namespace, in the order of their keys (`namespace/name`). */
  sorted(namespace: string | undefined): KubeObject[];
  /** The objects as they were after `revision`; undefined when the history does not reach back that far. */
  sortedAt(namespace: string | undefined, revision: number): KubeObject[] | undefined;
  /** Stores a change and remembers it. */
  commit(change: Change): void;
  /** The remembered changes after `revision`, oldest first; undefined when some are forgotten. */
  changesAfter(revision: number): readonly Change[] | undefined;
  /** Watches and old lists reach back to this revision. */
  readonly floor: number;
  /** Forgets changes up to `revision`. */
  compact(revision: number): void;
  /** Forgets changes beyond the bounds. */
  trim(maxEvents: number, oldestAt: number): void;
}

/** The part of a key after the collection: what lists are ordered by. */
export const keyOf = (namespace: string, name: string): string => (namespace === '' ? name : `${namespace}/${name}`);

const compareStrings = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const objectKey = (object: KubeObject): string => keyOf(object.metadata.namespace ?? '', object.metadata.name);

/** Creates an empty collection that remembers changes after `floor`. */
export function createCollection(key: string, floor: number): Collection {
  const definitions = new Map<string, ResourceDefinition>();
  const partitions = new Map<string, Partition>();
  let history: Change[] = [];
  // Forgotten entries stay at the front until there are many, since shifting an array one by one is slow.
  let head = 0;
  let size = 0;

  const forget = (until: number): void => {
    if (until <= head) return;
    floor = Math.max(floor, history[until - 1]?.revision ?? floor);
    head = until;
    if (head > 1024 && head * 2 > history.length) {
      history = history.slice(head);
      head = 0;
    }
  };

  /** Index of the first remembered change after `revision`. */
  const firstAfter = (revision: number): number => {
    let low = head;
    let high = history.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((history[middle]?.revision ?? Infinity) > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  const namesOf = (partition: Partition): string[] =>
    (partition.names ??= [...partition.objects.keys()].sort(compareStrings));

  const sorted = (namespace: string | undefined): KubeObject[] => {
    const result: KubeObject[] = [];
    const spaces =
      namespace === undefined
        ? [...partitions.keys()].sort((a, b) => compareStrings(`${a}/`, `${b}/`))
        : partitions.has(namespace)
          ? [namespace]
          : [];
    for (const space of spaces) {
      const partition = partitions.get(space);
      if (!partition) continue;
      for (const name of namesOf(partition)) {
        const object = partition.objects.get(name);
        if (object) result.push(object);
      }
    }
    return result;
  };

  return {
    key,
    definitions,
    get size() {
      return size;
    },
    get floor() {
      return floor;
    },
    get: (namespace, name) => partitions.get(namespace)?.objects.get(name),
    count: (namespace) => partitions.get(namespace)?.objects.size ?? 0,
    sorted,
    sortedAt(namespace, revision) {
      if (revision < floor) return undefined;
      const undone = new Map<string, KubeObject | undefined>();
      for (let index = history.length - 1; index >= head; index -= 1) {
        const change = history[index];
        if (!change || change.revision <= revision) break;
        if (namespace !== undefined && change.namespace !== namespace) continue;
        undone.set(keyOf(change.namespace, change.name), change.before);
      }
      const present = sorted(namespace);
      if (undone.size === 0) return present;
      const result = present.filter((object) => !undone.has(objectKey(object)));
      for (const object of undone.values()) if (object) result.push(object);
      return result.sort((a, b) => compareStrings(objectKey(a), objectKey(b)));
    },
    commit(change) {
      let partition = partitions.get(change.namespace);
      if (change.after) {
        if (!partition) {
          partition = { objects: new Map(), names: undefined };
          partitions.set(change.namespace, partition);
        }
        if (!partition.objects.has(change.name)) {
          partition.names = undefined;
          size += 1;
        }
        partition.objects.set(change.name, change.after);
      } else if (partition?.objects.delete(change.name)) {
        partition.names = undefined;
        size -= 1;
        if (partition.objects.size === 0) partitions.delete(change.namespace);
      }
      history.push(change);
    },
    changesAfter(revision) {
      return revision < floor ? undefined : history.slice(firstAfter(revision));
    },
    compact(revision) {
      forget(firstAfter(revision));
      floor = Math.max(floor, revision);
    },
    trim(maxEvents, oldestAt) {
      let until = Math.max(head, history.length - maxEvents);
      while (until < history.length && (history[until]?.at ?? Infinity) < oldestAt) until += 1;
      forget(until);
    },
  };
}
