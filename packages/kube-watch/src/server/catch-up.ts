import type { IncomingMessage } from 'node:http';
import { FleetwireError } from '@fleetwire/websocket-core';
import { compareResourceVersions } from '../core/resource-version.ts';
import { bodyOf } from './cluster-http.ts';
import type { ClusterRuntime } from './cluster-runtime.ts';
import type { HeldBytes } from './held-bytes.ts';
import { failureOfResponse, failureOfStatus, isGone } from './kube-failure.ts';
import { WatchDecoder, type WatchItem } from './watch-decoder.ts';
import { watchRequest, type UpstreamTarget } from './watch-request.ts';

/** More than this is cheaper to list again. */
const maxEvents = 20_000;
const maxBytes = 4 * 1024 * 1024;
/**
 * API servers send a bookmark two seconds before a watch ends by itself (k8s.io/apiserver, `cacheWatcher`): for those who
 * wait for nothing else it comes this soon.
 */
const quietWatchSeconds = 3;

type Events = Extract<WatchItem, { kind: 'events' }>;

/** What a catch-up starts from, and where it is to lead. */
export interface CatchUpOptions {
  readonly cluster: ClusterRuntime;
  readonly target: UpstreamTarget;
  readonly since: string;
  /** The watch has brought everything once it brought an event or a bookmark at or beyond this. */
  readonly due: string;
  /** What is beyond comes over the feed. */
  readonly until: string;
  /** When it is given up, by `performance.now()`. */
  readonly endsAtMs: number;
  readonly held: HeldBytes;
  /** Ended with the feed. */
  readonly signal: AbortSignal;
}

/** Events after `since` and up to `until`, one each; `gone` when they cannot be had, are too many or not sure to be all. */
export type CatchUp = { readonly kind: 'events'; readonly events: readonly Events[] } | { readonly kind: 'gone' };

/**
 * A private watch from `since` until it reaches `due`. Silence proves nothing: the server may be a replica that is
 * behind. Rejects with UNAVAILABLE when the cluster does not answer.
 */
export async function catchUp(options: CatchUpOptions): Promise<CatchUp> {
  const { cluster, target, since, endsAtMs } = options;
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  options.signal.addEventListener('abort', end);
  if (options.signal.aborted) end();
  try {
    const request = watchRequest(target, since, quietWatchSeconds);
    let response = await open(cluster, target, request, endsAtMs, ended.signal);
    if (response === 'unauthorized' && (await cluster.refreshCredentials())) {
      response = await open(cluster, target, request, endsAtMs, ended.signal);
    }
    if (response === 'unauthorized') throw unavailable('the cluster does not accept the credentials');
    if (response === 'gone') return { kind: 'gone' };
    return await read(options, response, endsAtMs - performance.now());
  } finally {
    end();
    options.signal.removeEventListener('abort', end);
  }
}

async function open(
  cluster: ClusterRuntime,
  target: UpstreamTarget,
  request: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  endsAtMs: number,
  signal: AbortSignal,
): Promise<IncomingMessage | 'gone' | 'unauthorized'> {
  if (cluster.breaker.isOpen) throw unavailable('the cluster does not answer');
  cluster.dialled();
  const timeoutMs = Math.max(1, endsAtMs - performance.now());
  let response: IncomingMessage;
  try {
    response = await cluster.http.get(request.path, {
      headers: request.headers,
      impersonate: target.impersonate,
      timeoutMs,
      signal,
    });
  } catch (error) {
    if (!signal.aborted) cluster.dialFailed(error);
    throw unavailable('the cluster does not answer', error);
  }
  cluster.succeeded();
  if (response.statusCode === 200) return response;
  const failure = failureOfResponse(response, await bodyOf(response, timeoutMs).catch(() => ''));
  if (isGone(failure)) return 'gone';
  if (failure.code === 401) return 'unauthorized';
  throw unavailable(failure.message);
}

function unavailable(message: string, cause?: unknown): FleetwireError {
  return new FleetwireError('UNAVAILABLE', message, { cause });
}

function read(options: CatchUpOptions, response: IncomingMessage, timeoutMs: number): Promise<CatchUp> {
  const { target, due, until } = options;
  const hold = options.held.part();
  const decoder = new WatchDecoder({
    maxBatchBytes: 0,
    maxLineBytes: maxBytes,
    isTable: target.projection === 'table',
  });
  const events: Events[] = [];
  let bytes = 0;
  /** What the item decides; undefined while more is to come. */
  const take = (item: WatchItem): CatchUp['kind'] | 'cut' | undefined => {
    if (item.kind === 'error') return isGone(failureOfStatus(item.status)) ? 'gone' : 'cut';
    if (item.kind === 'bookmark') return isAtOrAfter(item.resourceVersion, due) ? 'events' : undefined;
    if (item.kind !== 'events') return undefined;
    if (isWanted(item, until)) {
      events.push(item);
      bytes += item.bytes;
    }
    if (item.resourceVersion !== undefined && isAtOrAfter(item.resourceVersion, due)) return 'events';
    return events.length > maxEvents || bytes > maxBytes ? 'gone' : undefined;
  };
  return new Promise<CatchUp>((resolve, reject) => {
    let isOver = false;
    const settle = (outcome: CatchUp['kind'] | 'cut'): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(late);
      hold(0);
      if (outcome === 'cut') reject(unavailable('the watch was cut before it reached the feed'));
      else resolve(outcome === 'gone' ? { kind: 'gone' } : { kind: 'events', events });
      response.destroy();
    };
    const late = setTimeout(() => {
      settle('gone');
    }, timeoutMs);
    response.on('error', () => undefined);
    // It brought no proof that this is all.
    response.once('end', () => {
      settle('gone');
    });
    response.once('close', () => {
      settle('cut');
    });
    response.on('data', (chunk: Buffer) => {
      try {
        if (isOver) return;
        const hasLine = decoder.push(chunk);
        hold(bytes + decoder.heldBytes);
        if (!hasLine) return;
      } catch {
        settle('gone');
        return;
      }
      for (const item of decoder.take()) {
        const outcome = take(item);
        if (outcome !== undefined) return settle(outcome);
      }
    });
  });
}

/** What is beyond the feed's position comes over the feed. */
function isWanted({ resourceVersion }: Events, until: string): boolean {
  return resourceVersion === undefined || (compareResourceVersions(resourceVersion, until) ?? 0) <= 0;
}

function isAtOrAfter(version: string, until: string): boolean {
  const order = compareResourceVersions(version, until);
  return order !== undefined && order >= 0;
}
