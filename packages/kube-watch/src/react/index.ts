export { KubeWatchProvider, useKubeWatchClient, type KubeWatchProviderProps } from './kube-watch-provider.ts';
export { kubeListQueryKey, kubeListQueryOptions } from './kube-list-query.ts';
export {
  kubeObjectListQuery,
  type KubeObjectClass,
  type KubeObjectListQueryOptions,
  type ListQueryParams,
} from './kube-object-list-query.ts';
export { useApiResources, type ApiResourcesResult } from './use-api-resources.ts';
export {
  useK8sWatchResource,
  useK8sWatchResources,
  type WatchK8sResult,
  type WatchK8sResultObject,
} from './use-k8s-watch-resource.ts';
export { useKubeLists, type KubeListRequests } from './use-kube-lists.ts';
export {
  useKubeMutations,
  type ApplyVariables,
  type DeleteVariables,
  type KubeMutations,
  type PatchVariables,
  type ScaleVariables,
} from './use-kube-mutations.ts';
export { useKubeObject, type KubeObjectOptions } from './use-kube-object.ts';
export { useKubeObjectList } from './use-kube-object-list.ts';
export { useKubeWatchStatus, type KubeWatchStatusResult } from './use-kube-watch-status.ts';
export { useWatchKubeObjectLists, type WatchKubeObjectListsOptions } from './use-watch-kube-object-lists.ts';
export { useWebSocket, useWebSockets, type UseWebSocketOptions, type UseWebSocketsOptions } from './use-web-sockets.ts';
export type { KubeListData } from './list-data.ts';
export type { K8sSelector } from '../core/selector-text.ts';
export type { WatchK8sResource } from './watch-k8s-resource.ts';
export type { ColumnsOf, KubeObjectListOptions, KubeObjectListResult, KubeObjectResult } from './types.ts';
