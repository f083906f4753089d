import type { Clock } from '@fleetwire/websocket-core';
import { backoffResetMs, backoffStepMs } from './back-off.ts';
import { createRefusals, type Refusals } from './refusals.ts';

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
  const stepMs = () => backoffStepMs(attempt - 1);
  return {
    failed() {
      const now = clock.monotonicNow();
      if (healthySince !== undefined && now - healthySince >= backoffResetMs) attempt = 0;
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
  /** Those that a 401 stopped, and when they ask again. */
  readonly refusals: Refusals;
}

/** Makes the memory that the reflectors of one cluster are given. */
export function createClusterMemory(clock: Clock, random: () => number): ClusterMemory {
  return {
    backoff: createKubeBackoff(clock, random),
    isWatchListRefused: false,
    refusals: createRefusals(clock, random),
  };
}
