export type { KubeObjectListOptions, KubeObjectListResult, KubeObjectResult } from './types.ts';
