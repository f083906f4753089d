import { conditionOf, isTrue, mergeConditions } from './conditions.ts';
import type { Cluster } from './cluster.ts';
import type { EventRecorder } from './event-recorder.ts';
import { readyConditions } from './node-factory.ts';
import { keyOf } from './object-cache.ts';
import type { Condition, Node } from './views.ts';
import type { Controller } from './work-loop.ts';

/** Nodes' heartbeats, their taints, and what a silent node means for its pods. */
export interface NodeController extends Controller {
  /** Lets a node fall silent for a while. */
  silence(name: string, forMs: number): void;
}

const COMPONENT = 'node-controller';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
/** Of the lease (Kubernetes documentation, Nodes: heartbeats). */
const LEASE_MS = 10_000;
/** Of the status while nothing changes (Kubernetes documentation, Nodes: heartbeats). */
const STATUS_MS = 300_000;
const LEASE_NAMESPACE = 'kube-node-lease';

/** `minLeaseMs` stretches the heartbeats of clusters with many nodes. */
export function createNodeController(cluster: Cluster, events: EventRecorder, minLeaseMs = LEASE_MS): NodeController {
  const silentUntil = new Map<string, number>();

  const beat = (node: Node) => {
    const { name } = node.metadata;
    const renewTime = new Date(cluster.clock.now()).toISOString().replace('Z', '000Z');
    const lease = cluster.cache('leases').get(`${LEASE_NAMESPACE}/${name}`);
    if (lease === undefined) {
      cluster.create('leases', {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace: LEASE_NAMESPACE },
        spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
      });
      return;
    }
    const spec = lease['spec'] as { readonly renewTime?: string };
    if (cluster.clock.now() - Date.parse(spec.renewTime ?? '') < minLeaseMs / 2) return;
    cluster.update('leases', { ...lease, spec: { ...spec, renewTime } });
  };

  const setReady = (node: Node, isReady: boolean) => {
    const old = node.status?.conditions ?? [];
    const time = cluster.time();
    const lastHeartbeatTime = conditionOf(old, 'Ready')?.lastHeartbeatTime ?? time;
    const message = 'Kubelet stopped posting node status.';
    const changed = isReady
      ? readyConditions(time)
      : old.map(({ type }): Condition => {
          return { type, status: 'Unknown', reason: 'NodeStatusUnknown', message, lastHeartbeatTime };
        });
    cluster.updateStatus('nodes', node, { ...node.status, conditions: mergeConditions(old, changed, time) });
    const reason = isReady ? 'NodeReady' : 'NodeNotReady';
    const now = `Node ${node.metadata.name} status is now: ${reason}`;
    events.record(node, { type: 'Normal', reason, message: now, component: COMPONENT });
    if (!isReady) markPods(node);
  };

  const markPods = (node: Node) => {
    for (const pod of [...cluster.cache('pods').values()]) {
      if (pod.spec.nodeName !== node.metadata.name || !isTrue(pod.status?.conditions, 'Ready')) continue;
      const message = 'Node is not ready';
      const unready: Condition = {
        type: 'Ready',
        status: 'False',
        reason: 'NodeNotReady',
        message,
        lastProbeTime: null,
      };
      const conditions = mergeConditions(pod.status?.conditions, [unready], cluster.time());
      cluster.updateStatus('pods', pod, { ...pod.status, conditions });
      events.record(pod, { type: 'Warning', reason: 'NodeNotReady', message, component: COMPONENT });
    }
  };

  /** Keeps the taints that follow from the node's state, and those that others set. */
  const taint = (node: Node) => {
    const wanted = [
      ...(node.spec?.unschedulable === true ? [{ key: UNSCHEDULABLE, effect: 'NoSchedule' }] : []),
      ...(isTrue(node.status?.conditions, 'Ready') || node.status?.conditions === undefined
        ? []
        : [{ key: UNREACHABLE, effect: 'NoSchedule' }]),
    ];
    const present = node.spec?.taints ?? [];
    const own = present.filter(({ key }) => key === UNSCHEDULABLE || key === UNREACHABLE);
    const isSame = own.length === wanted.length && wanted.every(({ key }) => own.some((taint) => taint.key === key));
    if (isSame) return;
    const taints = [...present.filter((taint) => !own.includes(taint)), ...wanted];
    const { taints: _, ...spec } = node.spec ?? {};
    cluster.update('nodes', { ...node, spec: taints.length === 0 ? spec : { ...spec, taints } });
  };

  return {
    name: 'nodes',
    reconcile: (name) => {
      const node = cluster.cache('nodes').get(name);
      if (node === undefined) {
        silentUntil.delete(name);
        return undefined;
      }
      const nowMs = cluster.clock.now();
      const until = silentUntil.get(name);
      const isSilent = until !== undefined && until > nowMs;
      if (!isSilent) silentUntil.delete(name);
      const ready = conditionOf(node.status?.conditions, 'Ready');
      if (ready !== undefined && (ready.status === 'True') === isSilent) setReady(node, !isSilent);
      else taint(node);
      if (isSilent) return Math.max(1, until - nowMs);
      beat(node);
      if (ready !== undefined && nowMs - Date.parse(ready.lastHeartbeatTime ?? '') >= STATUS_MS) {
        const conditions = node.status?.conditions?.map((condition) => {
          return { ...condition, lastHeartbeatTime: cluster.time() };
        });
        const current = cluster.cache('nodes').get(name) ?? node;
        cluster.updateStatus('nodes', current, { ...current.status, conditions });
      }
      return minLeaseMs;
    },
    silence: (name, forMs) => {
      silentUntil.set(name, cluster.clock.now() + forMs);
    },
  };
}

/** Keys of the pods on a node. */
export function podsOn(cluster: Cluster, name: string): readonly string[] {
  return [...cluster.cache('pods').values()].filter(({ spec }) => spec.nodeName === name).map(keyOf);
}
