/** Steps of the back-off towards a Kubernetes API: 0.8 s × 2ⁿ, at most 30 s, as client-go's reflector has them. */
const baseMs = 800;
const maxMs = 30_000;

/** After so long without a failure the back-off begins anew. */
export const backoffResetMs = 120_000;

/** No API is left alone for longer because it said so. */
const maxRetryAfterMs = 300_000;

/** Step after so many failures before, in milliseconds. */
export function backoffStepMs(failures: number): number {
  return Math.min(maxMs, baseMs * 2 ** Math.min(failures, 20));
}

/**
 * The wait that an API asks for with `Retry-After` or `retryAfterSeconds`, in milliseconds: from the first step of the
 * back-off to 5 min. Undefined for what is no positive number, whatever the types say.
 */
export function retryAfterMsOf(seconds: unknown): number | undefined {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds <= 0) return undefined;
  return Math.min(maxRetryAfterMs, Math.max(baseMs, seconds * 1000));
}
