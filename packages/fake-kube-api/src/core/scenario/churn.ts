import { isReady } from './availability.ts';
import type { Cluster } from './cluster.ts';
import { containerStatuses, podStatus, terminatedState } from './pod-status.ts';

const positions = new WeakMap<Cluster, number>();

/**
 * Restarts the containers of so many ready pods within one write each: the restart count moves, readiness does not,
 * and so nothing answers. Goes round the pods from call to call. Returns how many writes it made.
 */
export function churnPods(cluster: Cluster, changes: number): number {
  const pods = [...cluster.cache('pods').values()].filter(isReady);
  if (pods.length === 0) return 0;
  const time = cluster.time();
  const start = positions.get(cluster) ?? 0;
  positions.set(cluster, (start + changes) % pods.length);
  for (let count = 0; count < changes; count++) {
    const listed = pods[(start + count) % pods.length];
    const { namespace, name } = listed?.metadata ?? { name: '' };
    const pod = cluster.cache('pods').get(`${namespace}/${name}`);
    if (pod === undefined) continue;
    const ended = containerStatuses(pod, (before) => terminatedState(before, 0, 'Completed', time), { isReady: false });
    const stopped = { ...pod, status: { ...pod.status, phase: 'Running' as const, containerStatuses: ended } };
    const again = containerStatuses(stopped, () => ({ running: { startedAt: time } }), { isReady: true, restarts: 1 });
    cluster.updateStatus('pods', pod, podStatus(pod, 'Running', again, undefined, time));
  }
  return changes;
}
