import type { KubeObject, KubeResource } from '@fleetwire/kube-watch';
import { at, conditionsOf, containersOf, type Condition } from './read-object.ts';

/** What is wrong with an object. */
export interface Trouble {
  /** A word, as the API has it: `CrashLoopBackOff`, `MinimumReplicasUnavailable`. */
  readonly reason: string;
  readonly message: string | undefined;
  /** Milliseconds since 1970; undefined where nothing tells. */
  readonly since: number | undefined;
}

/** A kind that can be told to be in trouble. */
interface WatchedKind {
  readonly kind: string;
  readonly resource: KubeResource;
  /** Undefined for an object that is well, or on its way to be; `now` in milliseconds since 1970. */
  readonly troubleOf: (object: KubeObject, now: number) => Trouble | undefined;
}

/** A pod that waits for longer is not just starting: most are scheduled in a second and pull their images in a minute. */
const longPendingMs = 120_000;

/** Reasons of a container that cannot start; `Error` alone is how one ended that is started again at once. */
const cannotStart = /BackOff$|^Err.|.Error$|^InvalidImageName$|^ContainerCannotRun$/;

/** Kinds that are looked at, by a name of our own. */
export const watchedKinds: Readonly<Record<'node' | 'deployment' | 'job' | 'pod', WatchedKind>> = {
  node: { kind: 'Node', resource: { version: 'v1', resource: 'nodes' }, troubleOf: troubleOfNode },
  deployment: {
    kind: 'Deployment',
    resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    troubleOf: troubleOfDeployment,
  },
  job: { kind: 'Job', resource: { group: 'batch', version: 'v1', resource: 'jobs' }, troubleOf: troubleOfJob },
  pod: { kind: 'Pod', resource: { version: 'v1', resource: 'pods' }, troubleOf: troubleOfPod },
};

function troubleOfPod(pod: KubeObject, now: number): Trouble | undefined {
  const { deletionTimestamp, creationTimestamp, ownerReferences } = pod.metadata;
  if (deletionTimestamp !== undefined) return undefined;
  const phase = at(pod, 'status', 'phase');
  const conditions = conditionsOf(pod);
  const since = timeOf(conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? creationTimestamp);
  const containers = containersOf(pod);
  if (phase === 'Failed') {
    // A job makes another one, and tells itself when it gives up.
    if (ownerReferences?.some(({ kind, controller }) => kind === 'Job' && controller === true) === true)
      return undefined;
    const ended = containers.find(({ isReady, state }) => !isReady && state !== 'Completed');
    const reason = textAt(pod, 'status', 'reason') ?? ended?.state ?? 'Failed';
    return { reason, message: textAt(pod, 'status', 'message') ?? ended?.message, since };
  }
  const stuck = containers.find(({ isReady, state }) => !isReady && cannotStart.test(state));
  if (stuck !== undefined) return { reason: stuck.state, message: stuck.message, since };
  const created = timeOf(creationTimestamp);
  if (phase === 'Pending' && created !== undefined && now - created >= longPendingMs) {
    const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
    const waiting = containers.find(({ isReady, state }) => !isReady && state !== 'Completed');
    return {
      reason: unscheduled?.reason ?? waiting?.state ?? 'Pending',
      message: unscheduled?.message ?? waiting?.message,
      since: created,
    };
  }
  return phase === 'Unknown' ? { reason: 'Unknown', message: textAt(pod, 'status', 'message'), since } : undefined;
}

function troubleOfNode(node: KubeObject): Trouble | undefined {
  const ready = conditionsOf(node).find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? undefined : ofCondition(ready, 'NotReady');
}

function troubleOfDeployment(deployment: KubeObject): Trouble | undefined {
  const conditions = conditionsOf(deployment);
  const bad =
    conditions.find(({ type, status }) => type === 'Progressing' && status === 'False') ??
    conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True') ??
    conditions.find(({ type, status }) => type === 'Available' && status === 'False');
  return bad === undefined ? undefined : ofCondition(bad, bad.type);
}

function troubleOfJob(job: KubeObject): Trouble | undefined {
  const failed = conditionsOf(job).find(({ type, status }) => type === 'Failed' && status === 'True');
  return failed === undefined ? undefined : ofCondition(failed, 'Failed');
}

function ofCondition(condition: Condition | undefined, otherwise: string): Trouble {
  const { reason, message, lastTransitionTime } = condition ?? {};
  return { reason: reason ?? otherwise, message, since: timeOf(lastTransitionTime) };
}

function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function textAt(object: KubeObject, ...path: readonly string[]): string | undefined {
  const value = at(object, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
