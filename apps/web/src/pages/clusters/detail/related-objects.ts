import type { KubeObject, KubeResource, OwnerReference } from '@fleetwire/kube-watch';

/** Where objects that belong to one of a kind are looked for. */
export interface RelatedList {
  readonly resource: KubeResource;
  /** Items of a list do not say it themselves. */
  readonly kind: string;
  readonly title: string;
  /** Whether an object belongs: it is owned, or fits a selector. */
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
  belongs: (candidate, subject) =>
    candidate.metadata.ownerReferences?.some(({ uid }) => uid === subject.metadata.uid) === true,
});

const selected = (resource: KubeResource, kind: string, title: string): RelatedList => ({
  resource,
  kind,
  title,
  belongs: (candidate, subject) => fits(selectorOf(subject), candidate.metadata.labels),
});

const selecting: RelatedList = {
  resource: services,
  kind: 'Service',
  title: 'Services',
  belongs: (candidate, subject) => fits(selectorOf(candidate), subject.metadata.labels),
};

const onNode: RelatedList = {
  resource: pods,
  kind: 'Pod',
  title: 'Pods',
  belongs: (candidate, subject) =>
    (candidate as { readonly spec?: { readonly nodeName?: string } }).spec?.nodeName === subject.metadata.name,
};

const byKind: Readonly<Record<string, readonly RelatedList[]>> = {
  Deployment: [owned(replicaSets, 'ReplicaSet', 'Replica sets'), selected(pods, 'Pod', 'Pods')],
  ReplicaSet: [owned(pods, 'Pod', 'Pods')],
  StatefulSet: [owned(pods, 'Pod', 'Pods')],
  DaemonSet: [owned(pods, 'Pod', 'Pods')],
  ReplicationController: [owned(pods, 'Pod', 'Pods')],
  Job: [owned(pods, 'Pod', 'Pods')],
  CronJob: [owned(jobs, 'Job', 'Jobs')],
  Service: [selected(pods, 'Pod', 'Pods')],
  NetworkPolicy: [selected(pods, 'Pod', 'Pods')],
  PodDisruptionBudget: [selected(pods, 'Pod', 'Pods')],
  Pod: [selecting],
  Node: [onNode],
};

/** What to look for beside the owners of an object; nothing for kinds that own nothing. */
export function relatedLists(kind: string | undefined): readonly RelatedList[] {
  return byKind[kind ?? ''] ?? [];
}

/** Whether all labels of a selector are among those of an object; an empty or absent selector selects nothing. */
function fits(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}

/** Equality part of `spec.selector`, in the two forms that kinds have. */
function selectorOf(object: KubeObject): Readonly<Record<string, string>> | undefined {
  const spec = (object as { readonly spec?: Readonly<Record<string, unknown>> }).spec;
  const selector = (spec?.['selector'] ?? spec?.['podSelector']) as Readonly<Record<string, unknown>> | undefined;
  if (selector === undefined) return undefined;
  if ('matchExpressions' in selector) return undefined;
  return (selector['matchLabels'] ?? selector) as Readonly<Record<string, string>>;
}

/** The resource type of an owner, by discovery: `kind` alone does not tell the plural. */
export function resourceOfOwner<T extends KubeResource & { readonly kind: string }>(
  owner: OwnerReference,
  resources: readonly T[],
): T | undefined {
  const [version = '', group = ''] = owner.apiVersion.split('/').reverse();
  return resources.find((each) => each.kind === owner.kind && (each.group ?? '') === group && each.version === version);
}
