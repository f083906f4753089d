import type { TargetState } from '@fleetwire/kube-watch';
import { formatCount } from '../../ui/format.ts';
import type { Fleet } from './use-fleet.ts';

/** What keeps a part of the fleet away, in one line of a list. */
export interface FleetProblem {
  readonly cluster: string;
  readonly message: string;
  readonly isDenied: boolean;
  /** What it had is shown as it was then, in milliseconds since 1970; undefined where there is nothing to show. */
  readonly staleSince: number | undefined;
}

/** What keeps which parts away; lists of one cluster that fail alike are told once. */
export function fleetProblems(targets: readonly TargetState[]): readonly FleetProblem[] {
  const problems = new Map<string, FleetProblem>();
  for (const { cluster, error, isStale, staleSince } of targets) {
    if (error === undefined) continue;
    const isDenied = error.status === 403;
    // Each refusal is of another resource; a cluster that is away is away for all of them.
    const key = [cluster, isDenied ? error.message : (error.status ?? error.code)].join('\n');
    const known = problems.get(key);
    const since = earliest(known?.staleSince, isStale ? staleSince : undefined);
    problems.set(key, { cluster, message: known?.message ?? error.message, isDenied, staleSince: since });
  }
  return [...problems.values()].sort((a, b) => a.cluster.localeCompare(b.cluster, undefined, { numeric: true }));
}

/** What nobody can say of the fleet, in sentences; empty where all that is watched has been seen. */
export function whatIsUnknown({
  unseen,
  isCut,
  targets,
}: Pick<Fleet, 'unseen' | 'isCut' | 'targets'>): readonly string[] {
  const away = new Set(targets.flatMap(({ cluster, error, isStale }) => (error || isStale ? [cluster] : []))).size;
  return [
    ...(unseen > 0 ? [`Of ${formatCount(unseen)} that may be in trouble nothing is known yet.`] : []),
    ...(isCut ? ['A cluster has more pods, jobs or warnings than are looked through.'] : []),
    ...(away > 0
      ? [`Of ${away === 1 ? 'a cluster' : `${formatCount(away)} clusters`} a part cannot be seen now.`]
      : []),
  ];
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
