import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Admitted } from './proxy-admission.ts';
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
  ...['host', 'authorization', 'cookie', 'origin', 'referer', 'expect', 'forwarded', 'x-real-ip', 'x-client-ip'],
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

/**
 * What would act on the origin of the gateway, ask its users for credentials, make their browsers report to somebody, or
 * speak to a reverse proxy before the gateway (`X-Accel-Redirect` makes nginx answer with a page of its own).
 */
const responseOnly = new Set([
  ...hopByHop,
  ...['set-cookie', 'set-cookie2', 'www-authenticate', 'strict-transport-security', 'clear-site-data', 'alt-svc'],
  ...['service-worker-allowed', 'content-security-policy', 'content-security-policy-report-only', 'x-frame-options'],
  ...['refresh', 'link', 'location', 'content-location', 'speculation-rules', 'origin-agent-cluster'],
  ...['nel', 'report-to', 'reporting-endpoints', 'expect-ct', 'accept-ch', 'critical-ch', 'set-login'],
  ...['activate-storage-access', 'use-as-dictionary', 'x-sendfile', 'x-lighttpd-send-file', 'x-reproxy-url'],
]);
const responsePrefixes = [
  ...['access-control-', 'proxy-', 'sec-', 'secure-session-', 'public-key-pins', 'attribution-reporting-'],
  ...['x-accel-', 'x-litespeed-', 'surrogate-'],
];

/** What a handshake is agreed to with (RFC 6455 section 4.2.2). */
const agreement = ['sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions'];

/**
 * Headers of a caller's request that the cluster gets ([P3]), without framing: see {@link framingOf}. An upgrade has
 * none. `Via` stays (RFC 9110 section 7.6.3), since requests that go in a circle are known by it.
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

/** Whether a body comes in more than chunks, as `gzip, chunked`: nobody told the cluster (RFC 9112 section 6.1). */
export function isCoded({ headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  return coding !== undefined && coding.trim().toLowerCase() !== 'chunked';
}

/** What the gateway says of every body that it passes on: no page of its own origin, and no type but the one it names. */
export const bodyHeaders = { 'content-security-policy': 'sandbox', 'x-content-type-options': 'nosniff' } as const;

/**
 * Headers of the cluster's answer that the caller gets ([P9]). What a pod or a user's cluster serves must not act as a
 * page of the gateway. A redirect leads to where `locationOf` says that its target is here, or nowhere: addresses behind
 * the gateway are nobody's to know. Nothing of a user's cluster is kept by a browser: what others have under its name,
 * now or later, has the same URL.
 */
export function responseHeaders(
  response: IncomingMessage,
  { locationOf, cluster }: Pick<Admitted, 'locationOf' | 'cluster'>,
): Record<string, string | string[]> {
  const headers = harmlessHeaders(response);
  const location = response.headers.location === undefined ? undefined : locationOf(response.headers.location);
  if (location !== undefined) headers['location'] = location;
  if (cluster.definition.owner !== undefined) headers['cache-control'] = 'no-store';
  return { ...headers, ...bodyHeaders };
}

/** Headers of the cluster's agreement to an upgrade that the caller gets. */
export function agreementHeaders(response: IncomingMessage): Record<string, string | string[]> {
  const headers = harmlessHeaders(response);
  for (const name of agreement) {
    const value = response.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return { ...headers, connection: 'Upgrade', upgrade: response.headers.upgrade ?? '' };
}

function harmlessHeaders(response: IncomingMessage): Record<string, string | string[]> {
  const named = namedByConnection(response.headers);
  const headers: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    if (values === undefined || responseOnly.has(name) || named.has(name)) continue;
    if (responsePrefixes.some((prefix) => name.startsWith(prefix))) continue;
    headers[name] = values.length === 1 ? (values[0] as string) : values;
  }
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
