import { FleetwireError } from '../core/errors.ts';

/** The page that a relative address is taken on; undefined outside of pages and workers. */
export interface PageLocation {
  readonly href: string;
  readonly protocol: string;
}

/**
 * The address to dial: `http:` and `https:` become `ws:` and `wss:`, a path is taken on the page's host, and on an https
 * page it is always `wss:` (a browser would refuse the rest as mixed content). Throws INVALID_ARGUMENT for anything else.
 */
export function resolveUrl(url: string, page: PageLocation | undefined): string {
  let parsed: URL;
  try {
    parsed = page === undefined ? new URL(url) : new URL(url, page.href);
  } catch (cause) {
    throw new FleetwireError('INVALID_ARGUMENT', `not an address that can be dialled: ${url.slice(0, 100)}`, { cause });
  }
  const secure = parsed.protocol === 'wss:' || parsed.protocol === 'https:' || page?.protocol === 'https:';
  if (!/^(ws|http)s?:$/.test(parsed.protocol)) {
    throw new FleetwireError('INVALID_ARGUMENT', `expected ws:, wss:, http:, https: or a path, not ${parsed.protocol}`);
  }
  parsed.protocol = secure ? 'wss:' : 'ws:';
  // A WebSocket address has no fragment (RFC 6455 section 3).
  parsed.hash = '';
  return parsed.href;
}

/** Whether what is sent to this `ws:`, `wss:`, `http:` or `https:` address stays on the machine or is encrypted. */
export function isConfidential(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'wss:' || protocol === 'https:' || isLoopback(hostname);
}

/** `localhost` and its subdomains (RFC 6761 section 6.3), 127.0.0.0/8 and ::1; the URL parser has normalised the name. */
function isLoopback(hostname: string): boolean {
  return /^(?:(?:[^.]+\.)*localhost\.?|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
