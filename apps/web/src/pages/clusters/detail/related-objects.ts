import {
  selectorText,
  type K8sSelector,
  type KubeObject,
  type KubeResource,
  type OwnerReference,
} from '@fleetwire/kube-watch';

/** What a list is narrowed by on the server. */
export interface RelatedQuery {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** What the server prints of an object under a heading; undefined where it prints nothing. */
export type ReadCell = (column: string) => string | undefined;

/** Where objects that belong to one of a kind are looked for. Rows as the server prints them tell enough. */
export interface RelatedList {
  readonly resource: KubeResource;
  readonly title: string;
  /** As few as the server can tell; undefined when nothing can belong. */
  readonly query: (subject: KubeObject) => RelatedQuery | undefined;
  /** Whether one of those that were asked for belongs. */
  readonly belongs: (candidate: KubeObject, subject: KubeObject, cell: ReadCell) => boolean;
  /** How one is doing, in a word. */
  readonly stateOf?: (cell: ReadCell) => string | undefined;
}

const pods: KubeResource = { version: 'v1', resource: 'pods' };
const replicaSets: KubeResource = { group: 'apps', version: 'v1', resource: 'replicasets' };
const jobs: KubeResource = { group: 'batch', version: 'v1', resource: 'jobs' };
const services: KubeResource = { version: 'v1', resource: 'services' };

type SelectorOf = (subject: KubeObject) => K8sSelector | undefined;

const inSpec =
  (field: 'selector' | 'podSelector'): SelectorOf =>
  ({ spec }: WithSpec) =>
    spec?.[field] ?? undefined;

/** Labels alone. None of them select nothing, and an external name has no pods of the cluster. */
const plainSelector: SelectorOf = ({ spec }: WithSpec) => {
  const matchLabels = (spec?.['selector'] ?? {}) as Labels;
  return Object.keys(matchLabels).length === 0 || spec?.['type'] === 'ExternalName' ? undefined : { matchLabels };
};

const owned = (list: Pick<RelatedList, 'resource' | 'title' | 'stateOf'>, selectorOf: SelectorOf): RelatedList => ({
  ...list,
  // What a controller owns carries the labels of its selector (Kubernetes documentation, workload resources).
  query: (subject) => queryOf(selectorOf(subject)) ?? {},
  belongs: ({ metadata }, subject) =>
    metadata.ownerReferences?.some(({ uid }) => uid === subject.metadata.uid) === true,
});

const printed =
  (column: string) =>
  (cell: ReadCell): string | undefined =>
    cell(column);

const podList = { resource: pods, title: 'Pods', stateOf: printed('Status') };

const ownedPods = owned(podList, inSpec('selector'));

const selectedPods = (selectorOf: SelectorOf): RelatedList => ({
  ...podList,
  query: (subject) => queryOf(selectorOf(subject)),
  // The server has matched all of the selector; a pod that was relabelled is on its way out of the list.
  belongs: (candidate, subject) => carries(candidate, selectorOf(subject)?.matchLabels ?? {}),
});

const selectingServices: RelatedList = {
  resource: services,
  title: 'Services',
  // Which services select a pod cannot be asked. Their selectors are printed, so that none comes whole.
  query: () => ({}),
  belongs: (_, subject, cell) => {
    const selector = cell('Selector') ?? '';
    const wanted = selector.split(',').map((each) => each.split('='));
    return (
      cell('Type') !== 'ExternalName' &&
      wanted.every(([key = '', value]) => subject.metadata.labels?.[key] === value && value !== undefined)
    );
  },
};

const onNode: RelatedList = {
  ...podList,
  query: ({ metadata }) => ({ fieldSelector: `spec.nodeName=${metadata.name}` }),
  belongs: () => true,
};

const replicaSetList = {
  resource: replicaSets,
  title: 'Replica sets',
  stateOf: (cell: ReadCell) =>
    cell('Ready') === undefined ? undefined : `${cell('Ready') ?? ''}/${cell('Desired') ?? ''}`,
};

/** Servers before 1.31 print no status of a job. */
const jobList = { resource: jobs, title: 'Jobs', stateOf: (cell: ReadCell) => cell('Status') ?? cell('Completions') };

/** By group and kind: others may have kinds of the same name. */
const byKind: Readonly<Record<string, readonly RelatedList[]>> = {
  'apps/Deployment': [owned(replicaSetList, inSpec('selector')), selectedPods(inSpec('selector'))],
  'apps/ReplicaSet': [ownedPods],
  'apps/StatefulSet': [ownedPods],
  'apps/DaemonSet': [ownedPods],
  '/ReplicationController': [owned(podList, plainSelector)],
  'batch/Job': [ownedPods],
  // Nothing that a server can be asked for tells whose a job is.
  'batch/CronJob': [owned(jobList, () => undefined)],
  '/Service': [selectedPods(plainSelector)],
  // Without a selector, as with an empty one, it is for every pod (Kubernetes documentation, NetworkPolicy).
  'networking.k8s.io/NetworkPolicy': [selectedPods((policy) => inSpec('podSelector')(policy) ?? {})],
  // An empty selector is for every pod, none is for no pod (Kubernetes documentation, PodDisruptionBudget, policy/v1).
  'policy/PodDisruptionBudget': [selectedPods(inSpec('selector'))],
  '/Pod': [selectingServices],
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

type Labels = Readonly<Record<string, string>>;
type WithSpec = KubeObject & { readonly spec?: Readonly<Record<string, unknown>> };

function carries({ metadata }: KubeObject, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => metadata.labels?.[key] === value);
}

/** An empty selector selects all. */
function queryOf(selector: K8sSelector | undefined): RelatedQuery | undefined {
  if (selector === undefined) return undefined;
  const labelSelector = selectorText(selector);
  return labelSelector === '' ? {} : { labelSelector };
}

/** The resource type of an owner, by discovery: `kind` alone does not tell the plural. */
export function resourceOfOwner<T extends KubeResource & { readonly kind: string }>(
  owner: OwnerReference,
  resources: readonly T[],
): T | undefined {
  const [version = '', group = ''] = owner.apiVersion.split('/').reverse();
  return resources.find((each) => each.kind === owner.kind && (each.group ?? '') === group && each.version === version);
}
