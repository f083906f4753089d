export {
  WATCH_EVENT_TYPES,
  type KubeObject,
  type ObjectMeta,
  type WatchEvent,
  type WatchEventType,
} from './protocol/watch-event.ts';
