import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';
import { at } from '../../kube/read-object.ts';

/** How many pods there are in each phase (Kubernetes documentation, pod lifecycle). */
export interface PodPhases {
  /** Of the clusters that told; undefined while none has. */
  readonly total: number | undefined;
  /** What is left of the total. */
  readonly running: number | undefined;
  readonly pending: number;
  readonly failed: number;
  readonly unknown: number;
  readonly succeeded: number;
}

/** Counts from those that do not run: to hold those that do would cost most of the memory, for a single number. */
export function podPhases(options: {
  /** How many each cluster has, asked for now and then. */
  readonly totals: ReadonlyMap<string, number>;
  /** Pods that are pending, failed or unknown. */
  readonly notRunning: readonly ClusterObject<KubeObject>[];
  readonly succeeded: readonly ClusterObject<KubeObject>[];
}): PodPhases {
  const { totals, notRunning, succeeded } = options;
  const others = new Map<string, number>();
  for (const { cluster } of [...notRunning, ...succeeded]) others.set(cluster, (others.get(cluster) ?? 0) + 1);
  let [total, running] = [0, 0];
  for (const [cluster, count] of totals) {
    const rest = others.get(cluster) ?? 0;
    // The phases are live, and so may be ahead of the total.
    total += Math.max(count, rest);
    running += Math.max(0, count - rest);
  }
  const phases = new Map<unknown, number>();
  for (const { object } of notRunning) {
    const phase = at(object, 'status', 'phase');
    phases.set(phase, (phases.get(phase) ?? 0) + 1);
  }
  const [pending, failed] = [phases.get('Pending') ?? 0, phases.get('Failed') ?? 0];
  return {
    total: totals.size === 0 ? undefined : total,
    running: totals.size === 0 ? undefined : running,
    pending,
    failed,
    unknown: notRunning.length - pending - failed,
    succeeded: succeeded.length,
  };
}
