import type { IncomingMessage } from 'node:http';
import type { ClientOf } from './client-of.ts';

/**
 * Whether no page of another origin makes a request. A SameSite cookie alone does not tell: another port of the same host
 * is the same site. Requests without `Origin` do not come from a page's script, but its images and links make such, with the
 * password that a browser remembers.
 */
export type OriginCheck = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => boolean;

/**
 * Creates the check: an origin is scheme, host and port (RFC 6454 section 4). A page that came by plain HTTP may have been
 * written by whoever was on the way, and must not act on the server by TLS.
 */
export function createOriginCheck(clientOf: ClientOf): OriginCheck {
  return (request) => {
    const { origin, host, 'sec-fetch-site': site } = request.headers;
    // Programs do not say, nor do browsers to a server by plain HTTP (Fetch Metadata); `none`: the user typed it.
    if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none';
    try {
      // Both as URLs: a proxy may tell the port that a browser leaves out.
      return new URL(origin).origin === new URL(`${clientOf(request).scheme}://${host ?? ''}`).origin;
    } catch {
      return false;
    }
  };
}
