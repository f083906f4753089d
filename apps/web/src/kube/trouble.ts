import type { KubeObject, KubeResource } from '@fleetwire/kube-watch';
import { troubleOfPod } from './pod-trouble.ts';
import { at, conditionsOf } from './read-object.ts';
import { ofCondition, settleMs, timeOf, unreadyMs, type Trouble } from './verdict.ts';

/** A kind that can be told to be in trouble. */
interface WatchedKind {
  readonly kind: string;
  readonly resource: KubeResource;
  /** Undefined for an object that is well, on its way to be, or going; `now` in milliseconds since 1970. */
  readonly troubleOf: (object: KubeObject, now: number) => Trouble | undefined;
}

/** Kinds that are looked at, by a name of our own. */
export const watchedKinds: Readonly<
  Record<'node' | 'deployment' | 'statefulSet' | 'daemonSet' | 'job' | 'pod', WatchedKind>
> = {
  node: { kind: 'Node', resource: { version: 'v1', resource: 'nodes' }, troubleOf: troubleOfNode },
  deployment: {
    kind: 'Deployment',
    resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    troubleOf: troubleOfDeployment,
  },
  statefulSet: {
    kind: 'StatefulSet',
    resource: { group: 'apps', version: 'v1', resource: 'statefulsets' },
    troubleOf: (set, now) =>
      ofUnreadyReplicas(set, at(set, 'status', 'readyReplicas'), at(set, 'spec', 'replicas'), now),
  },
  daemonSet: {
    kind: 'DaemonSet',
    resource: { group: 'apps', version: 'v1', resource: 'daemonsets' },
    troubleOf: (set, now) =>
      ofUnreadyReplicas(set, at(set, 'status', 'numberReady'), at(set, 'status', 'desiredNumberScheduled'), now),
  },
  job: { kind: 'Job', resource: { group: 'batch', version: 'v1', resource: 'jobs' }, troubleOf: troubleOfJob },
  pod: { kind: 'Pod', resource: { version: 'v1', resource: 'pods' }, troubleOf: troubleOfPod },
};

function troubleOfNode(node: KubeObject, now: number): Trouble | undefined {
  const ready = conditionsOf(node).find(({ type }) => type === 'Ready');
  if (ready?.status === 'True' || node.metadata.deletionTimestamp !== undefined) return undefined;
  const trouble = ofCondition(ready, 'NotReady');
  // One that has just joined waits for its network.
  const seenAt = Math.min(timeOf(node.metadata.creationTimestamp) ?? 0, trouble.since ?? Infinity);
  return now - seenAt < settleMs ? undefined : trouble;
}

function troubleOfDeployment(deployment: KubeObject, now: number): Trouble | undefined {
  if (deployment.metadata.deletionTimestamp !== undefined) return undefined;
  const conditions = conditionsOf(deployment);
  const bad =
    conditions.find(({ type, status }) => type === 'Progressing' && status === 'False') ??
    conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True') ??
    // A new one, and one that grows, is not available either.
    conditions.find(
      ({ type, status, lastTransitionTime }) =>
        type === 'Available' && status === 'False' && now - (timeOf(lastTransitionTime) ?? 0) >= settleMs,
    );
  if (bad !== undefined) return ofCondition(bad, bad.type);
  const ready = at(deployment, 'status', 'readyReplicas');
  return ofUnreadyReplicas(deployment, ready, at(deployment, 'spec', 'replicas'), now);
}

/** A controller that has fewer pods ready than it wants and does not get on. */
function ofUnreadyReplicas(object: KubeObject, ready: unknown, wanted: unknown, now: number): Trouble | undefined {
  const [has, wants] = [typeof ready === 'number' ? ready : 0, typeof wanted === 'number' ? wanted : 0];
  if (has >= wants || object.metadata.deletionTimestamp !== undefined) return undefined;
  // What was asked for a moment ago nobody has looked at.
  const observed = at(object, 'status', 'observedGeneration');
  if (typeof observed === 'number' && observed < (object.metadata.generation ?? 0)) return undefined;
  const since = statusChangedAt(object);
  const standsSince = since ?? timeOf(object.metadata.creationTimestamp) ?? 0;
  if (now - standsSince < unreadyMs) return undefined;
  return { reason: `${String(has)} of ${String(wants)} ready`, message: undefined, since };
}

/**
 * When the status last changed, by `metadata.managedFields`, whose time moves with each change of a value (Kubernetes
 * documentation, Server-Side Apply): these statuses have no time of their own. Undefined where nobody keeps them.
 */
function statusChangedAt({ metadata }: KubeObject): number | undefined {
  const times = (metadata.managedFields ?? []).flatMap((entry) =>
    at(entry, 'subresource') === 'status' || at(entry, 'fieldsV1', 'f:status') !== undefined
      ? (timeOf(at(entry, 'time')) ?? [])
      : [],
  );
  return times.length === 0 ? undefined : Math.max(...times);
}

function troubleOfJob(job: KubeObject): Trouble | undefined {
  if (job.metadata.deletionTimestamp !== undefined) return undefined;
  const failed = conditionsOf(job).find(({ type, status }) => type === 'Failed' && status === 'True');
  return failed === undefined ? undefined : ofCondition(failed, 'Failed');
}
