import { FleetwireError, systemClock } from '@fleetwire/websocket-core';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import { networkError, statusError, type ErrorPlace } from './errors.ts';
import { withSilenceLimit } from './silence-limit.ts';
import type { KubeWatchClientOptions } from './types.ts';

/** A request below a cluster's API. */
export interface KubeRequest {
  readonly cluster: string;
  /** With the query, `/api/v1/pods?limit=500`. */
  readonly path: string;
  readonly init?: RequestInit | undefined;
  /** For errors alone. */
  readonly namespace?: string | undefined;
}

/** A request whose answer comes whole. */
export interface KubeRead extends KubeRequest {
  /** Default 30 s. */
  readonly silenceMs?: number | undefined;
}

export interface KubeHttp {
  /** Absolute or relative address of a path of a cluster. */
  urlOf(cluster: string, path: string): string;
  /** The same for a WebSocket: always `ws:` or `wss:`. Throws INVALID_ARGUMENT outside of pages for a relative one. */
  webSocketUrlOf(cluster: string, path: string): string;
  /** Whether the cluster is reached through Fleetwire's proxy, and not by an address of its own. */
  readonly isProxied: boolean;
  /**
   * The token for an address of a cluster. Rejects with INSECURE_URL where it would travel readable for others, and with
   * KUBE_TIMEOUT when there is none for 10 s.
   */
  token(cluster: string, url: string): Promise<string | undefined>;
  /** Resolves with an answer of 2xx; everything else, no answer included, rejects with a KubeWatchError. */
  request(request: KubeRequest): Promise<Response>;
  /** As `request`, and once more with a refreshed token after a 401. */
  requestWithRefresh(request: KubeRequest): Promise<Response>;
  /** The body of what `request` asks for; rejects with KUBE_TIMEOUT when nothing came for `silenceMs` (default 30 s). */
  read(request: KubeRead): Promise<string>;
  /** As `read`, and once more with a refreshed token after a 401. */
  readWithRefresh(request: KubeRead): Promise<string>;
  /**
   * Asks for another token; those who ask at the same time share the answer, and after a `refusal` of a token that is not
   * the one in use any more nobody is asked. Resolves to whether it is another than the one that was refused last, and to
   * false when `getToken` says by a FleetwireError that is not retryable that there is
   * none. Rejects with what else `getToken` threw: it could not be asked.
   */
  refreshToken(refusal?: unknown): Promise<boolean>;
  /** Aborts what is being read, now and later; what was sent to be written runs to its end. */
  dispose(): void;
}

/** A page of a list takes a few seconds where it takes long; a dead peer is silent for ever. */
const defaultSilenceMs = 30_000;
/** As the gateway gives a cluster's credentials (P7). */
const tokenTimeoutMs = 10_000;
/** The status line has come; what is missing of the reason comes soon or never. */
const statusTimeoutMs = 10_000;
/** What a Status may measure; more of an error's body is not read into it. */
const maxStatusLength = 64 * 1024;

export type KubeHttpOptions = Pick<
  KubeWatchClientOptions,
  'url' | 'clusterUrl' | 'getToken' | 'allowInsecureToken' | 'fetch' | 'clock'
>;

/**
 * HTTP to the clusters, with the token and with errors as Kubernetes gives them. `onRenewed` is called when, for the first
 * time since a 401, an answer came to another token than the one that was refused.
 */
export function createKubeHttp(options: KubeHttpOptions, onRenewed: () => void = () => {}): KubeHttp {
  const { allowInsecureToken = false, clock = systemClock, clusterUrl, getToken } = options;
  const root = (options.url ?? '').replace(/\/+$/, '');
  let refusedToken: string | undefined;
  /** What was sent with the requests that these refused. */
  const sentTokens = new WeakMap<Error, string | undefined>();
  /** Another token than that may be good for what was refused. */
  let isRenewalDue = false;
  let refreshing: Promise<boolean> | undefined;

  const urlOf = (cluster: string, path: string): string => {
    const base = clusterUrl?.(cluster).replace(/\/+$/, '') ?? `${root}/clusters/${encodeURIComponent(cluster)}`;
    return base + path;
  };

  const ended = new AbortController();

  const askFor = async (reason: 'request' | 'expired', cluster = ''): Promise<string | undefined> => {
    const answer = getToken?.({ reason });
    if (typeof answer !== 'object') return answer;
    return withSilenceLimit({ cluster, clock, from: 'getToken', silenceMs: tokenTimeoutMs }, async () => answer);
  };
  const token = async (cluster: string, url: string): Promise<string | undefined> => {
    if (getToken === undefined) return undefined;
    if (!allowInsecureToken && !isConfidential(url)) {
      throw new FleetwireError('INSECURE_URL', `a token would travel unencrypted to ${url.slice(0, 100)}`);
    }
    return askFor('request', cluster);
  };

  const readStatus = async (response: Response, place: ErrorPlace): Promise<string> => {
    try {
      return await withSilenceLimit({ ...place, clock, silenceMs: statusTimeoutMs }, (signal, heard) =>
        readText(response, heard, maxStatusLength, signal),
      );
    } catch {
      // The status line is enough.
      return '';
    }
  };

  const request = async ({ cluster, path, init, namespace }: KubeRequest): Promise<Response> => {
    const place: ErrorPlace = { cluster, namespace };
    const url = urlOf(cluster, path);
    let response: Response;
    let bearer: string | undefined;
    try {
      bearer = await token(cluster, url);
      const headers = new Headers(init?.headers);
      if (bearer !== undefined) headers.set('Authorization', `Bearer ${bearer}`);
      if (!headers.has('Accept')) headers.set('Accept', 'application/json');
      response = await (options.fetch ?? globalThis.fetch)(url, { ...init, headers });
    } catch (cause) {
      throw networkError(cause, place, init?.signal?.aborted === true);
    }
    if (response.ok) {
      if (isRenewalDue && bearer !== refusedToken) {
        isRenewalDue = false;
        onRenewed();
      }
      return response;
    }
    if (response.status === 401) {
      refusedToken = bearer;
      isRenewalDue = true;
    }
    const text = await readStatus(response, place);
    const error = statusError(response.status, text, place, response.headers.get('Retry-After'));
    if (response.status === 401) sentTokens.set(error, bearer);
    throw error;
  };

  const askForToken = async (): Promise<boolean> => {
    const next = await askFor('expired');
    return next !== undefined && next !== refusedToken;
  };
  /** Another request's refusal has led to another token already. */
  const hasOther = async (refusal: unknown): Promise<boolean> => {
    if (!(refusal instanceof Error) || !sentTokens.has(refusal)) return false;
    const current = await askFor('request');
    return current !== undefined && current !== sentTokens.get(refusal);
  };
  const refreshToken = async (refusal?: unknown): Promise<boolean> => {
    try {
      if (refreshing === undefined && (await hasOther(refusal))) return true;
      refreshing ??= askForToken().finally(() => {
        refreshing = undefined;
      });
      return await refreshing;
    } catch (cause) {
      if (cause instanceof FleetwireError && !cause.retryable) return false;
      throw cause;
    }
  };

  const isRefreshed = async ({ cluster, namespace }: KubeRequest, refusal: unknown): Promise<boolean> => {
    try {
      return await refreshToken(refusal);
    } catch (cause) {
      // What the API said of a token that is old by now is not its last word.
      const message = 'the credentials could not be refreshed';
      throw createKubeWatchError({ status: 401, retryable: true, message, cluster, namespace, cause });
    }
  };

  const withRefresh = async <R extends KubeRequest, T>(asked: R, ask: (asked: R) => Promise<T>): Promise<T> => {
    try {
      return await ask(asked);
    } catch (error) {
      if ((error as { status?: unknown }).status !== 401 || !(await isRefreshed(asked, error))) throw error;
      return ask(asked);
    }
  };

  const read = ({ silenceMs = defaultSilenceMs, ...asked }: KubeRead): Promise<string> => {
    const { cluster, init, namespace } = asked;
    const signals = (init?.method ?? 'GET') === 'GET' ? [init?.signal, ended.signal] : [init?.signal];
    return withSilenceLimit({ cluster, namespace, clock, silenceMs, signals }, async (signal, heard) => {
      const response = await request({ ...asked, init: { ...init, signal } });
      try {
        return await readText(response, heard);
      } catch (cause) {
        throw networkError(cause, asked, signal.aborted);
      }
    });
  };

  return {
    urlOf,
    webSocketUrlOf: (cluster, path) => toWebSocketUrl(urlOf(cluster, path)),
    isProxied: clusterUrl === undefined,
    token,
    request,
    requestWithRefresh: (asked) => withRefresh(asked, request),
    read,
    readWithRefresh: (asked) => withRefresh(asked, read),
    refreshToken,
    dispose: () => {
      ended.abort();
    },
  };
}

/** The body, or so many characters of its beginning; an `aborted` one lets go of the connection. */
async function readText(
  response: Response,
  heard: () => void,
  maxLength = Infinity,
  aborted?: AbortSignal,
): Promise<string> {
  heard();
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  const cancel = (): void => {
    reader.cancel().catch(() => {});
  };
  aborted?.addEventListener('abort', cancel);
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    heard();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    if (text.length < maxLength) continue;
    cancel();
    return text.slice(0, maxLength);
  }
}

function pageHref(): string | undefined {
  return (globalThis as { readonly location?: { readonly href: string } }).location?.href;
}

function parseUrl(url: string): URL {
  try {
    return new URL(url, pageHref());
  } catch (cause) {
    throw new FleetwireError('INVALID_ARGUMENT', `not an address that can be dialled: ${url.slice(0, 100)}`, { cause });
  }
}

/** `http:` becomes `ws:`, and on an https page everything `wss:`, as a browser refuses the rest as mixed content. */
export function toWebSocketUrl(url: string): string {
  const parsed = parseUrl(url);
  const isSecure = /^(?:https|wss):$/.test(parsed.protocol) || pageHref()?.startsWith('https:') === true;
  parsed.protocol = isSecure ? 'wss:' : 'ws:';
  parsed.hash = '';
  return parsed.href;
}

/** Whether what is sent there stays on the machine or is encrypted; a page's own origin is the page's business. */
function isConfidential(url: string): boolean {
  const { protocol, hostname, origin } = parseUrl(url);
  if (protocol === 'https:' || protocol === 'wss:') return true;
  const page = pageHref();
  if (page !== undefined && new URL(page).origin === origin) return true;
  return /^(?:(?:[^.]+\.)*localhost\.?|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
