import { backoffMs } from '@fleetwire/websocket-core';

/** How often a start of a plugin fetches once more what could not be fetched. */
const maxFetchRetries = 3;

/** Who is asked to wait longer than this has failed, and says so; the next list of plugins begins anew. */
const maxRetryAfterMs = 10_000;

const firstWaitMs = 500;

/**
 * Wait before retry `retry` (0 is the first) of a fetch, in milliseconds; undefined when there is none. It is what the
 * server asks for, else 0.5 s and twice as much each time, and up to twice that on top: the pages of a server that was
 * away do not come back all at once. `random` is from 0 to 1.
 */
export function fetchRetryMs(retry: number, random: number, retryAfterMs: number | undefined): number | undefined {
  if (retry >= maxFetchRetries || (retryAfterMs ?? 0) > maxRetryAfterMs) return undefined;
  const leastMs = firstWaitMs * 2 ** retry;
  return backoffMs(retry, random, { backoffBaseMs: 2 * firstWaitMs, backoffMaxMs: 60_000 }, retryAfterMs ?? leastMs);
}
