import { countAvailability, isReady } from './availability.ts';
import type { Cluster } from './cluster.ts';
import type { EventRecorder } from './event-recorder.ts';
import { createPod } from './pod-factory.ts';
import { keepRevision, REVISION_LABEL, revisionName, templateOf } from './revisions.ts';
import type { Scheduler } from './scheduler.ts';
import type { Pod, StatefulSet } from './views.ts';
import type { Controller } from './work-loop.ts';

const COMPONENT = 'statefulset-controller';

function ordinalOf(pod: Pod): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1);
}

/** Keeps the pods of stateful sets: by number, in order, each with claims of its own that outlive it. */
export function createStatefulSetController(cluster: Cluster, scheduler: Scheduler, events: EventRecorder): Controller {
  const report = (set: StatefulSet, reason: string, message: string) => {
    events.record(set, { type: 'Normal', reason, message, component: COMPONENT });
  };

  const claimFor = (set: StatefulSet, podName: string) =>
    (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => {
      const { namespace = 'default' } = set.metadata;
      const name = `${metadata.name}-${podName}`;
      if (cluster.cache('claims').get(`${namespace}/${name}`) === undefined) {
        const labels = set.spec.selector.matchLabels ?? {};
        const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace, labels }, spec };
        cluster.create('claims', claim);
      }
      return { name: metadata.name, persistentVolumeClaim: { claimName: name } };
    });

  const createOrdinal = (set: StatefulSet, ordinal: number, revision: string) => {
    const name = `${set.metadata.name}-${ordinal}`;
    const template = templateOf(cluster, set.metadata.namespace, revision) ?? set.spec.template;
    const volumes = [...claimFor(set, name), ...(template.spec.volumes ?? [])];
    createPod(cluster, scheduler, {
      owner: set,
      template,
      name,
      labels: {
        'apps.kubernetes.io/pod-index': String(ordinal),
        [REVISION_LABEL]: revision,
        'statefulset.kubernetes.io/pod-name': name,
      },
      spec: { hostname: name, ...(volumes.length > 0 ? { volumes } : {}) },
    });
    report(set, 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} successful`);
  };

  const removePod = (set: StatefulSet, pod: Pod) => {
    cluster.remove('pods', pod);
    const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
    report(set, 'SuccessfulDelete', message);
  };

  /** One step towards what is asked for; an ordered set waits for each pod before the next. */
  const act = (set: StatefulSet, pods: readonly Pod[], current: string, update: string) => {
    const { replicas = 1, podManagementPolicy, updateStrategy } = set.spec;
    const isOrdered = podManagementPolicy !== 'Parallel';
    const partition = updateStrategy?.rollingUpdate?.partition ?? 0;
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      const pod = byOrdinal.get(ordinal);
      if (pod === undefined) createOrdinal(set, ordinal, ordinal < partition ? current : update);
      else if (isReady(pod)) continue;
      else if (isBroken(pod, update)) removePod(set, pod);
      // While a cluster is filled its pods start in the same go.
      if (isOrdered && !cluster.isWarm) return;
    }
    const surplus = pods.filter((pod) => ordinalOf(pod) >= replicas).sort((a, b) => ordinalOf(b) - ordinalOf(a));
    for (const pod of isOrdered ? surplus.slice(0, 1) : surplus) {
      if (pod.metadata.deletionTimestamp === undefined) removePod(set, pod);
    }
    if (surplus.length > 0 || updateStrategy?.type === 'OnDelete') return;
    for (let ordinal = replicas - 1; ordinal >= partition; ordinal--) {
      const pod = byOrdinal.get(ordinal);
      if (pod === undefined || !isReady(pod)) return;
      if (pod.metadata.labels?.[REVISION_LABEL] === update) continue;
      removePod(set, pod);
      return;
    }
  };

  return {
    name: 'stateful-sets',
    reconcile: (key) => {
      const set = cluster.cache('statefulSets').get(key);
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      keepRevision(cluster, set);
      const update = revisionName(set);
      const current = set.status?.currentRevision ?? update;
      act(set, cluster.cache('pods').ownedBy(set.metadata.uid), current, update);

      const pods = cluster.cache('pods').ownedBy(set.metadata.uid);
      const { replicas = 1, minReadySeconds = 0 } = set.spec;
      const { ready, available, againMs } = countAvailability(pods, minReadySeconds, cluster.clock.now());
      const at = (revision: string) => pods.filter(({ metadata }) => metadata.labels?.[REVISION_LABEL] === revision);
      const updated = at(update).length;
      const isDone = updated === replicas && pods.length === replicas && ready === replicas;
      cluster.updateStatus('statefulSets', set, {
        observedGeneration: set.metadata.generation ?? 1,
        replicas: pods.length,
        ...(ready > 0 ? { readyReplicas: ready } : {}),
        availableReplicas: available,
        ...(isDone ? { currentReplicas: updated } : { currentReplicas: at(current).length }),
        ...(updated > 0 ? { updatedReplicas: updated } : {}),
        currentRevision: isDone ? update : current,
        updateRevision: update,
        collisionCount: 0,
      });
      return againMs;
    },
  };
}

/** A pod of an old template that never became ready would block the update for ever. */
function isBroken(pod: Pod, update: string): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return true;
  const isOld = pod.metadata.labels?.[REVISION_LABEL] !== update;
  return (
    isOld && pod.status?.containerStatuses?.some(({ state }) => state.waiting?.reason.endsWith('BackOff')) === true
  );
}
