import { isTrue, mergeConditions } from './conditions.ts';
import type { Cluster } from './cluster.ts';
import type { EventRecorder } from './event-recorder.ts';
import { parseQuantity } from './quantity.ts';
import type { Node, Pod, PodSpec } from './views.ts';
import type { Controller } from './work-loop.ts';

interface Usage {
  pods: number;
  cpu: number;
  memory: number;
}

/** Puts pods on nodes, as kube-scheduler: what does not fit is said in an event and tried again. */
export interface Scheduler extends Controller {
  /** A node for a new pod, or why there is none. */
  place(spec: PodSpec): { readonly node: Node } | { readonly reason: string };
}

const COMPONENT = 'default-scheduler';
const RETRY_MS = 5_000;

function requestsOf(spec: PodSpec): Usage {
  const sum = (resource: string) =>
    spec.containers.reduce((total, { resources }) => total + parseQuantity(resources?.requests?.[resource]), 0);
  return { pods: 1, cpu: sum('cpu'), memory: sum('memory') };
}

/** Whether a pod tolerates what a node is tainted with. */
export function toleratesTaints(spec: PodSpec, node: Node): boolean {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return taints.every((taint) =>
    (spec.tolerations ?? []).some(
      ({ key, operator = 'Equal', value, effect }) =>
        (effect === undefined || effect === taint.effect) &&
        (key === undefined ? operator === 'Exists' : key === taint.key) &&
        (operator === 'Exists' || value === taint.value),
    ),
  );
}

/** Whether a node has the labels that a pod asks for. */
export function matchesNodeSelector(spec: PodSpec, node: Node): boolean {
  return Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => node.metadata.labels?.[key] === value);
}

export function createScheduler(cluster: Cluster, events: EventRecorder): Scheduler {
  const used = new Map<string, Usage>();
  const count = (pod: Pod | undefined, sign: 1 | -1) => {
    const { nodeName } = pod?.spec ?? {};
    if (pod === undefined || nodeName === undefined) return;
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return;
    const usage = used.get(nodeName) ?? { pods: 0, cpu: 0, memory: 0 };
    const requests = requestsOf(pod.spec);
    usage.pods += sign * requests.pods;
    usage.cpu += sign * requests.cpu;
    usage.memory += sign * requests.memory;
    used.set(nodeName, usage);
  };
  cluster.subscribe('pods', ({ old, next }) => {
    count(old, -1);
    count(next, 1);
  });

  /** Why a pod cannot go to a node, or how full the node is (0 to 1). */
  const judge = (spec: PodSpec, requests: Usage, node: Node): string | number => {
    if (!isTrue(node.status?.conditions, 'Ready')) return 'node(s) were not ready';
    if (node.spec?.unschedulable === true) return 'node(s) were unschedulable';
    if (!toleratesTaints(spec, node)) return 'node(s) had untolerated taint(s)';
    if (!matchesNodeSelector(spec, node)) return "node(s) didn't match Pod's node affinity/selector";
    const usage = used.get(node.metadata.name) ?? { pods: 0, cpu: 0, memory: 0 };
    const room = node.status?.allocatable ?? {};
    if (usage.pods + 1 > parseQuantity(room['pods'])) return 'Too many pods';
    if (usage.cpu + requests.cpu > parseQuantity(room['cpu'])) return 'Insufficient cpu';
    if (usage.memory + requests.memory > parseQuantity(room['memory'])) return 'Insufficient memory';
    return Math.max(usage.pods / parseQuantity(room['pods']), usage.cpu / parseQuantity(room['cpu']));
  };

  const place: Scheduler['place'] = (spec) => {
    const requests = requestsOf(spec);
    const reasons = new Map<string, number>();
    let best: { readonly node: Node; readonly fullness: number } | undefined;
    for (const node of cluster.cache('nodes').values()) {
      const verdict = judge(spec, requests, node);
      if (typeof verdict === 'string') reasons.set(verdict, (reasons.get(verdict) ?? 0) + 1);
      else if (best === undefined || verdict < best.fullness) best = { node, fullness: verdict };
    }
    if (best !== undefined) return best;
    const all = [...reasons].map(([reason, nodes]) => `${nodes} ${reason}`).join(', ');
    return { reason: `0/${cluster.cache('nodes').size} nodes are available: ${all || 'there is none'}.` };
  };

  const conditions = (pod: Pod, condition: { status: 'True' | 'False'; reason?: string; message?: string }) =>
    mergeConditions(
      pod.status?.conditions,
      [{ type: 'PodScheduled', lastProbeTime: null, ...condition }],
      cluster.time(),
    );

  return {
    name: 'scheduler',
    place,
    reconcile: (key) => {
      const pod = cluster.cache('pods').get(key);
      if (pod === undefined || pod.spec.nodeName !== undefined) return undefined;
      if (pod.metadata.deletionTimestamp !== undefined) return undefined;
      const found = place(pod.spec);
      if ('reason' in found) {
        const unscheduled = { status: 'False' as const, reason: 'Unschedulable', message: found.reason };
        cluster.updateStatus('pods', pod, {
          ...pod.status,
          phase: 'Pending',
          conditions: conditions(pod, unscheduled),
        });
        events.record(pod, {
          type: 'Warning',
          reason: 'FailedScheduling',
          message: found.reason,
          component: COMPONENT,
        });
        return RETRY_MS;
      }
      const nodeName = found.node.metadata.name;
      cluster.bind(pod, nodeName);
      const message = `Successfully assigned ${key} to ${nodeName}`;
      events.record(pod, { type: 'Normal', reason: 'Scheduled', message, component: COMPONENT });
      return undefined;
    },
  };
}
