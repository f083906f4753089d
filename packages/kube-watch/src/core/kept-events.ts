import type { KubeObject, WatchEvent } from '../protocol/kube-object.ts';
import { compareVersions } from './resource-version.ts';

/** Events that wait for a list. Later ones about the same name stand for earlier ones, so that it is bounded by names. */
export interface KeptEvents {
  /** False when it holds `maxNames` names already, and not this one: the event was not kept. */
  keep(event: WatchEvent, maxNames: number): boolean;
  /** The objects that these events leave, as a list; what is left is nothing. */
  takeObjects(): KubeObject[];
  /** The events in the order of their first mention; what is left is nothing. */
  takeEvents(): WatchEvent[];
  clear(): void;
}

export function createKeptEvents(): KeptEvents {
  const events = new Map<string, Extract<WatchEvent, { type: 'ADDED' | 'MODIFIED' | 'DELETED' }>>();
  return {
    keep(event, maxNames) {
      if (event.type === 'BOOKMARK' || event.type === 'ERROR') return true;
      const { name, namespace } = event.object.metadata;
      const key = namespace === undefined ? name : `${namespace}/${name}`;
      const known = events.get(key);
      if (known === undefined && events.size >= maxNames) return false;
      const order = compareVersions(event.object.metadata.resourceVersion, known?.object.metadata.resourceVersion);
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
