import type { Clock } from '@fleetwire/websocket-core';

/** Steps of the back-off towards a Kubernetes API: 0.8 s × 2ⁿ, at most 30 s, as client-go's reflector has them. */
const BASE_MS = 800;
const MAX_MS = 30_000;
/** After so long without a failure the back-off begins anew. */
const RESET_MS = 120_000;

/** A back-off that several targets share. */
export interface KubeBackoff {
  /** Counts a failure and gives the wait before the next attempt, in milliseconds. */
  failed(): number;
  /** An attempt succeeded; the back-off begins anew once that lasted two minutes. */
  succeeded(): void;
}

/**
 * Makes a back-off: half of each step is fixed, the other half is drawn. Failures within a step are the same outage,
 * seen by another target, and do not lengthen it. `random` gives numbers from 0 to below 1.
 */
export function createKubeBackoff(clock: Clock, random: () => number): KubeBackoff {
  let attempt = 0;
  let stepEndsAt = -Infinity;
  let healthySince: number | undefined;
  const stepMs = () => Math.min(MAX_MS, BASE_MS * 2 ** Math.min(attempt - 1, 20));
  return {
    failed() {
      const now = clock.monotonicNow();
      if (healthySince !== undefined && now - healthySince >= RESET_MS) attempt = 0;
      healthySince = undefined;
      if (now >= stepEndsAt || attempt === 0) {
        attempt += 1;
        stepEndsAt = now + stepMs();
      }
      return (stepMs() * (1 + random())) / 2;
    },
    succeeded() {
      healthySince ??= clock.monotonicNow();
    },
  };
}

/** What the targets of one cluster share; each cluster has its own, so that one delays no other. */
export interface ClusterMemory {
  /** Counts connections that failed. What the API answered is counted by each target alone. */
  readonly backoff: KubeBackoff;
  /** The cluster refused `sendInitialEvents`; lists are used from then on. */
  isWatchListRefused: boolean;
}

/** Makes the memory that the reflectors of one cluster are given. */
export function createClusterMemory(clock: Clock, random: () => number): ClusterMemory {
  return { backoff: createKubeBackoff(clock, random), isWatchListRefused: false };
}
