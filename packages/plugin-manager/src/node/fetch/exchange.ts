import type { LookupAddress, LookupOptions } from 'node:dns';
import { getCACertificates } from 'node:tls';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import {
  checkHost,
  parseUrl,
  resolveLocation,
  urlText,
  withoutQuery,
  type FetchPolicy,
  type UrlParts,
} from '../../core/url-rules.ts';
import { PluginError, type PluginPhase } from '../../protocol/error.ts';
import { checkedAddresses, checkLiteral } from './addresses.ts';
import { networkError } from './fetch-error.ts';
import { isExempt, readProxyUrl } from './proxy-choice.ts';
import { within } from './retries.ts';
import type { FetchSettings } from './settings.ts';

/** A `GET` that follows redirects. */
export interface ExchangeRequest {
  readonly url: string;
  readonly policy: FetchPolicy;
  readonly phase: PluginPhase;
  /** Not sent to another origin that a redirect leads to. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** An answer that is no redirect, with its body still to be read. */
export interface OpenedResponse {
  readonly status: number;
  /** Names in lower case; of several values, the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** The URL that was asked for, and those that it was redirected to; without queries, which may hold signatures. */
  readonly urlChain: readonly string[];
  /** Ends the connection, whatever is still to come. */
  release(): Promise<void>;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

type LookupCallback = (error: null, address: string | LookupAddress[], family?: number) => void;

/** A lookup that knows the checked addresses only: what a name resolves to later does not matter. */
function pinnedLookup(addresses: readonly LookupAddress[]) {
  return (_hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    const [first] = addresses;
    if (options.all === true || first === undefined) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

/** The proxy that a request goes by. Throws where it would go by one that is none. */
function proxyFor(settings: FetchSettings, parts: UrlParts, { policy, phase }: ExchangeRequest): string | undefined {
  const { noProxy, proxy: text, proxyName } = settings;
  if (text === undefined || policy.isLocal || isExempt(noProxy, parts)) return undefined;
  const proxy = readProxyUrl(text);
  if (proxy !== undefined) return proxy;
  // It may hold a password, so it is not shown.
  const message = `${proxyName}: expected an http URL such as http://proxy:3128, got another value`;
  throw new PluginError('E_NETWORK', message, { phase, retryable: false, details: { proxyName } });
}

async function connectionFor(
  settings: FetchSettings,
  parts: UrlParts,
  proxy: string | undefined,
  { policy, phase, signal }: ExchangeRequest,
): Promise<Dispatcher> {
  const { clock, timeouts } = settings;
  const connect = {
    timeout: timeouts.connectMs,
    ...(settings.ca === undefined ? {} : { ca: [...getCACertificates('default'), settings.ca] }),
    // Of the socket: without it a connection that is still being made would outlive a cancel until its time is up.
    signal,
  };
  const common = { headersTimeout: timeouts.headersMs, bodyTimeout: timeouts.idleMs, allowH2: false };
  if (proxy !== undefined) {
    checkLiteral(parts, false, phase);
    return new ProxyAgent({ ...common, uri: proxy, requestTls: connect, proxyTls: connect });
  }
  const addresses = await within(checkedAddresses(parts, policy.isLocal, settings.lookup, phase), {
    clock,
    ms: timeouts.connectMs,
    signal,
    phase,
    late: () => new PluginError('E_RESPONSE_TIMEOUT', `looking ${parts.host} up took too long`, { phase }),
  });
  return new Agent({
    ...common,
    connect: { ...connect, lookup: pinnedLookup(addresses), autoSelectFamily: true },
  });
}

function flatHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const flat: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) flat[name] = first;
  }
  return flat;
}

async function sendOnce(
  settings: FetchSettings,
  parts: UrlParts,
  request: ExchangeRequest,
  headers: Readonly<Record<string, string>>,
): Promise<Omit<OpenedResponse, 'urlChain'>> {
  const url = withoutQuery(urlText(parts));
  const proxy = proxyFor(settings, parts, request);
  try {
    const dispatcher = await connectionFor(settings, parts, proxy, request);
    try {
      const response = await dispatcher.request({
        origin: urlText({ ...parts, path: '', query: '' }),
        path: parts.path + parts.query,
        method: 'GET',
        // What is hashed are the bytes as they are published, so no encoding is asked for.
        headers: { 'user-agent': settings.userAgent, 'accept-encoding': 'identity', ...headers },
        signal: request.signal,
      });
      // A body that nobody reads any more may still fail.
      response.body.on('error', () => undefined);
      return {
        status: response.statusCode,
        headers: flatHeaders(response.headers),
        body: response.body,
        release: () => dispatcher.destroy(),
      };
    } catch (error) {
      await dispatcher.destroy();
      throw error;
    }
  } catch (error) {
    throw networkError(error, url, false, request.phase, proxy === undefined ? undefined : settings.proxyName);
  }
}

function nextHop(base: UrlParts, location: string | undefined, { policy, phase }: ExchangeRequest): UrlParts {
  if (location === undefined || location === '') {
    throw new PluginError('E_REDIRECT', `a redirect of ${withoutQuery(urlText(base))} names no target`, { phase });
  }
  const next = parseUrl(resolveLocation(base, location), policy, phase);
  if (base.scheme === 'https' && next.scheme === 'http') {
    const message = `expected a redirect to https, got ${withoutQuery(urlText(next))}`;
    throw new PluginError('E_URL_INVALID', message, { phase });
  }
  return next;
}

function isSameOrigin(one: UrlParts, other: UrlParts): boolean {
  return one.scheme === other.scheme && one.host === other.host && one.port === other.port;
}

/**
 * Sends a request and follows its redirects, each checked like the first URL.
 *
 * @throws PluginError of the group «The way there» of `docs/errors.md`.
 */
export async function openResponse(settings: FetchSettings, request: ExchangeRequest): Promise<OpenedResponse> {
  const { policy, phase } = request;
  const seen = new Set<string>();
  const urlChain: string[] = [];
  let headers = request.headers;
  let parts = parseUrl(request.url, policy, phase);
  for (;;) {
    const url = urlText(parts);
    const isRedirect = seen.size > 0;
    const details = { urlChain: [...urlChain] };
    if (seen.has(url))
      throw new PluginError('E_REDIRECT', `${withoutQuery(url)} redirects in a loop`, { phase, details });
    if (seen.size > settings.maxRedirects) {
      const message = `expected at most ${settings.maxRedirects} redirects from ${withoutQuery(request.url)}`;
      throw new PluginError('E_REDIRECT', message, { phase, details });
    }
    seen.add(url);
    checkHost(parts, policy, isRedirect, phase);
    urlChain.push(withoutQuery(url));
    const response = await sendOnce(settings, parts, request, headers);
    if (!redirects.has(response.status)) return { ...response, urlChain };
    await response.release();
    const next = nextHop(parts, response.headers['location'], request);
    if (!isSameOrigin(parts, next)) headers = {};
    parts = next;
  }
}
