export type {
  ClusterConnection,
  ClusterDefinition,
  ClusterSource,
  GatewayStats,
  KubeGateway,
  KubeGatewayOptions,
  KubePermission,
} from './types.ts';
