import type { KubeObject } from './kube-object.ts';

/** Kinds of events in a watch (k8s.io/apimachinery, `watch.EventType`). */
export const WATCH_EVENT_TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'] as const;

/** One of {@link WATCH_EVENT_TYPES}. */
export type WatchEventType = (typeof WATCH_EVENT_TYPES)[number];

/** One line of a watch. For `ERROR` the object is a Status. */
export interface WatchEvent<T = KubeObject> {
  readonly type: WatchEventType;
  readonly object: T;
}
