import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { Problem } from './problem.ts';

/** Tells whether a request may call the server by this `Host`. */
export type HostCheck = (host: string | undefined) => boolean;

/**
 * Creates the check of a server that listens on `host`. A page whose name was pointed at the server's address after it was
 * loaded (DNS rebinding) is of the server's own origin to the browser, also behind a firewall or on loopback; the name
 * gives it away. An address cannot be pointed elsewhere, nor can `localhost` (RFC 6761 section 6.3). A server that listens
 * beyond loopback may have any name, until `allowedHosts` says which.
 */
export function createHostCheck(host: string, allowedHosts: readonly string[]): HostCheck {
  if (allowedHosts.length === 0 && !isLoopback(host)) return () => true;
  const names = new Set([host, ...allowedHosts].map((name) => nameOf(name) ?? name));
  return (given) => {
    const name = nameOf(given ?? '');
    return name !== undefined && (isLocalhost(name) || isIP(name) !== 0 || names.has(name));
  };
}

/** Refuses requests that call the server by another name. */
export function allowedHostsOnly(isAllowed: HostCheck): MiddlewareHandler {
  return async (context, next) => {
    if (!isAllowed(context.req.header('host'))) {
      throw new Problem(403, 'FORBIDDEN', 'this server does not go by that host name: see --allowed-hosts');
    }
    await next();
  };
}

function nameOf(host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  } catch {
    return undefined;
  }
}

function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

function isLoopback(host: string): boolean {
  return isLocalhost(host.toLowerCase()) || /^127\./.test(host) || host === '::1';
}
