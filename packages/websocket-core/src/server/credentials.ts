import type { IncomingHttpHeaders } from 'node:http';
import { BEARER_PROTOCOL_PREFIX } from '../protocol/version.ts';
import type { TokenSource } from './types.ts';

export interface Credentials {
  readonly token: string | undefined;
  readonly source: TokenSource;
}

/** The parts of an HTTP request that may carry a token. */
export interface CredentialsRequest {
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Token of an upgrade or of a plain request: `Authorization: Bearer` (RFC 6750), the sub-protocol entry
 * `fleetwire.bearer.<base64url>`, the cookie, or the query parameter `token`, in this order. The caller must have
 * checked the Origin before it names a cookie: browsers send cookies with every site's requests.
 */
export function credentialsOf(
  request: CredentialsRequest,
  options: { readonly cookieName?: string | undefined } = {},
): Credentials {
  const bearer = /^Bearer +([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { token: bearer, source: 'header' };
  const entry = protocolsOf(request).find((protocol) => protocol.startsWith(BEARER_PROTOCOL_PREFIX));
  if (entry !== undefined) {
    return {
      token: Buffer.from(entry.slice(BEARER_PROTOCOL_PREFIX.length), 'base64url').toString('utf8'),
      source: 'subprotocol',
    };
  }
  const cookie =
    options.cookieName === undefined ? undefined : cookieOf(request.headers.cookie ?? '', options.cookieName);
  if (cookie !== undefined) return { token: cookie, source: 'cookie' };
  const query = searchParamsOf(request.url ?? '').get('token');
  if (query !== null && query !== '') return { token: query, source: 'query' };
  return { token: undefined, source: 'none' };
}

/** Sub-protocols that an upgrade offers (RFC 6455 section 4.1). */
export function protocolsOf(request: CredentialsRequest): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}

/** The same URL with the value of `token` hidden, for logs, however its name is spelt: `%74oken` is `token` too. */
export function redactUrl(url: string): string {
  return url.replace(/([?&#])([^?&#=]*)=[^&#]*/g, (pair, before: string, name: string) =>
    nameOf(name) === 'token' ? `${before}${name}=[redacted]` : pair.replace(/(\?token=).*/i, '$1[redacted]'),
  );
}

/** Decoded like a query's name, without its case. */
function nameOf(encoded: string): string {
  const [name = ''] = new URLSearchParams(`${encoded}=`).keys();
  return name.toLowerCase();
}

/** Path and query of a request target, which a client may also send in its absolute form (RFC 9112 section 3.2.2). */
export function originForm(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(url)?.[1] ?? url;
}

/** Path of a request target in either form, without query. */
export function pathOf(url: string): string {
  const target = originForm(url);
  const end = target.search(/[?#]/);
  const path = end === -1 ? target : target.slice(0, end);
  return path === '' && target !== url ? '/' : path;
}

function searchParamsOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

function cookieOf(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const separator = pair.indexOf('=');
    if (separator !== -1 && pair.slice(0, separator).trim() === name) {
      const value = pair.slice(separator + 1).trim();
      return value === '' ? undefined : value;
    }
  }
  return undefined;
}
