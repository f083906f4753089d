import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX, KUBE_BEARER_SUBPROTOCOL_PREFIX } from '../protocol/subprotocol.ts';

/** Of one connection alone (RFC 9110 section 7.6.1); `Connection` may name more. */
const hopByHop = [
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings'],
];

/** What speaks for somebody, for where a request came from, or for where its body ends: the gateway does that. */
const requestOnly = new Set([
  ...hopByHop,
  'content-length',
  ...['host', 'authorization', 'cookie', 'origin', 'referer', 'expect', 'forwarded', 'via', 'x-real-ip', 'x-client-ip'],
]);
const requestPrefixes = [
  'impersonate-',
  'x-remote-',
  'x-forwarded-',
  'sec-fetch-',
  'proxy-',
  'x-envoy-',
  'x-original-',
];

/** What would act on the origin of the gateway, or ask its users for credentials. */
const responseOnly = new Set([
  ...hopByHop,
  ...['set-cookie', 'set-cookie2', 'www-authenticate', 'strict-transport-security', 'clear-site-data', 'alt-svc'],
  ...['service-worker-allowed', 'content-security-policy', 'x-frame-options', 'public-key-pins', 'refresh', 'link'],
  ...['location', 'content-location'],
]);
const responsePrefixes = ['access-control-', 'proxy-'];

/**
 * Headers of a caller's request that the cluster gets ([P3]), without framing: see {@link framingOf}. An upgrade has
 * none.
 */
export function requestHeaders(request: IncomingMessage): Record<string, string | string[]> {
  const named = namedByConnection(request.headers);
  const headers: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (values === undefined || requestOnly.has(name) || named.has(name)) continue;
    if (requestPrefixes.some((prefix) => name.startsWith(prefix))) continue;
    if (name.startsWith('sec-websocket-')) continue;
    headers[name] = values.length === 1 ? (values[0] as string) : values;
  }
  return headers;
}

/**
 * How the body of a request is framed on its way to the cluster; undefined when none is sent. It follows from what the
 * caller's own parser read and from nothing that headers say of one another: a body that the cluster takes for the next
 * request would run under the cluster's credentials. What comes with GET and HEAD has no meaning (RFC 9110 section
 * 9.3.1) and stays here.
 */
export function framingOf({ method, headers }: IncomingMessage): Readonly<Record<string, string>> | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (headers['transfer-encoding'] !== undefined) return { 'transfer-encoding': 'chunked' };
  const length = Number(headers['content-length'] ?? 0);
  return length > 0 ? { 'content-length': String(length) } : undefined;
}

/**
 * Headers of the cluster's answer that the caller gets. What a pod serves behind `…/proxy/` must not act as a page of
 * the gateway: a sandbox without origin, and no guessing of types. A redirect leads to where `locationOf` says that its
 * target is here, or nowhere: addresses behind the gateway are nobody's to know.
 */
export function responseHeaders(
  response: IncomingMessage,
  locationOf: (location: string) => string | undefined,
): Record<string, string | string[]> {
  const named = namedByConnection(response.headers);
  const headers: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    if (values === undefined || responseOnly.has(name) || named.has(name)) continue;
    if (responsePrefixes.some((prefix) => name.startsWith(prefix))) continue;
    headers[name] = values.length === 1 ? (values[0] as string) : values;
  }
  const location = response.headers.location === undefined ? undefined : locationOf(response.headers.location);
  if (location !== undefined) headers['location'] = location;
  headers['content-security-policy'] = 'sandbox';
  headers['x-content-type-options'] = 'nosniff';
  return headers;
}

function namedByConnection(headers: IncomingHttpHeaders): Set<string> {
  const names = (headers.connection ?? '').toLowerCase().split(',');
  return new Set(names.map((name) => name.trim()));
}

/** Sub-protocols of an upgrade but for those that carry a token. */
export function tokenlessProtocols(offered: readonly string[]): readonly string[] {
  return offered.filter(
    (protocol) =>
      !protocol.startsWith(FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX) && !protocol.startsWith(KUBE_BEARER_SUBPROTOCOL_PREFIX),
  );
}

/** The query without the gateway's own token, however its name is spelt; the rest is untouched. */
export function tokenlessQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => !new URLSearchParams(pair).has('token'))
    .join('&');
}
