export { createKubeGateway } from './create-kube-gateway.ts';
export { createKubeconfigClusters, type KubeconfigClustersOptions } from './kubeconfig-clusters.ts';
export type { ClientNode } from './kubeconfig-connection.ts';
export {
  createDefectiveConnection,
  createStaticClusters,
  createStaticConnection,
  type StaticClusters,
  type StaticConnectionOptions,
} from './static-clusters.ts';
export { parseSelfContainedKubeconfig } from './self-contained-kubeconfig.ts';
export { readSelfContainedContext, type SelfContainedContext } from './self-contained-context.ts';
export { createSelfContainedConnection, type SelfContainedConnectionOptions } from './self-contained-connection.ts';
export { permissionFor, type KubeAction, type KubeRequest } from './kube-permissions.ts';
export type { KubeGatewayTimings } from './timings.ts';
export type {
  ClusterConnection,
  ClusterDefinition,
  ClusterOwner,
  ClusterSource,
  ClusterViewer,
  GatewayStats,
  GrantedWatch,
  KubeGateway,
  KubeGatewayOptions,
  KubePermission,
} from './types.ts';
