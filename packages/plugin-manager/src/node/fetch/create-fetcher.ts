import { lookup as lookupOfMachine } from 'node:dns/promises';
import { systemClock, type Clock } from '@fleetwire/websocket-core';
import { digestMismatch } from '../../core/digest.ts';
import { withoutQuery, type FetchPolicy } from '../../core/url-rules.ts';
import { PluginError } from '../../protocol/error.ts';
import { defaultLimits } from '../../protocol/limits.ts';
import type { Digest } from '../../protocol/release.ts';
import { releaseBuffer } from '../release-buffer.ts';
import type { AddressLookup } from './addresses.ts';
import { openResponse, type OpenedResponse } from './exchange.ts';
import { createPartFile, type PartFile } from './part-file.ts';
import { checkNoPage, checkStatus, declaredBytes, lastUrl, receive } from './receive.ts';
import { stopError, withRetries } from './retries.ts';
import type { FetchSettings, FetchTimeouts } from './settings.ts';

/** Bounds of one request; those that the fetcher was made with hold too. */
interface RequestBounds {
  /** Default: that of the fetcher. */
  readonly maxRedirects?: number | undefined;
  /** With redirects and retries. Default: that of the fetcher. */
  readonly timeoutMs?: number | undefined;
}

/** An archive to fetch. */
export interface DownloadRequest extends RequestBounds {
  readonly url: string;
  /** A file that is not there yet; removed again if the download fails. */
  readonly destination: string;
  readonly maxBytes: number;
  /** What the bytes must come to. */
  readonly digest: Digest;
  readonly policy: FetchPolicy;
  readonly signal: AbortSignal;
  /** Bytes so far; never falls, also when the download begins again. `total`: what the server declares. */
  readonly onBytes?: ((done: number, total?: number) => void) | undefined;
}

/** What was downloaded. */
export interface Downloaded {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** The URL and those that it was redirected to; without queries, which may hold signatures. */
  readonly urlChain: readonly string[];
}

/** Text of a source to fetch. */
export interface MetadataRequest extends RequestBounds {
  readonly url: string;
  readonly maxBytes: number;
  readonly policy: FetchPolicy;
  readonly signal: AbortSignal;
  /** Not sent to another origin that a redirect leads to. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What a source answered; the status is any but a redirect or one that is worth a retry. */
export interface Metadata {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly urlChain: readonly string[];
}

/** Fetches over HTTP, with all that a policy forbids refused. */
export interface Fetcher {
  /**
   * @throws PluginError of phase `download`: those of the way there, `E_ARCHIVE_FORMAT` for a page in place of an archive,
   * `E_STORE…`, `E_CANCELLED`; of phase `integrity`: `E_INTEGRITY`.
   */
  download(request: DownloadRequest): Promise<Downloaded>;
  /** @throws PluginError of phase `resolve`: those of the way there, `E_CANCELLED`. */
  metadata(request: MetadataRequest): Promise<Metadata>;
}

/** How a {@link Fetcher} reaches the world. */
export interface FetcherOptions {
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** For the jitter of retries, from 0 to 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Default: the machine's resolver. */
  readonly lookup?: AddressLookup | undefined;
  /** PEM; trusted beside the authorities of the machine. */
  readonly ca?: string | undefined;
  /**
   * URL of an HTTP proxy, for all sources that are not local. It looks names up, so that only addresses in URLs and the
   * hosts of the policy are checked here; the rest is the proxy's task. What is no URL of one fails the requests that would
   * go by it, with `E_NETWORK`.
   */
  readonly proxy?: string | undefined;
  /** What names the proxy, for messages: `HTTPS_PROXY`. Default: `proxy`. */
  readonly proxyName?: string | undefined;
  /** Hosts that are reached without the proxy, as the variable `NO_PROXY` has them. Default: none. */
  readonly noProxy?: string | undefined;
  /** Default: `fleetwire-plugin-manager`. */
  readonly userAgent?: string | undefined;
  readonly timeouts?: Partial<FetchTimeouts> | undefined;
  /** Default: 5. */
  readonly maxRedirects?: number | undefined;
  /** Attempts after the first. Default: 2. */
  readonly retries?: number | undefined;
  /** Longest wait that a `Retry-After` may ask for. Default: 30 s. */
  readonly maxRetryAfterMs?: number | undefined;
}

const defaultTimeouts: FetchTimeouts = {
  connectMs: 10_000,
  headersMs: 20_000,
  idleMs: 20_000,
  wholeMs: defaultLimits.operationTimeoutMs,
};

function settingsOf(options: FetcherOptions): FetchSettings {
  return {
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    lookup: options.lookup ?? ((hostname) => lookupOfMachine(hostname, { all: true })),
    ca: options.ca,
    proxy: options.proxy,
    proxyName: options.proxyName ?? 'proxy',
    noProxy: options.noProxy ?? '',
    userAgent: options.userAgent ?? 'fleetwire-plugin-manager',
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    maxRedirects: options.maxRedirects ?? defaultLimits.maxRedirects,
    retries: options.retries ?? 2,
    backoff: { backoffBaseMs: 500, backoffMaxMs: 8_000 },
    maxRetryAfterMs: options.maxRetryAfterMs ?? 30_000,
  };
}

/** What holds for one request: the narrower of what the fetcher was made with and what the request says. */
function boundedSettings(
  options: FetcherOptions,
  settings: FetchSettings,
  { maxRedirects, timeoutMs }: RequestBounds,
): FetchSettings {
  const narrower = (given: number | undefined, asked: number | undefined, otherwise: number): number =>
    given === undefined && asked === undefined ? otherwise : Math.min(given ?? Infinity, asked ?? Infinity);
  const { wholeMs } = settings.timeouts;
  return {
    ...settings,
    maxRedirects: narrower(options.maxRedirects, maxRedirects, settings.maxRedirects),
    timeouts: { ...settings.timeouts, wholeMs: narrower(options.timeouts?.wholeMs, timeoutMs, wholeMs) },
  };
}

/** Calls with the most bytes of any attempt, so that progress never falls. */
function risingProgress(onBytes: DownloadRequest['onBytes']) {
  let most = 0;
  return (done: number, total: number | undefined): void => {
    if (done <= most) return;
    most = done;
    onBytes?.(done, total);
  };
}

async function fill(
  part: PartFile,
  response: OpenedResponse,
  maxBytes: number,
  report: (done: number, total: number | undefined) => void,
): Promise<void> {
  const total = declaredBytes(response);
  let done = 0;
  await receive(response, maxBytes, 'download', async (chunk) => {
    if (done === 0) checkNoPage(response, chunk, 'download');
    done += chunk.length;
    await part.write(chunk);
    // One that shares its buffer with others may not be the last to use it.
    if (chunk.byteLength === chunk.buffer.byteLength) releaseBuffer(chunk.buffer);
    report(done, total);
  });
}

async function download(settings: FetchSettings, request: DownloadRequest): Promise<Downloaded> {
  const { url, destination, maxBytes, digest, policy, signal: caller } = request;
  const phase = 'download';
  const part = await createPartFile(destination, digest.algorithm, phase);
  try {
    const report = risingProgress(request.onBytes);
    const urlChain = await withRetries(settings, caller, phase, async (signal) => {
      const response = await openResponse(settings, { url, policy, phase, headers: {}, signal });
      try {
        checkStatus(response, (status) => status === 200, settings.clock.now(), phase);
        await part.restart();
        await fill(part, response, maxBytes, report);
        return response.urlChain;
      } finally {
        await response.release();
      }
    });
    const { bytes, sha256, digest: found } = await part.finish();
    if (found !== digest.hex) throw digestMismatch(withoutQuery(url), digest, { hex: found, bytes });
    if (caller.aborted) throw stopError(caller, phase);
    await part.close();
    return { bytes, sha256, urlChain };
  } catch (error) {
    // Why the download failed matters more than why its file cannot be removed; the store clears what is left.
    await part.discard().catch(() => undefined);
    throw error;
  }
}

async function textOf(response: OpenedResponse, maxBytes: number): Promise<string> {
  const phase = 'resolve';
  const invalid = (expected: string): PluginError =>
    new PluginError('E_RESPONSE_INVALID', `expected ${expected} from ${lastUrl(response)}`, { phase });
  if ((response.headers['content-encoding'] ?? 'identity') !== 'identity') throw invalid('an unpacked answer');
  const chunks: Uint8Array[] = [];
  await receive(response, maxBytes, phase, (chunk) => {
    chunks.push(chunk);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw invalid('UTF-8');
  }
}

function metadata(settings: FetchSettings, request: MetadataRequest): Promise<Metadata> {
  const { url, maxBytes, policy, headers = {} } = request;
  const phase = 'resolve';
  return withRetries(settings, request.signal, phase, async (signal) => {
    const response = await openResponse(settings, { url, policy, phase, headers, signal });
    try {
      checkStatus(response, () => true, settings.clock.now(), phase);
      const text = await textOf(response, maxBytes);
      return { status: response.status, headers: response.headers, text, urlChain: response.urlChain };
    } finally {
      await response.release();
    }
  });
}

/** Makes a {@link Fetcher}. It holds no connections between calls. */
export function createFetcher(options: FetcherOptions = {}): Fetcher {
  const settings = settingsOf(options);
  return {
    download: (request) => download(boundedSettings(options, settings, request), request),
    metadata: (request) => metadata(boundedSettings(options, settings, request), request),
  };
}
