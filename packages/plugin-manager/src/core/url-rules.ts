import type { PluginErrorCode } from '../protocol/error-codes.ts';
import { PluginError, type PluginPhase } from '../protocol/error.ts';

/** Where bytes may come from. */
export interface FetchPolicy {
  /**
   * Hosts of the first URL: `example.org` (at the scheme's own port), `example.org:8443`, `*.example.org` (below it, not
   * itself), `*` (any). None: nothing may be fetched.
   */
  readonly hosts: readonly string[];
  /** Hosts that a redirect may lead to, beside {@link FetchPolicy.hosts}. */
  readonly redirectHosts: readonly string[];
  /** A source in the own network: `http`, loopback and private addresses are allowed. */
  readonly isLocal: boolean;
}

/** The parts of a URL that is allowed, as they were written but for case of scheme and host. */
export interface UrlParts {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** As written; absent: the scheme's own. */
  readonly port?: number | undefined;
  /** Begins with `/`. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
}

/** Of a URL; what is longer is refused. Signed URLs of storage services have about 1,000. */
const maxUrlLength = 8_192;

const dotSegment = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;
const shape = /^([a-z][a-z0-9+.-]*):\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?(\/[^?]*)?(\?.*)?$/i;

/** A URL without its query, which may hold a signature; for messages. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/su, '');
}

function withoutCredentials(url: string): string {
  return withoutQuery(url).replace(/\/\/[^/]*@/u, '//***@');
}

function invalid(url: string, phase: PluginPhase, expected: string): PluginError {
  const shown = JSON.stringify(withoutCredentials(url).slice(0, 200));
  return new PluginError('E_URL_INVALID', `expected a URL ${expected}, got ${shown}`, {
    phase,
    details: { url: shown },
  });
}

/**
 * Takes a URL apart by its text alone, so that no parser's leniency decides (RFC 3986; stricter: ASCII, no user
 * information, dot segments, encoded separators, fragment, or backslash).
 *
 * @throws PluginError `E_URL_INVALID`.
 */
export function parseUrl(url: string, policy: FetchPolicy, phase: PluginPhase): UrlParts {
  if (url.length > maxUrlLength) throw invalid(url, phase, `of ${maxUrlLength} characters at most`);
  if (!/^[\x21-\x7e]*$/.test(url)) throw invalid(url, phase, 'of printable ASCII without spaces');
  if (url.includes('\\')) throw invalid(url, phase, 'without backslashes');
  if (url.includes('#')) throw invalid(url, phase, 'without fragment');
  if (/^[^/]*\/\/[^/?]*@/.test(url)) throw invalid(url, phase, 'without user name and password');
  const match = shape.exec(url);
  if (match === null) throw invalid(url, phase, 'of the form https://host/path');
  const [, schemeText = '', host = '', portText, path = '/', query = ''] = match;
  const scheme = schemeText.toLowerCase();
  if (scheme !== 'https' && !(scheme === 'http' && policy.isLocal)) throw invalid(url, phase, 'with https');
  if (dotSegment.test(path)) throw invalid(url, phase, 'without dot segments');
  if (/%(?:2f|5c|00)/i.test(path)) throw invalid(url, phase, 'without encoded separators');
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65_535)) throw invalid(url, phase, 'with a port from 1 to 65535');
  return { scheme, host: host.toLowerCase(), port, path, query };
}

const ownPorts = { http: 80, https: 443 } as const;

function isHostOf(pattern: string, { scheme, host, port = ownPorts[scheme] }: UrlParts): boolean {
  const match = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase());
  const [, name = '', patternPort] = pattern.includes(']')
    ? (/^(.*\])(?::(\d+))?$/.exec(pattern) ?? [])
    : (match ?? []);
  if (name === '*' && patternPort === undefined) return true;
  if (port !== (patternPort === undefined ? ownPorts[scheme] : Number(patternPort))) return false;
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) && host.length >= name.length : host === name;
}

/** Names that mean a machine of the own network wherever they are resolved (RFC 6761, RFC 6762, ICANN's `.internal`). */
const ownNames = /(?:^|\.)(?:localhost|local|internal)\.?$/;

/**
 * Checks the host of a URL, or of a redirect, against the policy.
 *
 * @throws PluginError `E_HOST_DENIED`, or `E_ADDRESS_BLOCKED` for a name of the own network where the source is not local.
 */
export function checkHost(parts: UrlParts, policy: FetchPolicy, isRedirect: boolean, phase: PluginPhase): void {
  const { host, port } = parts;
  const fail = (code: PluginErrorCode, message: string): PluginError =>
    new PluginError(code, message, { phase, details: { host, port, isRedirect } });
  const patterns = isRedirect ? [...policy.hosts, ...policy.redirectHosts] : policy.hosts;
  if (!patterns.some((pattern) => isHostOf(pattern, parts))) {
    const shown = port === undefined ? host : `${host}:${port}`;
    throw fail('E_HOST_DENIED', `the policy does not allow ${isRedirect ? 'a redirect to ' : ''}the host ${shown}`);
  }
  if (!policy.isLocal && ownNames.test(host)) {
    throw fail('E_ADDRESS_BLOCKED', `the host ${host} is one of the own network, and the source is not local`);
  }
}

/** What {@link parseUrl} and {@link checkHost} say of a URL that is not fetched yet; throws what they throw. */
export function checkFirstHost(url: string, policy: FetchPolicy, phase: PluginPhase): void {
  checkHost(parseUrl(url, policy, phase), policy, false, phase);
}

/** The text of a URL that {@link parseUrl} took apart. */
export function urlText({ scheme, host, port, path, query }: UrlParts): string {
  return `${scheme}://${host}${port === undefined ? '' : `:${port}`}${path}${query}`;
}

/** What a `Location` header means where it was received (RFC 9110, 10.2.2), unchecked, dot segments as they are. */
export function resolveLocation(base: UrlParts, location: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return location;
  if (location.startsWith('//')) return `${base.scheme}:${location}`;
  const origin = urlText({ ...base, path: '', query: '' });
  if (location.startsWith('/')) return origin + location;
  if (location.startsWith('?')) return origin + base.path + location;
  return origin + base.path.slice(0, base.path.lastIndexOf('/') + 1) + location;
}
