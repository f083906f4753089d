import { FleetwireError } from '@fleetwire/websocket-core';
import type { FeedHistory, FeedSink, Logger } from '@fleetwire/websocket-core/server';
import { compareResourceVersions } from '../core/resource-version.ts';
import type { TableColumnDefinition } from '../protocol/kube-object.ts';
import { catchUp } from './catch-up.ts';
import { clusterPosition } from './cluster-position.ts';
import type { ClusterRuntime } from './cluster-runtime.ts';
import { HeldBytes } from './held-bytes.ts';
import { HeldPositions } from './held-positions.ts';
import type { KubeFailure } from './kube-failure.ts';
import { isZero } from './position.ts';
import type { KubeGatewayTimings } from './timings.ts';
import { loggedCluster } from './tenancy.ts';
import type { UpstreamListener } from './upstream.ts';
import type { WatchItem } from './watch-decoder.ts';
import type { UpstreamTarget } from './watch-request.ts';

/** Publications of a catch-up are put together up to so many bytes. */
const maxEntryBytes = 160 * 1024;
/** A feed takes a history in pages of 100; what is longer would be watched for again with each. */
const maxEntries = 100;

type Events = Extract<WatchItem, { kind: 'events' }>;

/** What a feed publishes of, and where. */
export interface KubeFeedOptions {
  readonly cluster: ClusterRuntime;
  /** Who opened the feed, as a key: its private watches take the places of that user. */
  readonly opener: string;
  readonly target: UpstreamTarget;
  readonly timings: KubeGatewayTimings;
  readonly since: string;
  readonly sink: FeedSink;
  readonly logger: Logger;
  readonly onEvents: (count: number, bytes: number) => void;
  /** The cluster refuses the watch by rule, which was published; nothing follows. */
  readonly onRefused: (failure: KubeFailure) => void;
  /** `heldBytes` may be another. */
  readonly onHeld: () => void;
}

/**
 * What one upstream publishes, and the history behind its ring. Events and bookmarks carry their resourceVersion as
 * position. Troubles and columns carry none, so that nobody resumes behind them without having got them.
 */
export class KubeFeed implements UpstreamListener {
  /** What it and its upstream hold beside the ring. */
  readonly beside: HeldBytes;
  readonly #options: KubeFeedOptions;
  #held: HeldPositions;
  readonly #ended = new AbortController();
  /** What was last said of the upstream; undefined after an error, which says more. */
  #state: string | undefined = '{"state":"reconnecting"}';
  #error: string | undefined;
  #columns: string | undefined;
  /** The cluster agreed to where the feed starts. */
  #isProven = false;
  #onKnown: (() => void)[] = [];
  #hasMalformed = false;
  /** The newest position that the cluster is known to have reached. */
  #reached: string;
  #asking: Promise<boolean> | undefined;

  constructor(options: KubeFeedOptions) {
    this.#options = options;
    this.#reached = options.since;
    this.#held = new HeldPositions(options.since);
    this.beside = new HeldBytes(options.onHeld);
  }

  /** What the feed holds: its ring, and what is on the way there. */
  get heldBytes(): number {
    return this.#options.sink.ringBytes + this.beside.total;
  }

  events({ text, count, bytes, resourceVersion }: Events): void {
    // An event without one of its own stands where the one before it does.
    const position = resourceVersion ?? this.#held.head;
    this.#held.add(position, bytes, true, performance.now());
    this.#options.sink.publish({ json: `{"events":[${text}]}`, position });
    this.#options.onEvents(count, bytes);
    this.#options.onHeld();
  }

  bookmark(resourceVersion: string): void {
    if (resourceVersion === this.#held.head) return;
    this.#held.add(resourceVersion, 0, false, performance.now());
    this.#options.sink.publish({ json: `{"bookmark":${JSON.stringify(resourceVersion)}}`, position: resourceVersion });
  }

  columns(columns: readonly TableColumnDefinition[]): void {
    const json = `{"columns":${JSON.stringify(columns)}}`;
    if (json === this.#columns) return;
    this.#columns = json;
    this.#options.sink.publish({ json });
  }

  gone(resourceVersion: string): void {
    // Nobody is led across the gap; and a cluster restored from a backup goes on at a lower number.
    this.#held = new HeldPositions(resourceVersion);
    this.#reached = resourceVersion;
    this.#prove();
    this.#options.sink.publish({ json: `{"gone":${JSON.stringify(resourceVersion)}}`, position: resourceVersion });
  }

  live(): void {
    this.#error = undefined;
    this.#prove();
    // The one state with a position: who resumes at the head need not hear of troubles that are over.
    this.#announce('{"state":"live"}', this.#held.head);
  }

  reconnecting(): void {
    this.#announce('{"state":"reconnecting"}');
  }

  failed(failure: KubeFailure, isTerminal: boolean): void {
    const { code, reason, message } = failure;
    // Those who wait for a history get it first, with the error.
    if (isTerminal) setImmediate(() => this.#options.onRefused(failure));
    // 503 is what an API server says that cannot serve at the moment.
    const error = { code: code === 0 ? 503 : code, reason, message, terminal: isTerminal };
    const json = JSON.stringify({ error });
    if (json === this.#error) return;
    this.#error = json;
    this.#state = undefined;
    this.#known();
    this.#options.sink.publish({ json });
  }

  malformed(reason: string): void {
    // Once: a cluster that sends nothing else would fill the log.
    if (this.#hasMalformed) return;
    this.#hasMalformed = true;
    const { cluster, target, logger } = this.#options;
    const fields = { ...loggedCluster(cluster.definition), path: target.path, reason };
    logger.warn(fields, 'a watch brought what is no event');
  }

  /** What came after `since`, for a subscriber that is not on the ring ([G6]). */
  async history(since: string): Promise<FeedHistory> {
    if (isZero(since)) return { kind: 'gone' };
    // Where the feed starts is one subscriber's word, until the cluster says so.
    if (!this.#isProven && since !== this.#held.head) {
      await this.#untilKnown();
      if (!this.#isProven) return this.#unproven(since);
    }
    if (!(await this.#hasReached(since))) return { kind: 'gone' };
    const held = this.#held;
    const order = compareResourceVersions(since, held.head);
    if (order === undefined) return { kind: 'gone' };
    if (order >= 0) return this.#entriesOf([], held.head);
    // One that is held but was asked for has left the ring: then only the head is sure to be on it.
    const floor = held.atOrBefore(since);
    if (floor !== undefined && floor !== since) return this.#entriesOf([], floor);
    const until = floor === since ? held.head : held.base;
    const due = held.dueAfter(since, until);
    return due === undefined ? this.#entriesOf([], until) : this.#catchUp(since, due, until);
  }

  dispose(): void {
    this.#ended.abort();
    this.#prove();
  }

  #prove(): void {
    this.#isProven = true;
    this.#known();
  }

  #known(): void {
    for (const listener of this.#onKnown.splice(0)) listener();
  }

  /** Resolves when the cluster agreed to where the feed starts, or failed. */
  #untilKnown(): Promise<void> {
    if (this.#error !== undefined) return Promise.resolve();
    return new Promise<void>((resolve) => {
      const known = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#onKnown = this.#onKnown.filter((listener) => listener !== known);
        resolve();
      }, this.#options.timings.catchUpTimeoutMs);
      this.#onKnown.push(known);
    });
  }

  /** Whoever is beyond the start loses nothing by waiting in the feed, and hears why it is not live. */
  #unproven(since: string): FeedHistory {
    const { head } = this.#held;
    if (this.#error !== undefined && isBeyond(since, head)) return this.#entriesOf([], head);
    throw new FleetwireError('UNAVAILABLE', 'the cluster does not answer');
  }

  /**
   * Whether the cluster is known to be at `since` or beyond. What is newer than all that was seen is asked for: it may be
   * a list read just now, from before a restored backup, or made up.
   */
  async #hasReached(since: string): Promise<boolean> {
    // The first answer may be to a question that was asked before the list was read that `since` is from.
    for (let asked = 0; asked < 2; asked += 1) {
      if (!isBeyond(since, this.#reached) || !isBeyond(since, this.#held.head)) return true;
      this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
      if (!(await this.#asking)) return true;
    }
    return !isBeyond(since, this.#reached);
  }

  /** Whether the cluster told. */
  async #ask(): Promise<boolean> {
    const { cluster, target, timings } = this.#options;
    const held = this.#held;
    const position = await clusterPosition(cluster, target, timings, this.#ended.signal, this.beside);
    if (position !== undefined && held === this.#held && isBeyond(position, this.#reached)) this.#reached = position;
    return position !== undefined;
  }

  async #catchUp(since: string, due: string, until: string): Promise<FeedHistory> {
    const { cluster, opener, target, timings } = this.#options;
    const { signal } = this.#ended;
    const endsAtMs = performance.now() + timings.catchUpTimeoutMs;
    const leave = await cluster.catchUpPlaces.take(opener, timings.catchUpTimeoutMs / 2, signal);
    if (leave === undefined) return { kind: 'gone' };
    try {
      const result = await catchUp({ cluster, target, since, due, until, endsAtMs, signal, held: this.beside });
      return result.kind === 'gone' ? result : this.#entriesOf(result.events, until);
    } finally {
      leave();
      // Whoever asked puts it into the ring.
      setImmediate(this.#options.onHeld);
    }
  }

  /**
   * Events, then what the subscriber must know of the feed that it comes into: its columns and its state. The last
   * entry carries the position on the ring to go on from.
   */
  #entriesOf(events: readonly Events[], until: string): FeedHistory {
    const entries: { json: string; position: string }[] = [];
    let texts: string[] = [];
    let bytes = 0;
    const flush = (position: string): void => {
      if (texts.length > 0) entries.push({ json: `{"events":[${texts.join(',')}]}`, position });
      texts = [];
      bytes = 0;
    };
    let position = until;
    for (const event of events) {
      if (bytes + event.bytes > maxEntryBytes) flush(position);
      texts.push(event.text);
      bytes += event.bytes;
      position = event.resourceVersion ?? position;
    }
    flush(position);
    if (this.#columns !== undefined) entries.push({ json: this.#columns, position: until });
    const state = this.#error ?? this.#state;
    if (state !== undefined) entries.push({ json: state, position: until });
    if (entries.length > maxEntries) return { kind: 'gone' };
    return { kind: 'entries', entries, complete: true };
  }

  #announce(json: string, position?: string): void {
    if (this.#state === json) return;
    this.#state = json;
    this.#options.sink.publish({ json, position });
  }
}

function isBeyond(a: string, b: string): boolean {
  return (compareResourceVersions(a, b) ?? 0) > 0;
}
