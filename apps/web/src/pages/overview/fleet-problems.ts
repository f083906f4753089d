import type { TargetState } from '@fleetwire/kube-watch';

/** What keeps a part of the fleet away, in one line of a list. */
export interface FleetProblem {
  readonly cluster: string;
  readonly message: string;
  readonly isDenied: boolean;
}

/** What keeps which parts away; lists of one cluster that fail alike are told once. */
export function fleetProblems(targets: readonly TargetState[]): readonly FleetProblem[] {
  const problems = new Map<string, FleetProblem>();
  for (const { cluster, error } of targets) {
    if (error === undefined) continue;
    const isDenied = error.status === 403;
    // Each refusal is of another resource; a cluster that is away is away for all of them.
    const key = [cluster, isDenied ? error.message : (error.status ?? error.code)].join('\n');
    if (!problems.has(key)) problems.set(key, { cluster, message: error.message, isDenied });
  }
  return [...problems.values()].sort((a, b) => a.cluster.localeCompare(b.cluster, undefined, { numeric: true }));
}
