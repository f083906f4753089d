import { countAvailability, isReady } from './availability.ts';
import type { Cluster } from './cluster.ts';
import type { EventRecorder } from './event-recorder.ts';
import { createPod, isActive } from './pod-factory.ts';
import type { Scheduler } from './scheduler.ts';
import { matchesSelector } from './selectors.ts';
import type { Pod } from './views.ts';
import type { Controller } from './work-loop.ts';

const COMPONENT = 'replicaset-controller';
/** Pods created or deleted in one go, so that a large scale-up stays interruptible. */
const BURST = 500;

/** Those to go first: without a node, not ready, then the youngest (Kubernetes documentation, ReplicaSet). */
function byDispensability(a: Pod, b: Pod): number {
  const rank = (pod: Pod) => (pod.spec.nodeName === undefined ? 0 : isReady(pod) ? 2 : 1);
  const cost = (pod: Pod) => Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (cost(a) !== cost(b)) return cost(a) - cost(b);
  return (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1;
}

/** Keeps as many pods of each replica set as it asks for. */
export function createReplicaSetController(cluster: Cluster, scheduler: Scheduler, events: EventRecorder): Controller {
  return {
    name: 'replica-sets',
    reconcile: (key) => {
      const set = cluster.cache('replicaSets').get(key);
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const active = cluster.cache('pods').ownedBy(set.metadata.uid).filter(isActive);
      const wanted = set.spec.replicas ?? 1;
      const report = (reason: string, message: string) => {
        events.record(set, { type: 'Normal', reason, message, component: COMPONENT });
      };
      for (let missing = Math.min(wanted - active.length, BURST); missing > 0; missing--) {
        const pod = createPod(cluster, scheduler, { owner: set, template: set.spec.template });
        report('SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      }
      const surplus = Math.min(active.length - wanted, BURST);
      if (surplus > 0) {
        for (const pod of [...active].sort(byDispensability).slice(0, surplus)) {
          cluster.remove('pods', pod);
          report('SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
        }
      }
      const present = cluster.cache('pods').ownedBy(set.metadata.uid).filter(isActive);
      const { ready, available, againMs } = countAvailability(
        present,
        set.spec.minReadySeconds ?? 0,
        cluster.clock.now(),
      );
      const labelled = present.filter((pod) => matchesSelector(set.spec.selector, pod.metadata.labels)).length;
      cluster.updateStatus('replicaSets', set, {
        replicas: present.length,
        ...(labelled > 0 ? { fullyLabeledReplicas: labelled } : {}),
        ...(ready > 0 ? { readyReplicas: ready } : {}),
        ...(available > 0 ? { availableReplicas: available } : {}),
        observedGeneration: set.metadata.generation ?? 1,
      });
      return present.length === wanted ? againMs : (againMs ?? 1_000);
    },
  };
}
