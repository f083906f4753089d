import { conditionOf, mergeConditions } from './conditions.ts';
import type { Condition, Deployment, ReplicaSet } from './views.ts';

/** What a deployment's status follows from. */
export interface DeploymentFacts {
  readonly fresh: ReplicaSet | undefined;
  readonly all: readonly ReplicaSet[];
  readonly maxUnavailable: number;
  readonly nowMs: number;
  readonly time: string;
}

const sum = (sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number | undefined) =>
  sets.reduce((total, set) => total + (count(set) ?? 0), 0);

function isComplete(deployment: Deployment, fresh: ReplicaSet | undefined, total: number): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  const { replicas = 0, availableReplicas = 0 } = fresh?.status ?? {};
  return fresh !== undefined && replicas === wanted && availableReplicas === wanted && total === wanted;
}

function progressing(deployment: Deployment, facts: DeploymentFacts, counts: string, total: number): Condition {
  const { fresh, nowMs, time } = facts;
  const before = conditionOf(deployment.status?.conditions, 'Progressing');
  const type = 'Progressing';
  if (isComplete(deployment, fresh, total)) {
    const message = `ReplicaSet "${fresh?.metadata.name}" has successfully progressed.`;
    const isSame = before?.reason === 'NewReplicaSetAvailable' && before.message === message;
    const lastUpdateTime = (isSame && before.lastUpdateTime) || time;
    return { type, status: 'True', reason: 'NewReplicaSetAvailable', message, lastUpdateTime };
  }
  // The message carries the counts, so that a change of them is progress.
  const message = `ReplicaSet "${fresh?.metadata.name}" is progressing (${counts}).`;
  if (before?.reason === 'ProgressDeadlineExceeded' && before.message?.includes(`(${counts})`) === true) return before;
  const isStuck = before?.message === message;
  const since = Date.parse((isStuck && before.lastUpdateTime) || time);
  const deadlineMs = (deployment.spec.progressDeadlineSeconds ?? 600) * 1_000;
  if (nowMs - since > deadlineMs && deployment.spec.paused !== true) {
    const timedOut = `ReplicaSet "${fresh?.metadata.name}" has timed out progressing (${counts}).`;
    return { type, status: 'False', reason: 'ProgressDeadlineExceeded', message: timedOut, lastUpdateTime: time };
  }
  const lastUpdateTime = (isStuck && before.lastUpdateTime) || time;
  return { type, status: 'True', reason: 'ReplicaSetUpdated', message, lastUpdateTime };
}

/** The status of a deployment (Kubernetes documentation, Deployment status). */
export function deploymentStatus(deployment: Deployment, facts: DeploymentFacts): object {
  const { fresh, all, maxUnavailable, time } = facts;
  const wanted = deployment.spec.replicas ?? 1;
  const replicas = sum(all, ({ status }) => status?.replicas);
  const ready = sum(all, ({ status }) => status?.readyReplicas);
  const available = sum(all, ({ status }) => status?.availableReplicas);
  const updated = fresh?.status?.replicas ?? 0;
  const unavailable = Math.max(
    0,
    Math.max(
      sum(all, ({ spec }) => spec.replicas ?? 1),
      wanted,
    ) - available,
  );
  const isAvailable = available >= wanted - maxUnavailable;
  const before = conditionOf(deployment.status?.conditions, 'Available');
  const availability: Condition = {
    type: 'Available',
    status: isAvailable ? 'True' : 'False',
    reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${isAvailable ? 'has' : 'does not have'} minimum availability.`,
    lastUpdateTime: ((before?.status === 'True') === isAvailable && before?.lastUpdateTime) || time,
  };
  const counts = `${updated} updated, ${available} available, ${replicas - updated} old`;
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...(replicas > 0 ? { replicas } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(unavailable > 0 ? { unavailableReplicas: unavailable } : {}),
    conditions: mergeConditions(
      deployment.status?.conditions,
      [availability, progressing(deployment, facts, counts, replicas)],
      time,
    ),
  };
}
