/** Steps of a back-off with full jitter. */
export interface BackoffSteps {
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
}

/**
 * Wait before attempt `attempt` (0 is the first retry): drawn evenly from 0 to `base × 2^attempt`, capped. Full jitter
 * spreads a crowd that lost the same server best. `retryAfterMs` is obeyed as the least wait, with the jitter on top.
 */
export function backoffMs(attempt: number, random: number, steps: BackoffSteps, retryAfterMs = 0): number {
  // 2^30 is past every cap; more would only lose precision.
  const step = Math.min(steps.backoffMaxMs, steps.backoffBaseMs * 2 ** Math.min(attempt, 30));
  return retryAfterMs + random * step;
}
