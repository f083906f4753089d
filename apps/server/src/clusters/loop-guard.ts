import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Knows the requests that this server itself has sent: a user may name it for the server of a cluster, and a few of those,
 * each leading to the next one, would ask each other until no sockets are left.
 */
export interface LoopGuard {
  /** Goes along with each request, as `Via` (RFC 9110 section 7.6.3). */
  readonly via: string;
  /** Whether a request with these headers has come from this server. */
  isOwn(headers: IncomingHttpHeaders): boolean;
}

/** Creates the guard of a process: its pseudonym tells nothing of where it is. */
export function createLoopGuard(): LoopGuard {
  const pseudonym = `fleetwire-${randomBytes(8).toString('hex')}`;
  return {
    via: `1.1 ${pseudonym}`,
    isOwn: ({ via }) => via?.includes(pseudonym) === true,
  };
}
