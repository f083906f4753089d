export { KubeWatchProvider, useKubeWatchClient, type KubeWatchProviderProps } from './kube-watch-provider.ts';
export { kubeListQueryKey, kubeListQueryOptions } from './kube-list-query.ts';
export { useApiResources, type ApiResourcesResult } from './use-api-resources.ts';
export { useKubeObjectList } from './use-kube-object-list.ts';
export type { KubeListData } from './list-data.ts';
export type { KubeObjectListOptions, KubeObjectListResult, KubeObjectResult } from './types.ts';
