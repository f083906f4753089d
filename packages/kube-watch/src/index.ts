export type {
  KubeObject,
  ListMeta,
  ListResponse,
  ObjectMeta,
  OwnerReference,
  Status,
  TableColumnDefinition,
  TableObject,
  TableResponse,
  TableRow,
  WatchEvent,
  WatchEventType,
} from './protocol/kube-object.ts';
export type {
  ApiResource,
  ClusterObject,
  KubeResource,
  Projection,
  WatchedList,
  WatchTarget,
} from './protocol/resource.ts';
export { parseResourcePath, resourcePath, type ResourcePath } from './protocol/resource-path.ts';
export {
  clustersChannel,
  kubeChannel,
  kubeChannelPattern,
  type ClusterInfo,
  type KubeChannelParams,
  type KubePublication,
} from './protocol/channel.ts';
export {
  FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX,
  KUBE_BEARER_SUBPROTOCOL_PREFIX,
  KUBE_BINARY_SUBPROTOCOL,
} from './protocol/subprotocol.ts';
export type { KubeWatchError, TargetState, WatchStatus, WatchTransportKind } from './protocol/watch-status.ts';
export type { WebSocketConnectionRequest } from './protocol/websocket-request.ts';
