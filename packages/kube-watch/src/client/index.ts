export { createKubeWatchClient } from './create-kube-watch-client.ts';
export { bearerProtocol } from './bearer-protocol.ts';
export { openWebSocket, type OpenWebSocketOptions } from './open-websocket.ts';
export type { ResourceMatch } from './api-resources.ts';
export type { SocketListener, SocketRequest } from './socket-pool.ts';
export type {
  KubeWatchClient,
  KubeWatchClientOptions,
  ObjectRef,
  TargetHandle,
  TargetOptions,
  TargetSnapshot,
  UidPrecondition,
} from './types.ts';
export type { WebSocketManager } from './websocket-manager.ts';
