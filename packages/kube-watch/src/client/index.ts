export type {
  KubeWatchClient,
  KubeWatchClientOptions,
  ObjectRef,
  TargetHandle,
  TargetOptions,
  TargetSnapshot,
} from './types.ts';
export type { WebSocketManager } from './websocket-manager.ts';
