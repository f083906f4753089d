// The arithmetic of a rolling update (Kubernetes documentation, Deployments: maxSurge, maxUnavailable).

/** One replica set as the arithmetic sees it. */
export interface RolloutMember {
  readonly name: string;
  /** What it is asked for. */
  readonly replicas: number;
  readonly available: number;
}

/** Resolves a count that may be a percentage; surge rounds up, unavailability down. */
export function resolveCount(value: number | string | undefined, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const percent = Number.parseFloat(value ?? '25%');
  const count = (percent * total) / 100;
  return rounding === 'up' ? Math.ceil(count) : Math.floor(count);
}

/**
 * How many replicas each replica set should be asked for next. `old` are in the order in which they are scaled down;
 * the result holds those alone that change.
 */
export function nextReplicas(
  desired: number,
  maxSurge: number,
  maxUnavailable: number,
  fresh: RolloutMember,
  old: readonly RolloutMember[],
): ReadonlyMap<string, number> {
  const changes = new Map<string, number>();
  const total = old.reduce((sum, { replicas }) => sum + replicas, fresh.replicas);
  const room = desired + maxSurge - total;
  const wanted = fresh.replicas > desired ? desired : Math.min(desired, fresh.replicas + Math.max(0, room));
  if (wanted !== fresh.replicas) changes.set(fresh.name, wanted);

  const minAvailable = desired - maxUnavailable;
  const freshUnavailable = Math.max(0, fresh.replicas - fresh.available);
  let spare = total - minAvailable - freshUnavailable;
  // Pods that are not available serve nobody: they go first and cost nothing.
  const left = old.map((member) => {
    const broken = Math.max(0, Math.min(member.replicas - member.available, spare));
    spare -= broken;
    return { ...member, replicas: member.replicas - broken };
  });
  const available = old.reduce((sum, member) => sum + Math.min(member.available, member.replicas), 0);
  let healthy = Math.max(0, Math.min(fresh.available, fresh.replicas) + available - minAvailable);
  for (const [index, member] of left.entries()) {
    const down = Math.min(member.replicas, healthy);
    healthy -= down;
    const replicas = member.replicas - down;
    if (replicas !== old[index]?.replicas) changes.set(member.name, replicas);
  }
  return changes;
}
