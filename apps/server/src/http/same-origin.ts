import type { MiddlewareHandler } from 'hono';
import { Problem } from './problem.ts';

/**
 * Refuses requests that a page of another origin makes. A SameSite cookie alone does not: another port of the same host
 * is the same site. Requests without `Origin` do not come from a page's script.
 */
export const sameOriginOnly: MiddlewareHandler = async (context, next) => {
  const origin = context.req.header('origin');
  if (origin !== undefined && !isSameOrigin(origin, context.req.header('host'))) {
    throw new Problem(403, 'FORBIDDEN', 'this origin may not sign in here');
  }
  await next();
};

/** Whether an `Origin` is that of the host which was asked. */
export function isSameOrigin(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
