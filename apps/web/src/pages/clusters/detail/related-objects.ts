import type { KubeObject, KubeResource, OwnerReference } from '@fleetwire/kube-watch';

/** What a list is narrowed by on the server. */
export interface RelatedQuery {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Where objects that belong to one of a kind are looked for. */
export interface RelatedList {
  readonly resource: KubeResource;
  /** Items of a list do not say it themselves. */
  readonly kind: string;
  readonly title: string;
  /** As few as the server can tell; undefined when nothing can belong. */
  readonly query: (subject: KubeObject) => RelatedQuery | undefined;
  /** Whether an object of what was asked for belongs: it is owned, or fits a selector. */
  readonly belongs: (candidate: KubeObject, subject: KubeObject) => boolean;
}

const pods: KubeResource = { version: 'v1', resource: 'pods' };
const replicaSets: KubeResource = { group: 'apps', version: 'v1', resource: 'replicasets' };
const jobs: KubeResource = { group: 'batch', version: 'v1', resource: 'jobs' };
const services: KubeResource = { version: 'v1', resource: 'services' };

const owned = (resource: KubeResource, kind: string, title: string): RelatedList => ({
  resource,
  kind,
  title,
  // What a controller owns carries the labels of its selector (Kubernetes documentation, workload resources).
  query: (subject) => selectorQuery(subject) ?? {},
  belongs: (candidate, subject) =>
    candidate.metadata.ownerReferences?.some(({ uid }) => uid === subject.metadata.uid) === true,
});

const selectedPods: RelatedList = {
  resource: pods,
  kind: 'Pod',
  title: 'Pods',
  query: selectorQuery,
  belongs: (candidate, subject) =>
    selectorQuery(subject) !== undefined && carries(candidate, selectorOf(subject)?.matchLabels ?? {}),
};

const selecting: RelatedList = {
  resource: services,
  kind: 'Service',
  title: 'Services',
  query: () => ({}),
  belongs: (candidate, subject) => {
    const { matchLabels = {} } = selectorOf(candidate) ?? {};
    return Object.keys(matchLabels).length > 0 && carries(subject, matchLabels);
  },
};

const onNode: RelatedList = {
  resource: pods,
  kind: 'Pod',
  title: 'Pods',
  query: ({ metadata }) => ({ fieldSelector: `spec.nodeName=${metadata.name}` }),
  belongs: (candidate, subject) =>
    (candidate as { readonly spec?: { readonly nodeName?: string } }).spec?.nodeName === subject.metadata.name,
};

const ownedPods = owned(pods, 'Pod', 'Pods');

/** By group and kind: others may have kinds of the same name. */
const byKind: Readonly<Record<string, readonly RelatedList[]>> = {
  'apps/Deployment': [owned(replicaSets, 'ReplicaSet', 'Replica sets'), selectedPods],
  'apps/ReplicaSet': [ownedPods],
  'apps/StatefulSet': [ownedPods],
  'apps/DaemonSet': [ownedPods],
  '/ReplicationController': [ownedPods],
  'batch/Job': [ownedPods],
  'batch/CronJob': [owned(jobs, 'Job', 'Jobs')],
  '/Service': [selectedPods],
  'networking.k8s.io/NetworkPolicy': [selectedPods],
  'policy/PodDisruptionBudget': [selectedPods],
  '/Pod': [selecting],
  '/Node': [onNode],
};

/** What to look for beside the owners of an object; nothing for kinds that own nothing. */
export function relatedLists({
  apiVersion = '',
  kind = '',
}: Pick<KubeObject, 'apiVersion' | 'kind'>): readonly RelatedList[] {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return byKind[`${group}/${kind}`] ?? [];
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

function carries({ metadata }: KubeObject, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => metadata.labels?.[key] === value);
}

/** `spec.selector` or `spec.podSelector`; a plain map, as services have it, is its `matchLabels`. */
function selectorOf(object: KubeObject): Selector | undefined {
  const spec = (object as { readonly spec?: Readonly<Record<string, unknown>> }).spec;
  const selector = (spec?.['selector'] ?? spec?.['podSelector']) as Readonly<Record<string, unknown>> | undefined;
  if (selector === undefined) return undefined;
  const isPlain = !('matchLabels' in selector) && !('matchExpressions' in selector);
  return isPlain ? { matchLabels: selector as Readonly<Record<string, string>> } : selector;
}

/** A selector as the server takes it (Kubernetes documentation, labels and selectors); an empty one selects nothing. */
function selectorQuery(subject: KubeObject): RelatedQuery | undefined {
  const { matchLabels = {}, matchExpressions = [] } = selectorOf(subject) ?? {};
  const requirements = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
    }),
  ];
  return requirements.length === 0 ? undefined : { labelSelector: requirements.join(',') };
}

/** The resource type of an owner, by discovery: `kind` alone does not tell the plural. */
export function resourceOfOwner<T extends KubeResource & { readonly kind: string }>(
  owner: OwnerReference,
  resources: readonly T[],
): T | undefined {
  const [version = '', group = ''] = owner.apiVersion.split('/').reverse();
  return resources.find((each) => each.kind === owner.kind && (each.group ?? '') === group && each.version === version);
}
