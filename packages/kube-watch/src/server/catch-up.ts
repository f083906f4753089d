import type { IncomingMessage } from 'node:http';
import { FleetwireError } from '@fleetwire/websocket-core';
import { compareResourceVersions } from '../core/resource-version.ts';
import { bodyOf } from './cluster-http.ts';
import type { ClusterRuntime } from './cluster-runtime.ts';
import { failureOfResponse, failureOfStatus, isGone, type KubeFailure } from './kube-failure.ts';
import type { KubeGatewayTimings } from './timings.ts';
import { WatchDecoder, type WatchItem } from './watch-decoder.ts';
import { watchRequest, type UpstreamTarget } from './watch-request.ts';

/** More than this is cheaper to list again. */
const maxEvents = 20_000;
const maxBytes = 8 * 1024 * 1024;
/** Silence after which a watch is taken to have brought what its server has; servers send their cache at once. */
const quietMs = 250;
/** How long events that a slow replica of the API server still owes are waited for: past its next bookmark. */
const stragglersMs = 70_000;

type Events = Extract<WatchItem, { kind: 'events' }>;

/** What a catch-up starts from, and whom it tells. */
export interface CatchUpOptions {
  readonly cluster: ClusterRuntime;
  readonly target: UpstreamTarget;
  readonly timings: KubeGatewayTimings;
  readonly since: string;
  /** The position of the feed that the watch is to reach. */
  readonly until: string;
  /** Whether the feed holds an event after `since`: then the watch brings it, and is waited for. */
  readonly isEventDue: boolean;
  /** Ended with the feed. */
  readonly signal: AbortSignal;
  /** Events up to `until` that came after the answer. */
  readonly onStraggler: (events: Events) => void;
  /** The watch is over, stragglers included. */
  readonly onDone: () => void;
}

/** Events after `since` and up to `until`, one each; `gone` when they cannot be had or are too many. */
export type CatchUp = { readonly kind: 'events'; readonly events: readonly Events[] } | { readonly kind: 'gone' };

/**
 * A private watch from `since` until it reaches the feed: an event or a bookmark at or beyond `until`. Where the feed
 * holds no event that must come, quiet ends it, and what still comes goes into the feed itself. Rejects with
 * UNAVAILABLE when the cluster does not answer.
 */
export async function catchUp(options: CatchUpOptions): Promise<CatchUp> {
  const { cluster, target, timings, since, onDone } = options;
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
    options.signal.removeEventListener('abort', end);
  };
  options.signal.addEventListener('abort', end);
  if (options.signal.aborted) end();
  let isStraggling = false;
  try {
    const endsAtMs = performance.now() + timings.catchUpTimeoutMs;
    const seconds = Math.ceil((timings.catchUpTimeoutMs + stragglersMs) / 1000);
    const response = await open(cluster, target, watchRequest(target, since, seconds), timings, ended.signal);
    if (response === 'gone') return { kind: 'gone' };
    const reader = new CatchUpReader(options, response);
    const outcome = await reader.read(endsAtMs - performance.now());
    if (outcome === 'quiet') {
      isStraggling = true;
      reader.straggle(() => {
        end();
        onDone();
      });
    }
    return outcome === 'gone' ? { kind: 'gone' } : { kind: 'events', events: reader.events };
  } finally {
    if (!isStraggling) {
      end();
      onDone();
    }
  }
}

async function open(
  cluster: ClusterRuntime,
  target: UpstreamTarget,
  request: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  timings: KubeGatewayTimings,
  signal: AbortSignal,
): Promise<IncomingMessage | 'gone'> {
  if (cluster.breaker.isOpen) throw unavailable('the cluster does not answer');
  cluster.dialled();
  let response: IncomingMessage;
  try {
    response = await cluster.http.get(request.path, {
      headers: request.headers,
      impersonate: target.impersonate,
      timeoutMs: timings.catchUpTimeoutMs,
      signal,
    });
  } catch (error) {
    if (!signal.aborted) cluster.failed();
    throw unavailable('the cluster does not answer', error);
  }
  cluster.succeeded();
  if (response.statusCode === 200) return response;
  const failure = failureOfResponse(response, await bodyOf(response, timings.catchUpTimeoutMs).catch(() => ''));
  if (isGone(failure)) return 'gone';
  throw unavailable(failure.message);
}

function unavailable(message: string, cause?: unknown): FleetwireError {
  return new FleetwireError('UNAVAILABLE', message, { cause });
}

type Outcome = 'reached' | 'quiet' | 'gone';

class CatchUpReader {
  readonly events: Events[] = [];
  readonly #options: CatchUpOptions;
  readonly #decoder: WatchDecoder;
  #bytes = 0;
  #onItem: (item: WatchItem) => void = () => undefined;
  #onEnd: () => void = () => undefined;
  #onChunk: () => void = () => undefined;

  constructor(options: CatchUpOptions, response: IncomingMessage) {
    this.#options = options;
    this.#decoder = new WatchDecoder({ maxBatchBytes: 0, isTable: options.target.projection === 'table' });
    response.on('error', () => undefined);
    response.once('close', () => {
      this.#onEnd();
    });
    response.on('data', (chunk: Buffer) => {
      this.#onChunk();
      try {
        if (!this.#decoder.push(chunk)) return;
      } catch {
        response.destroy();
        return;
      }
      for (const item of this.#decoder.take()) this.#onItem(item);
    });
  }

  read(timeoutMs: number): Promise<Outcome> {
    const { isEventDue, until } = this.#options;
    return new Promise<Outcome>((resolve, reject) => {
      let quiet: NodeJS.Timeout | undefined;
      const settle = (outcome: Outcome): void => {
        clearTimeout(late);
        clearTimeout(quiet);
        this.#onItem = () => undefined;
        resolve(outcome);
      };
      const late = setTimeout(() => {
        settle('gone');
      }, timeoutMs);
      let chunks = 0;
      const listen = (): void => {
        chunks += 1;
        clearTimeout(quiet);
        if (isEventDue) return;
        const seen = chunks;
        // Where this process stood still, what has come meanwhile is read before the silence is believed.
        quiet = setTimeout(() => {
          setImmediate(() => {
            if (seen === chunks && this.#decoder.size === 0) settle('quiet');
            else if (seen === chunks) listen();
          });
        }, quietMs);
      };
      listen();
      this.#onChunk = listen;
      this.#onEnd = () => {
        clearTimeout(late);
        clearTimeout(quiet);
        reject(unavailable('the watch ended before it reached the feed'));
      };
      this.#onItem = (item) => {
        if (item.kind === 'bookmark' && isAtOrAfter(item.resourceVersion, until)) settle('reached');
        if (item.kind === 'error') {
          const failure: KubeFailure = failureOfStatus(item.status);
          if (isGone(failure)) settle('gone');
          else this.#onEnd();
        }
        if (item.kind !== 'events') return;
        if (isWanted(item, until)) {
          this.events.push(item);
          this.#bytes += item.bytes;
        }
        if (item.resourceVersion !== undefined && isAtOrAfter(item.resourceVersion, until)) settle('reached');
        else if (this.events.length > maxEvents || this.#bytes > maxBytes) settle('gone');
      };
    });
  }

  /** Goes on in the background until the watch is beyond the feed's position of then, or long enough. */
  straggle(done: () => void): void {
    const { until, onStraggler } = this.#options;
    const finish = (): void => {
      clearTimeout(timer);
      this.#onEnd = () => undefined;
      this.#onItem = () => undefined;
      done();
    };
    const timer = setTimeout(finish, stragglersMs);
    timer.unref();
    this.#onChunk = () => undefined;
    this.#onEnd = finish;
    this.#onItem = (item) => {
      if (item.kind === 'events' && isWanted(item, until)) onStraggler(item);
      const version = item.kind === 'events' || item.kind === 'bookmark' ? item.resourceVersion : undefined;
      if (item.kind === 'error' || (version !== undefined && isAtOrAfter(version, until))) finish();
    };
  }
}

/** What is beyond the feed's position comes over the feed. */
function isWanted({ resourceVersion }: Events, until: string): boolean {
  return resourceVersion === undefined || (compareResourceVersions(resourceVersion, until) ?? 0) <= 0;
}

function isAtOrAfter(version: string, until: string): boolean {
  const order = compareResourceVersions(version, until);
  return order !== undefined && order >= 0;
}
