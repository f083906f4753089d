import type { ResourceId } from '../types.ts';

const core = (resource: string): ResourceId => ({ group: '', version: 'v1', resource });
const named = (group: string, resource: string): ResourceId => ({ group, version: 'v1', resource });

/** The resources that the scenario reads and writes, by a short name. */
export const RESOURCES = {
  namespaces: core('namespaces'),
  nodes: core('nodes'),
  pods: core('pods'),
  services: core('services'),
  endpoints: core('endpoints'),
  events: core('events'),
  configMaps: core('configmaps'),
  secrets: core('secrets'),
  serviceAccounts: core('serviceaccounts'),
  claims: core('persistentvolumeclaims'),
  volumes: core('persistentvolumes'),
  deployments: named('apps', 'deployments'),
  replicaSets: named('apps', 'replicasets'),
  statefulSets: named('apps', 'statefulsets'),
  daemonSets: named('apps', 'daemonsets'),
  revisions: named('apps', 'controllerrevisions'),
  jobs: named('batch', 'jobs'),
  cronJobs: named('batch', 'cronjobs'),
  endpointSlices: named('discovery.k8s.io', 'endpointslices'),
  ingresses: named('networking.k8s.io', 'ingresses'),
  budgets: named('policy', 'poddisruptionbudgets'),
  leases: named('coordination.k8s.io', 'leases'),
  storageClasses: named('storage.k8s.io', 'storageclasses'),
} as const;

/** A key of {@link RESOURCES}. */
export type ResourceKey = keyof typeof RESOURCES;
