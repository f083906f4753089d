import type { KubeObject, WatchEvent } from '../protocol/kube-object.ts';
import { compareVersions } from './resource-version.ts';

/** Events that wait for a list. A later one about the same object stands for earlier ones, so that objects bound it. */
export interface KeptEvents {
  /** False when it holds events of `maxObjects` objects, and none of this one: the event was not kept. */
  keep(event: WatchEvent, maxObjects: number): boolean;
  /** The objects that these events leave, as a list; what is left is nothing. */
  takeObjects(): KubeObject[];
  /** The events in the order of their objects' first mention; what is left is nothing. */
  takeEvents(): WatchEvent[];
  clear(): void;
}

export function createKeptEvents(): KeptEvents {
  const events = new Map<string, Extract<WatchEvent, { type: 'ADDED' | 'MODIFIED' | 'DELETED' }>>();
  return {
    keep(event, maxObjects) {
      if (event.type === 'BOOKMARK' || event.type === 'ERROR') return true;
      // The deletion of one uid must not hide behind what became of the next one under the same name.
      const { name, namespace = '', uid, resourceVersion } = event.object.metadata;
      const key = `${namespace}/${name}/${uid}`;
      const known = events.get(key);
      if (known === undefined && events.size >= maxObjects) return false;
      const order = compareVersions(resourceVersion, known?.object.metadata.resourceVersion);
      // What comes again, after what is newer.
      if (order === undefined || order >= 0) events.set(key, event);
      return true;
    },
    takeObjects() {
      const objects = [...events.values()].filter(({ type }) => type !== 'DELETED').map(({ object }) => object);
      events.clear();
      return objects;
    },
    takeEvents() {
      const kept = [...events.values()];
      events.clear();
      return kept;
    },
    clear() {
      events.clear();
    },
  };
}
