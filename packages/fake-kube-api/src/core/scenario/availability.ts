import { conditionOf } from './conditions.ts';
import { isActive } from './pod-factory.ts';
import type { Pod } from './views.ts';

/** How many of some pods serve. */
export interface Availability {
  readonly ready: number;
  /** Ready for `minReadySeconds` at least. */
  readonly available: number;
  /** After how long one more may be available. */
  readonly againMs: number | undefined;
}

/** Whether a pod is ready and stays. */
export function isReady(pod: Pod): boolean {
  return isActive(pod) && conditionOf(pod.status?.conditions, 'Ready')?.status === 'True';
}

/** Counts what is ready, and available after `minReadySeconds`. */
export function countAvailability(pods: readonly Pod[], minReadySeconds: number, nowMs: number): Availability {
  let ready = 0;
  let available = 0;
  let againMs: number | undefined;
  for (const pod of pods) {
    if (!isReady(pod)) continue;
    ready++;
    const since = conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime;
    const waitMs = since === undefined ? 0 : Date.parse(since) + minReadySeconds * 1_000 - nowMs;
    if (minReadySeconds === 0 || waitMs <= 0) available++;
    else againMs = Math.min(againMs ?? Infinity, waitMs);
  }
  return { ready, available, againMs };
}
