import { ownerReference, type Cluster } from './cluster.ts';
import { deploymentStatus } from './deployment-status.ts';
import type { EventRecorder } from './event-recorder.ts';
import { nextReplicas, resolveCount, type RolloutMember } from './rollout.ts';
import { shortHash } from './text.ts';
import type { Deployment, ReplicaSet } from './views.ts';
import type { Controller } from './work-loop.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const RECREATE_RETRY_MS = 200;
const COMPONENT = 'deployment-controller';
// They say something about the deployment alone, so its replica sets do not get them.
const OWN_ANNOTATIONS = new Set([REVISION, 'kubectl.kubernetes.io/last-applied-configuration']);

const revisionOf = (set: ReplicaSet) => Number(set.metadata.annotations?.[REVISION] ?? 0);
const member = (set: ReplicaSet): RolloutMember => ({
  name: set.metadata.name,
  replicas: set.spec.replicas ?? 1,
  available: set.status?.availableReplicas ?? 0,
});

/** Rolls deployments: a replica set per template, scaled up and down within maxSurge and maxUnavailable. */
export function createDeploymentController(cluster: Cluster, events: EventRecorder): Controller {
  const inherited = (deployment: Deployment, revision: number) => ({
    ...Object.fromEntries(
      Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !OWN_ANNOTATIONS.has(key)),
    ),
    'deployment.kubernetes.io/desired-replicas': String(deployment.spec.replicas ?? 1),
    [REVISION]: String(revision),
  });

  const createFresh = (deployment: Deployment, hash: string, revision: number) => {
    const { selector, template, minReadySeconds } = deployment.spec;
    const labels = { ...template.metadata?.labels, 'pod-template-hash': hash };
    cluster.create('replicaSets', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${deployment.metadata.name}-${hash}`,
        namespace: deployment.metadata.namespace ?? 'default',
        labels,
        annotations: inherited(deployment, revision),
        ownerReferences: [ownerReference(deployment)],
      },
      spec: {
        replicas: 0,
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
        selector: { ...selector, matchLabels: { ...selector.matchLabels, 'pod-template-hash': hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    });
  };

  const annotate = (deployment: Deployment, fresh: ReplicaSet, revision: number) => {
    const annotations = inherited(deployment, revision);
    const present = fresh.metadata.annotations ?? {};
    if (Object.entries(annotations).some(([key, value]) => present[key] !== value)) {
      cluster.update('replicaSets', { ...fresh, metadata: { ...fresh.metadata, annotations } });
      return false;
    }
    if (deployment.metadata.annotations?.[REVISION] === String(revision)) return true;
    const marked = { ...deployment.metadata.annotations, [REVISION]: String(revision) };
    cluster.update('deployments', { ...deployment, metadata: { ...deployment.metadata, annotations: marked } });
    return false;
  };

  const scale = (deployment: Deployment, set: ReplicaSet, replicas: number) => {
    const from = set.spec.replicas ?? 1;
    cluster.update('replicaSets', { ...set, spec: { ...set.spec, replicas } });
    const message = `Scaled ${from < replicas ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${replicas}`;
    events.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message, component: COMPONENT });
  };

  const roll = (deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]) => {
    const { replicas = 1, strategy, paused = false } = deployment.spec;
    if (strategy?.type === 'Recreate' || paused) {
      const running = old.filter((set) => (set.spec.replicas ?? 1) > 0);
      if (!paused) for (const set of running) scale(deployment, set, 0);
      const isClear = paused
        ? running.length === 0
        : old.every((set) => cluster.cache('pods').ownedBy(set.metadata.uid).length === 0);
      if (isClear && fresh.spec.replicas !== replicas) scale(deployment, fresh, replicas);
      return;
    }
    const { maxSurge, maxUnavailable } = limits(deployment);
    const changes = nextReplicas(replicas, maxSurge, maxUnavailable, member(fresh), old.map(member));
    for (const set of [fresh, ...old]) {
      const wanted = changes.get(set.metadata.name);
      if (wanted !== undefined) scale(deployment, set, wanted);
    }
  };

  const prune = (deployment: Deployment, old: readonly ReplicaSet[]) => {
    const empty = old.filter((set) => set.spec.replicas === 0 && (set.status?.replicas ?? 0) === 0);
    const surplus = empty.length - (deployment.spec.revisionHistoryLimit ?? 10);
    if (surplus <= 0) return;
    const oldest = [...empty].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, surplus);
    for (const set of oldest) cluster.remove('replicaSets', set);
  };

  return {
    name: 'deployments',
    reconcile: (key) => {
      const deployment = cluster.cache('deployments').get(key);
      if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return undefined;
      const sets = cluster.cache('replicaSets').ownedBy(deployment.metadata.uid);
      const hash = shortHash(deployment.spec.template);
      const fresh = sets.find(({ metadata }) => metadata.labels?.['pod-template-hash'] === hash);
      const old = sets.filter((set) => set !== fresh).sort((a, b) => revisionOf(a) - revisionOf(b));
      const latest = Math.max(0, ...old.map(revisionOf));
      if (fresh === undefined) {
        if (deployment.spec.paused !== true) createFresh(deployment, hash, latest + 1);
      } else if (annotate(deployment, fresh, Math.max(revisionOf(fresh), latest + 1))) {
        roll(deployment, fresh, old);
        prune(deployment, old);
      }
      // Its own writes come back as changes, and bring the next step.
      const current = cluster.cache('deployments').get(key);
      if (current === undefined || current !== deployment) return undefined;
      const all = cluster.cache('replicaSets').ownedBy(deployment.metadata.uid);
      const status = deploymentStatus(deployment, {
        fresh: all.find(({ metadata }) => metadata.labels?.['pod-template-hash'] === hash),
        all,
        maxUnavailable: limits(deployment).maxUnavailable,
        nowMs: cluster.clock.now(),
        time: cluster.time(),
      });
      cluster.updateStatus('deployments', deployment, status);
      const isRolling = fresh === undefined || (fresh.status?.availableReplicas ?? 0) < (deployment.spec.replicas ?? 1);
      // The end of a terminating pod changes no replica set.
      if (deployment.spec.strategy?.type === 'Recreate' && isRolling) return RECREATE_RETRY_MS;
      // For the progress deadline, which nothing but time brings.
      return isRolling ? ((deployment.spec.progressDeadlineSeconds ?? 600) + 1) * 1_000 : undefined;
    },
  };
}

function limits(deployment: Deployment): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const { replicas = 1, strategy } = deployment.spec;
  const maxSurge = resolveCount(strategy?.rollingUpdate?.maxSurge, replicas, 'up');
  const down = resolveCount(strategy?.rollingUpdate?.maxUnavailable, replicas, 'down');
  // With neither, nothing could move.
  return { maxSurge, maxUnavailable: maxSurge === 0 && down === 0 ? 1 : down };
}
