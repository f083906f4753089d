import { backoffMs } from '../core/backoff.ts';
import type { Clock, TimerHandle } from '../core/clock.ts';
import { FleetwireError } from '../core/errors.ts';
import { canonicalParams } from '../protocol/canonical-params.ts';
import {
  methods,
  type GapFrame,
  type PublicationFrame,
  type SnapshotFrame,
  type SubscribeResultItem,
  type UnsubscribedFrame,
} from '../protocol/frames.ts';
import type { ConnectionLimits } from '../protocol/limits.ts';
import type { Timings } from '../protocol/timings.ts';
import { ClientFeed, type FeedListener, type Guarded } from './feed.ts';
import { isForgetting } from './forgetting.ts';
import { checkName, encodeValue, type RequestManager } from './request-manager.ts';
import { readSubscribeResult, splitItems } from './subscribe-batch.ts';
import type { SubscribeOptions, Subscription } from './types.ts';

export interface SubscriptionManagerOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly timings: Timings;
  readonly requests: RequestManager;
  readonly onError: (error: FleetwireError) => void;
  readonly guarded: Guarded;
}

/** Retries that fall due this close to each other share a frame. */
const retryGroupMs = 50;

/** Frames that belong to one subscription. */
export type FeedFrame = SnapshotFrame | PublicationFrame | GapFrame | UnsubscribedFrame;

/** One subscription for each channel and parameters, however many listen; kept over all connections. */
export class SubscriptionManager {
  readonly #options: SubscriptionManagerOptions;
  readonly #feeds = new Map<string, ClientFeed>();
  /** Of the present connection; a number means nothing on another. */
  readonly #byCh = new Map<number, ClientFeed>();
  readonly #touched = new Set<ClientFeed>();
  #limits: ConnectionLimits | undefined;
  #connection = 0;
  #isFlushDue = false;
  #retryTimer: TimerHandle;

  constructor(options: SubscriptionManagerOptions) {
    this.#options = options;
  }

  /** Throws INVALID_ARGUMENT. */
  subscribe(channel: string, options: SubscribeOptions): Subscription {
    checkName('channel', channel, 512);
    // As it travels: dates become text, undefined members go, and later changes by the caller do not count.
    const params = options.params === undefined ? undefined : toJson(options.params);
    const feed = this.#feedOf(channel, params, options.since);
    const listener: FeedListener = { callbacks: options, isPrimed: false };
    feed.listeners.add(listener);
    if (feed.phase === 'failed') {
      feed.attempt = 0;
      feed.setPending('wanted');
    }
    this.#touch(feed);
    queueMicrotask(() => {
      feed.prime(listener);
    });
    return {
      channel,
      get state() {
        return feed.state;
      },
      get items() {
        return feed.store.items;
      },
      dispose: () => {
        if (feed.listeners.delete(listener)) this.#touch(feed);
      },
    };
  }

  /** Asks for everything again, in as few frames as the server's limits allow. */
  opened(limits: ConnectionLimits): void {
    this.#limits = limits;
    for (const feed of this.#feeds.values()) {
      if (feed.phase === 'waiting') feed.phase = 'wanted';
      this.#touched.add(feed);
    }
    this.#flush();
  }

  /** The connection will take no more requests. */
  hold(): void {
    this.#limits = undefined;
  }

  /** The connection is gone. */
  released(): void {
    this.#limits = undefined;
    this.#connection += 1;
    this.#byCh.clear();
    this.#options.clock.clearTimeout(this.#retryTimer);
    for (const feed of this.#feeds.values()) {
      if (feed.phase !== 'failed') feed.setPending('wanted');
      this.#touch(feed);
    }
  }

  dispose(): void {
    this.released();
    for (const feed of this.#feeds.values()) feed.listeners.clear();
    this.#feeds.clear();
    this.#touched.clear();
  }

  onFrame(frame: FeedFrame): void {
    const feed = this.#byCh.get(frame.ch);
    if (feed === undefined) {
      const message = `the server sent a ${frame.type} for a subscription that this connection does not hold`;
      this.#options.onError(new FleetwireError('NOT_SUBSCRIBED', message, { details: { ch: frame.ch } }));
      return;
    }
    switch (frame.type) {
      case 'snapshot':
        feed.onSnapshot(frame);
        return;
      case 'publication':
        feed.onPublication(frame);
        return;
      case 'gap':
        feed.onGap(frame);
        return;
      case 'unsubscribed':
        this.#byCh.delete(frame.ch);
        if (feed.phase !== 'leaving') {
          this.#onEnded(feed, new FleetwireError(frame.code, frame.reason, { retryable: frame.retryable }));
        }
    }
  }

  #feedOf(channel: string, params: ClientFeed['params'], since: string | undefined): ClientFeed {
    const key = `${channel}\n${canonicalParams(params)}`;
    let feed = this.#feeds.get(key);
    // What came since it was let go of went to nobody.
    if (since !== undefined && feed?.listeners.size === 0) {
      this.#leave(feed);
      feed = this.#feeds.get(key);
    }
    if (feed === undefined) {
      feed = new ClientFeed(key, channel, params, this.#options.clock, this.#options.guarded);
      this.#feeds.set(key, feed);
    }
    if (feed.listeners.size === 0) feed.position = since ?? feed.position;
    return feed;
  }

  /** Calls of one turn share a frame, and a listener that leaves while another comes changes nothing. */
  #touch(feed: ClientFeed): void {
    this.#touched.add(feed);
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    const wanted: ClientFeed[] = [];
    for (const feed of this.#touched) {
      if (feed.listeners.size === 0) this.#leave(feed);
      else if (feed.phase === 'wanted') wanted.push(feed);
    }
    this.#touched.clear();
    if (this.#limits === undefined) return;
    for (const batch of splitItems(wanted, this.#limits)) this.#ask(batch);
  }

  #ask(feeds: readonly ClientFeed[]): void {
    const connection = this.#connection;
    const items = feeds.map(({ channel, params, position }) => ({ channel, params, since: position }));
    for (const feed of feeds) feed.phase = 'asking';
    this.#options.requests.start(
      'subscriptions',
      methods.subscribe,
      { items },
      {
        resolve: (result) => {
          if (connection !== this.#connection) return;
          const answers = readSubscribeResult(result, feeds.length);
          feeds.forEach((feed, index) => {
            this.#onAnswer(feed, answers[index] as SubscribeResultItem, items[index]?.since);
          });
        },
        reject: (error) => {
          // After the loss of the connection all is asked for again anyway.
          if (connection === this.#connection && error.code !== 'CONNECTION_LOST') {
            for (const feed of feeds) this.#onEnded(feed, error);
          }
        },
      },
    );
  }

  #onAnswer(feed: ClientFeed, answer: SubscribeResultItem, since: string | undefined): void {
    if ('error' in answer) {
      this.#onEnded(feed, FleetwireError.fromWire(answer.error));
      return;
    }
    this.#byCh.set(answer.ch, feed);
    feed.ch = answer.ch;
    feed.onSubscribed(answer.mode, answer.position, since);
    // Nobody may want it any more.
    if (feed.listeners.size === 0) this.#touch(feed);
  }

  #onEnded(feed: ClientFeed, error: FleetwireError): void {
    if (isForgetting(error)) feed.forget();
    const { clock, random, timings } = this.#options;
    const nowMs = clock.monotonicNow();
    const canRestart = error.code === 'BAD_POSITION' && feed.position !== undefined;
    if (canRestart) feed.dropPosition();
    if (!error.retryable && !canRestart) {
      feed.setFailed(error);
    } else {
      if (feed.liveSinceMs !== undefined && nowMs - feed.liveSinceMs >= timings.backoffResetMs) feed.attempt = 0;
      feed.liveSinceMs = undefined;
      const isAtOnce = canRestart || (error.code === 'LAGGED' && feed.attempt === 0);
      const waitMs = isAtOnce ? 0 : backoffMs(feed.attempt, random(), timings, error.retryAfterMs);
      feed.attempt += 1;
      feed.retryAtMs = nowMs + waitMs;
      feed.setPending(waitMs === 0 ? 'wanted' : 'waiting', error);
      if (waitMs > 0) this.#armRetry();
    }
    this.#touch(feed);
  }

  #leave(feed: ClientFeed): void {
    const { ch } = feed;
    if (feed.phase === 'asking' || feed.phase === 'leaving') return;
    if (feed.phase !== 'held' || ch === undefined || this.#limits === undefined) {
      if (this.#feeds.get(feed.key) === feed) this.#feeds.delete(feed.key);
      return;
    }
    feed.phase = 'leaving';
    const connection = this.#connection;
    const left = (): void => {
      if (connection !== this.#connection) return;
      this.#byCh.delete(ch);
      feed.setPending('wanted');
      this.#touch(feed);
    };
    this.#options.requests.start('subscriptions', methods.unsubscribe, { ch }, { resolve: left, reject: left });
  }

  #armRetry(): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#retryTimer);
    const due = [...this.#feeds.values()].filter(({ phase }) => phase === 'waiting').map((feed) => feed.retryAtMs);
    if (due.length === 0) return;
    const waitMs = Math.max(0, Math.min(...due) - clock.monotonicNow());
    this.#retryTimer = clock.setTimeout(() => {
      const untilMs = clock.monotonicNow() + retryGroupMs;
      for (const feed of this.#feeds.values()) {
        if (feed.phase !== 'waiting' || feed.retryAtMs > untilMs) continue;
        feed.phase = 'wanted';
        this.#touch(feed);
      }
      this.#armRetry();
    }, waitMs);
  }
}

function toJson(params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(encodeValue(params)) as Readonly<Record<string, unknown>>;
}
