import { isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { createBlockCheck, plainFormOf } from './address-blocks.ts';

/** Who a request comes from, and how. */
export interface Client {
  /** IPv4 in its plain form; empty where the socket is closed already. */
  readonly address: string;
  /** How the request reached the first of the trusted proxies, or the server itself. */
  readonly scheme: 'http' | 'https';
}

/** Tells who a request comes from. */
export type ClientOf = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => Client;

/**
 * Creates the one function that says where requests come from. What `X-Forwarded-For` and `X-Forwarded-Proto` say is
 * believed of peers in `trustedProxies` (CIDR blocks) alone. Each proxy appends the address of its own peer, so the list
 * is read from its end: the first address that is no trusted proxy's is the client, since whatever stands before it, that
 * client may have written itself. An entry that is no address ends the reading at the proxy that let it through.
 */
export function createClientOf(trustedProxies: readonly string[]): ClientOf {
  const isTrusted = createBlockCheck(trustedProxies);
  return ({ socket, headers }) => {
    const peer = plainFormOf(socket.remoteAddress ?? '') ?? '';
    const scheme = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
    if (!isTrusted(peer)) return { address: peer, scheme };
    const entries = entriesOf(headers['x-forwarded-for']);
    let address = peer;
    let proxies = 0;
    while (isTrusted(address)) {
      proxies += 1;
      const next = addressOf(entries.pop());
      if (next === undefined) break;
      address = next;
    }
    return { address, scheme: forwardedScheme(headers['x-forwarded-proto'], proxies) ?? scheme };
  };
}

/** What the outermost of so many trusted proxies says of its client: some append, as with the addresses, most replace. */
function forwardedScheme(
  header: string | readonly string[] | undefined,
  proxies: number,
): Client['scheme'] | undefined {
  const entries = entriesOf(header);
  const told = entries[Math.max(0, entries.length - proxies)]?.toLowerCase();
  // Some proxies name the scheme of a WebSocket by its own name.
  if (told === 'https' || told === 'wss') return 'https';
  return told === 'http' || told === 'ws' ? 'http' : undefined;
}

function entriesOf(header: string | readonly string[] | undefined): string[] {
  const text = typeof header === 'string' ? header : (header?.join(',') ?? '');
  return text === '' ? [] : text.split(',').map((entry) => entry.trim());
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`. */
function addressOf(entry: string | undefined): string | undefined {
  if (entry === undefined) return undefined;
  const [, bracketed] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(entry) ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed) ? plainFormOf(bracketed) : undefined;
  const [, withPort] = /^([\d.]+):\d{1,5}$/.exec(entry) ?? [];
  return plainFormOf(withPort ?? entry);
}
