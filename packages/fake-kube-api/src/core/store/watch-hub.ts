import type { KubeObject } from '../../protocol/kube-object.ts';
import type { WatchEvent, WatchEventType } from '../../protocol/watch-event.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import type { Change, Collection } from './collection.ts';
import { withMetadata } from './object-shape.ts';
import { inVersion } from './versions.ts';

interface Watcher {
  readonly namespace: string | undefined;
  readonly matches: ((object: KubeObject) => boolean) | undefined;
  /** Whose version it reads. */
  readonly definition: ResourceDefinition;
  readonly listener: (event: WatchEvent) => void;
  readonly ended: () => void;
  /** The last revision that the listener has been told of. */
  revision: number;
}

/** Tells watchers of the changes of collections, in the order of their revisions. */
export interface WatchHub {
  /** Passes a change on, after those that came before it: a listener that writes does not overtake. */
  publish(collection: Collection, change: Change): void;
  /** Replays `missed`, then follows. */
  add(
    collection: Collection,
    watcher: Omit<Watcher, 'revision'>,
    missed: readonly Change[],
    revision: number,
  ): () => void;
  /** Ends every watch of a collection after the changes before this, because its type is gone. */
  end(collection: Collection): void;
}

// One event object per change, kind and version, shared by every watcher: what serialises it need do so once.
const sharedEvents = new WeakMap<Change, Map<string, WatchEvent>>();

function sharedEvent(
  change: Change,
  type: WatchEventType,
  object: KubeObject,
  definition: ResourceDefinition,
): WatchEvent {
  let events = sharedEvents.get(change);
  if (!events) {
    events = new Map();
    sharedEvents.set(change, events);
  }
  const key = `${type} ${definition.version}`;
  let event = events.get(key);
  if (!event) {
    event = {
      type,
      object: inVersion(
        type === 'DELETED' ? withMetadata(object, { resourceVersion: String(change.revision) }) : object,
        definition,
      ),
    };
    events.set(key, event);
  }
  return event;
}

function tell(watcher: Watcher, change: Change): void {
  if (change.revision <= watcher.revision) return;
  watcher.revision = change.revision;
  const { matches, namespace, definition } = watcher;
  if (namespace !== undefined && change.namespace !== namespace) return;
  const { before, after } = change;
  const old = before && (!matches || matches(before)) ? before : undefined;
  const now = after && (!matches || matches(after)) ? after : undefined;
  if (now) watcher.listener(sharedEvent(change, old ? 'MODIFIED' : 'ADDED', now, definition));
  else if (old) watcher.listener(sharedEvent(change, 'DELETED', old, definition));
}

/** Creates a hub without watchers. A listener that throws delays its error until the others have been told. */
export function createWatchHub(): WatchHub {
  // Watchers by namespace, so that a change costs nothing to those of other namespaces; '' watches all of them.
  const watchers = new Map<Collection, Map<string, Set<Watcher>>>();
  /** Without a change the watches of the collection end. */
  const queue: { readonly collection: Collection; readonly change: Change | undefined }[] = [];
  let isDraining = false;

  const tellAll = (collection: Collection, change: Change, errors: unknown[]): void => {
    const spaces = watchers.get(collection);
    if (!spaces) return;
    for (const space of change.namespace === '' ? [''] : ['', change.namespace]) {
      for (const watcher of spaces.get(space) ?? []) {
        try {
          tell(watcher, change);
        } catch (error) {
          errors.push(error);
        }
      }
    }
  };

  const endAll = (collection: Collection): void => {
    const spaces = watchers.get(collection);
    watchers.delete(collection);
    for (const set of spaces?.values() ?? []) for (const watcher of set) watcher.ended();
  };

  const publish = (collection: Collection, change: Change | undefined): void => {
    queue.push({ collection, change });
    if (isDraining) return;
    isDraining = true;
    const errors: unknown[] = [];
    for (let next = queue.shift(); next; next = queue.shift()) {
      if (next.change) tellAll(next.collection, next.change, errors);
      else endAll(next.collection);
    }
    isDraining = false;
    if (errors.length > 0) throw errors[0];
  };

  return {
    publish,
    add(collection, options, missed, revision) {
      const watcher: Watcher = { ...options, revision };
      const space = options.namespace ?? '';
      let spaces = watchers.get(collection);
      if (!spaces) {
        spaces = new Map();
        watchers.set(collection, spaces);
      }
      let set = spaces.get(space);
      if (!set) {
        set = new Set();
        spaces.set(space, set);
      }
      set.add(watcher);
      for (const change of missed) tell(watcher, change);
      return () => {
        set.delete(watcher);
        if (set.size === 0 && spaces.get(space) === set) spaces.delete(space);
      };
    },
    end(collection) {
      publish(collection, undefined);
    },
  };
}
