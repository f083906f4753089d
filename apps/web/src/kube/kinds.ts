import { parseResourceKey } from './resource-key.ts';

/** Headings under which resource kinds are found, in this order. */
export const kindGroups = ['Workloads', 'Network', 'Config', 'Storage', 'Access', 'Cluster', 'Custom'] as const;

/** One of {@link kindGroups}. */
export type KindGroup = (typeof kindGroups)[number];

/** A resource kind as the navigation shows it. */
export interface KindEntry {
  /** As in addresses: `apps/v1/deployments`. */
  readonly key: string;
  /** For people: `Deployments`. */
  readonly title: string;
  readonly group: KindGroup;
}

/** The kinds that every cluster has and most operators look at; the version is what a server of today prefers. */
export const builtInKinds: readonly KindEntry[] = [
  kind('v1/pods', 'Pods', 'Workloads'),
  kind('apps/v1/deployments', 'Deployments', 'Workloads'),
  kind('apps/v1/statefulsets', 'Stateful sets', 'Workloads'),
  kind('apps/v1/daemonsets', 'Daemon sets', 'Workloads'),
  kind('batch/v1/jobs', 'Jobs', 'Workloads'),
  kind('batch/v1/cronjobs', 'Cron jobs', 'Workloads'),
  kind('apps/v1/replicasets', 'Replica sets', 'Workloads'),
  kind('v1/services', 'Services', 'Network'),
  kind('networking.k8s.io/v1/ingresses', 'Ingresses', 'Network'),
  kind('networking.k8s.io/v1/networkpolicies', 'Network policies', 'Network'),
  kind('discovery.k8s.io/v1/endpointslices', 'Endpoint slices', 'Network'),
  kind('v1/configmaps', 'Config maps', 'Config'),
  kind('v1/secrets', 'Secrets', 'Config'),
  kind('autoscaling/v2/horizontalpodautoscalers', 'Autoscalers', 'Config'),
  kind('v1/resourcequotas', 'Resource quotas', 'Config'),
  kind('v1/persistentvolumeclaims', 'Volume claims', 'Storage'),
  kind('v1/persistentvolumes', 'Volumes', 'Storage'),
  kind('storage.k8s.io/v1/storageclasses', 'Storage classes', 'Storage'),
  kind('v1/serviceaccounts', 'Service accounts', 'Access'),
  kind('rbac.authorization.k8s.io/v1/roles', 'Roles', 'Access'),
  kind('rbac.authorization.k8s.io/v1/rolebindings', 'Role bindings', 'Access'),
  kind('rbac.authorization.k8s.io/v1/clusterroles', 'Cluster roles', 'Access'),
  kind('rbac.authorization.k8s.io/v1/clusterrolebindings', 'Cluster role bindings', 'Access'),
  kind('v1/nodes', 'Nodes', 'Cluster'),
  kind('v1/namespaces', 'Namespaces', 'Cluster'),
  kind('v1/events', 'Events', 'Cluster'),
  kind('apiextensions.k8s.io/v1/customresourcedefinitions', 'Custom resource definitions', 'Cluster'),
];

/** What the navigation shows until somebody chooses otherwise. */
export const defaultFavourites: readonly string[] = [
  'v1/pods',
  'apps/v1/deployments',
  'apps/v1/statefulsets',
  'apps/v1/daemonsets',
  'batch/v1/jobs',
  'batch/v1/cronjobs',
  'v1/services',
  'networking.k8s.io/v1/ingresses',
  'v1/configmaps',
  'v1/secrets',
  'v1/persistentvolumeclaims',
  'v1/persistentvolumes',
  'v1/serviceaccounts',
  'rbac.authorization.k8s.io/v1/roles',
  'v1/nodes',
  'v1/namespaces',
  'v1/events',
];

const builtIn = new Map(builtInKinds.map((entry) => [entry.key, entry]));

/** The entry of a kind; one that is not built in is called by its plural, or by `title` where it is known. */
export function kindEntry(key: string, title?: string): KindEntry {
  const known = builtIn.get(key);
  if (known !== undefined) return known;
  const resource = parseResourceKey(key);
  return { key, title: title ?? resource?.resource ?? key, group: groupOf(resource?.group ?? '') };
}

/** Kinds under their headings, in the order given; headings without a kind are left out. */
export function groupKinds(keys: readonly string[]): readonly (readonly [KindGroup, readonly KindEntry[]])[] {
  const entries = keys.map((key) => kindEntry(key));
  return kindGroups
    .map((group) => [group, entries.filter((entry) => entry.group === group)] as const)
    .filter(([, kinds]) => kinds.length > 0);
}

/** Kinds that Kubernetes itself owns but are not in the list, by their API group. */
function groupOf(apiGroup: string): KindGroup {
  if (apiGroup === 'apps' || apiGroup === 'batch') return 'Workloads';
  if (/^(networking|gateway\.networking|discovery)\.k8s\.io$/.test(apiGroup)) return 'Network';
  if (/^(storage|snapshot\.storage)\.k8s\.io$/.test(apiGroup)) return 'Storage';
  if (/^(rbac\.authorization|certificates|authentication|authorization)\.k8s\.io$/.test(apiGroup)) return 'Access';
  if (apiGroup === 'autoscaling' || apiGroup === 'policy') return 'Config';
  return apiGroup === '' || /(^|\.)k8s\.io$/.test(apiGroup) ? 'Cluster' : 'Custom';
}

function kind(key: string, title: string, group: KindGroup): KindEntry {
  return { key, title, group };
}
