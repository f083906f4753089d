export type { ClusterObject, KubeResource, Projection, WatchedList } from './protocol/resource.ts';
export { KUBE_BEARER_SUBPROTOCOL_PREFIX, KUBE_BINARY_SUBPROTOCOL } from './protocol/subprotocol.ts';
export type { KubeWatchError, WatchStatus, WatchTransportKind } from './protocol/watch-status.ts';
export type { WebSocketConnectionRequest } from './protocol/websocket-request.ts';
