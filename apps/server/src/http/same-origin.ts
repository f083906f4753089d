import type { Context } from 'hono';
import { Problem } from './problem.ts';

/**
 * Refuses requests that a page of another origin makes. A SameSite cookie alone does not: another port of the same host
 * is the same site. Requests without `Origin` do not come from a page's script. Throws a {@link Problem}.
 */
export function refuseOtherOrigins(context: Context): void {
  const origin = context.req.header('origin');
  if (origin !== undefined && !isSameOrigin(origin, context.req.header('host'))) {
    throw new Problem(403, 'FORBIDDEN', 'a page of this origin may not call this server');
  }
}

/** Whether an `Origin` is that of the host which was asked. */
export function isSameOrigin(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
