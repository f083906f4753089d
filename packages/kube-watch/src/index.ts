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
export { targetKey } from './core/canonical-target.ts';
export { createClusterMemory, type ClusterMemory, type KubeBackoff } from './core/cluster-memory.ts';
export { dropManagedFields } from './core/drop-managed-fields.ts';
export { createInformer, type InformerOptions } from './core/informer.ts';
export { KubeList, type ApplyUpdateOptions, type KubeListLike, type KubeListUpdate } from './core/kube-list.ts';
export {
  createKubeWatchError,
  errorOfStatus,
  isKubeWatchError,
  kubeErrors,
  toKubeWatchError,
  type KubeErrorCode,
  type KubeWatchErrorInit,
} from './core/kube-watch-error.ts';
export {
  ObjectStore,
  type ObjectStoreOptions,
  type StoreChange,
  type StoreEffect,
  type StoreReplacement,
} from './core/object-store.ts';
export { createReflector } from './core/reflector.ts';
export type { Reflector, ReflectorOptions } from './core/reflector-options.ts';
export { compareResourceVersions } from './core/resource-version.ts';
export { selectorText, type K8sSelector } from './core/selector-text.ts';
export { indexByLabel, indexByNamespace, indexByOwner, type ObjectIndexer } from './core/store-index.ts';
export { tablePage } from './core/table.ts';
export {
  checkWatchEvent,
  createLineDecoder,
  maxWatchLineLength,
  parseWatchEvent,
  type LineDecoder,
  type WatchMessage,
} from './core/watch-lines.ts';
export type {
  AbortSignalLike,
  ListPage,
  ListRequest,
  WatchEnd,
  WatchListener,
  WatchRequest,
  WatchTransport,
} from './core/watch-transport.ts';
