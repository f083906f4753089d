import { countAvailability, isReady } from './availability.ts';
import type { Cluster } from './cluster.ts';
import type { EventRecorder } from './event-recorder.ts';
import { createPod, isActive } from './pod-factory.ts';
import { keepRevision, REVISION_LABEL, revisionName } from './revisions.ts';
import { resolveCount } from './rollout.ts';
import { matchesNodeSelector, toleratesTaints, type Scheduler } from './scheduler.ts';
import type { DaemonSet, Node, Pod, PodSpec, Toleration } from './views.ts';
import type { Controller } from './work-loop.ts';

const COMPONENT = 'daemonset-controller';

// What every daemon's pod tolerates (Kubernetes documentation, DaemonSet: taints and tolerations).
const TOLERATIONS: readonly Toleration[] = [
  ...['not-ready', 'unreachable'].map((state) => ({ state, effect: 'NoExecute' })),
  ...['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((state) => {
    return { state, effect: 'NoSchedule' };
  }),
].map(({ state, effect }) => ({ key: `node.kubernetes.io/${state}`, operator: 'Exists' as const, effect }));

/** Keeps one pod of each daemon set on every node that it may run on. */
export function createDaemonSetController(cluster: Cluster, scheduler: Scheduler, events: EventRecorder): Controller {
  const report = (set: DaemonSet, reason: string, message: string) => {
    events.record(set, { type: 'Normal', reason, message, component: COMPONENT });
  };
  const removePod = (set: DaemonSet, pod: Pod) => {
    cluster.remove('pods', pod);
    report(set, 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  };
  const place = (set: DaemonSet, spec: PodSpec, eligible: ReadonlyMap<string, Node>, pods: readonly Pod[]) => {
    const taken = new Set(pods.map((pod) => pod.spec.nodeName));
    for (const nodeName of eligible.keys()) {
      if (taken.has(nodeName)) continue;
      const { template } = set.spec;
      const labels = { [REVISION_LABEL]: revisionName(set) };
      const pod = createPod(cluster, scheduler, { owner: set, template, labels, spec: { ...spec, nodeName } });
      report(set, 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    }
    for (const pod of pods) {
      const isMisplaced = !eligible.has(pod.spec.nodeName ?? '');
      if (pod.metadata.deletionTimestamp === undefined && (isMisplaced || !isActive(pod))) removePod(set, pod);
    }
  };
  const update = (set: DaemonSet, desired: number, pods: readonly Pod[]) => {
    if (set.spec.updateStrategy?.type === 'OnDelete') return;
    const limit = set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1;
    let spare = Math.max(1, resolveCount(limit, desired, 'up')) - (desired - pods.filter(isReady).length);
    const outdated = pods.filter((pod) => isActive(pod) && pod.metadata.labels?.[REVISION_LABEL] !== revisionName(set));
    for (const pod of outdated.filter((candidate) => !isReady(candidate))) removePod(set, pod);
    for (const pod of outdated.filter(isReady)) if (spare-- > 0) removePod(set, pod);
  };

  return {
    name: 'daemon-sets',
    reconcile: (key) => {
      const set = cluster.cache('daemonSets').get(key);
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      keepRevision(cluster, set);
      const tolerations = [...(set.spec.template.spec.tolerations ?? []), ...TOLERATIONS];
      const spec = { ...set.spec.template.spec, tolerations };
      const eligible = new Map(
        [...cluster.cache('nodes').values()]
          .filter((node) => matchesNodeSelector(spec, node) && toleratesTaints(spec, node))
          .map((node) => [node.metadata.name, node]),
      );
      place(set, spec, eligible, cluster.cache('pods').ownedBy(set.metadata.uid));
      update(set, eligible.size, cluster.cache('pods').ownedBy(set.metadata.uid));

      const pods = cluster.cache('pods').ownedBy(set.metadata.uid).filter(isActive);
      const { ready, available, againMs } = countAvailability(pods, set.spec.minReadySeconds ?? 0, cluster.clock.now());
      const updated = pods.filter(({ metadata }) => metadata.labels?.[REVISION_LABEL] === revisionName(set)).length;
      const unavailable = eligible.size - available;
      cluster.updateStatus('daemonSets', set, {
        currentNumberScheduled: pods.length,
        numberMisscheduled: 0,
        desiredNumberScheduled: eligible.size,
        numberReady: ready,
        observedGeneration: set.metadata.generation ?? 1,
        ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
        ...(available > 0 ? { numberAvailable: available } : {}),
        ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
      });
      return againMs;
    },
  };
}
