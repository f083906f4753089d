import type { Broker } from './broker.ts';
import { systemClock, type Clock } from './clock.ts';
import { FleetwireError } from './errors.ts';
import { FeedEpochs } from './feed-epochs.ts';
import { FeedScopes, type FeedScope } from './feed-scopes.ts';
import { MemoryFeed, type FeedWindow } from './memory-feed.ts';

/** Bounds and sources of a memory broker; only `random` is needed. */
export interface MemoryBrokerOptions {
  /** From 0 to below 1; makes the epochs of positions. Pass `Math.random`. */
  readonly random: () => number;
  /** Entries that a feed keeps for those that resume. Default 1,000, the window of recoverable feeds. */
  readonly maxEntries?: number | undefined;
  /** Bytes of entries that a feed keeps for those that resume. Default 4 MiB, as the ring of a feed in the server. */
  readonly maxBytes?: number | undefined;
  /** How long it keeps them, and itself when nobody uses it. Default 600,000 (10 min). */
  readonly maxAgeMs?: number | undefined;
  /**
   * Feeds with a history at once, and as many again that are only listened to. At the bound the scope that keeps the most
   * forgets the feed that it left unused longest, of those without subscribers and present values; when it has none
   * such, or no more than the scope that asks, that one does. When that has none either, a scope that holds less than an equal share gets its feed
   * over the bound (up to twice that), and any other is refused with UNAVAILABLE. Default 100,000: ten for each of the 10,000 connections
   * that one process is built for.
   */
  readonly maxFeeds?: number | undefined;
  /**
   * The scope that a feed is counted for, such as an organisation: none loses its history to another that is larger.
   * Default: the first element of a name that is a JSON array, else ''.
   */
  readonly scopeOf?: ((feed: string) => string) | undefined;
  readonly clock?: Clock | undefined;
  /** Told what a listener threw; the other listeners get the entry all the same. */
  readonly onListenerError?: ((error: unknown) => void) | undefined;
}

/**
 * A {@link Broker} within one process. Positions are `epoch:offset`; a feed without present values that nobody subscribes
 * to or uses for `maxAgeMs` is forgotten and starts again under a new epoch, so that older positions are `gone`, never
 * wrong. A feed that was never published to is held only while somebody subscribes to it. Every call after `dispose`
 * rejects with DISPOSED.
 */
export function createMemoryBroker(options: MemoryBrokerOptions): Broker {
  return new MemoryBroker(options);
}

/** Idle feeds that one call looks at: more than the one that it may add, so that they cannot pile up. */
const sweepSteps = 2;

class MemoryBroker implements Broker {
  readonly #window: FeedWindow;
  readonly #maxFeeds: number;
  readonly #scopeOf: (feed: string) => string;
  readonly #clock: Clock;
  readonly #epochs: FeedEpochs;
  readonly #onListenerError: (error: unknown) => void;
  readonly #feeds = new Map<string, MemoryFeed>();
  readonly #scopes = new FeedScopes();
  /** Feeds that hold nothing but their history, the one that was unused longest first. */
  readonly #idle = new Set<MemoryFeed>();
  #kept = 0;
  #blank = 0;
  #disposed = false;

  constructor(options: MemoryBrokerOptions) {
    this.#window = {
      maxEntries: options.maxEntries ?? 1_000,
      maxBytes: options.maxBytes ?? 4 * 1024 * 1024,
      maxAgeMs: options.maxAgeMs ?? 600_000,
    };
    this.#maxFeeds = options.maxFeeds ?? 100_000;
    this.#scopeOf = options.scopeOf ?? firstElementOf;
    this.#clock = options.clock ?? systemClock;
    this.#epochs = new FeedEpochs(options.random);
    this.#onListenerError = (error) => {
      try {
        options.onListenerError?.(error);
      } catch {
        // A reporter that fails must not stop the deliveries; there is nobody left to tell.
      }
    };
  }

  async publish(...[feed, data, options = {}]: Parameters<Broker['publish']>): Promise<string> {
    if (data === null && options.key === undefined) {
      throw new FleetwireError('INVALID_ARGUMENT', 'null deletes a key; without a key there is nothing to delete');
    }
    const at = this.#now();
    const target = this.#feeds.get(feed) ?? this.#make(feed, at);
    if (target.isBlank) this.#keep(target);
    const position = target.publish(data, options, at);
    this.#used(target, at);
    return position;
  }

  async history(...[feed, since, limit]: Parameters<Broker['history']>): ReturnType<Broker['history']> {
    const at = this.#now();
    // A question alone makes no feed: there is nothing to remember.
    const target = this.#feeds.get(feed) ?? this.#make(feed, at);
    const history = target.history(since, limit, at);
    this.#used(target, at);
    return history;
  }

  async subscribe(...[feed, listener]: Parameters<Broker['subscribe']>): Promise<string> {
    const at = this.#now();
    const target = this.#feeds.get(feed) ?? this.#addBlank(feed, at);
    const position = target.subscribe(listener);
    this.#used(target, at);
    return position;
  }

  async unsubscribe(...[feed, listener]: Parameters<Broker['unsubscribe']>): Promise<void> {
    const target = this.#feeds.get(feed);
    if (target === undefined) return;
    target.unsubscribe(listener);
    if (target.isBlank && !target.isNeeded) this.#dropBlank(target);
    else this.#used(target, this.#now());
  }

  /** Nothing is ever lost between the parts of one process, so the listener is never called. */
  onLoss(): () => void {
    return () => {};
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const feed of this.#feeds.values()) feed.unsubscribeAll();
    this.#feeds.clear();
    this.#idle.clear();
    this.#scopes.clear();
  }

  /** The time, after what is too old by then was forgotten. */
  #now(): number {
    if (this.#disposed) throw new FleetwireError('DISPOSED', 'the broker was disposed');
    const at = this.#clock.monotonicNow();
    for (let step = 0; step < sweepSteps; step += 1) {
      const [oldest] = this.#idle;
      if (oldest === undefined || at - oldest.usedAt < this.#window.maxAgeMs) break;
      this.#forget(oldest);
    }
    return at;
  }

  #make(name: string, at: number): MemoryFeed {
    return new MemoryFeed(name, {
      scope: this.#scopes.get(this.#scopeOf(name)),
      epoch: this.#epochs.of(name),
      at,
      window: this.#window,
      onListenerError: this.#onListenerError,
    });
  }

  #addBlank(name: string, at: number): MemoryFeed {
    const feed = this.#make(name, at);
    if (this.#blank >= this.#maxFeeds) this.#checkShare(this.#blank, feed.scope.blank);
    this.#feeds.set(name, feed);
    this.#blank += 1;
    this.#scopes.addBlank(feed.scope, 1);
    return feed;
  }

  #dropBlank(feed: MemoryFeed): void {
    this.#feeds.delete(feed.name);
    this.#blank -= 1;
    this.#scopes.addBlank(feed.scope, -1);
  }

  /** The feed is about to have a history. */
  #keep(feed: MemoryFeed): void {
    if (this.#kept >= this.#maxFeeds) this.#makeRoom(feed.scope);
    this.#kept += 1;
    this.#scopes.addKept(feed.scope, 1);
    if (this.#feeds.has(feed.name)) {
      this.#blank -= 1;
      this.#scopes.addBlank(feed.scope, -1);
    }
    this.#feeds.set(feed.name, feed);
  }

  #makeRoom(scope: FeedScope): void {
    const { largest } = this.#scopes;
    // Nobody loses a feed to a scope that holds as much.
    const [oldest] = largest !== undefined && largest.kept > scope.kept ? largest.idle : [];
    const [own] = scope.idle;
    const victim = oldest ?? own;
    if (victim === undefined) this.#checkShare(this.#kept, scope.kept);
    else this.#forget(victim);
  }

  /** Over the bound, and at most to twice as many, for those who are not the reason that it was reached. */
  #checkShare(all: number, held: number): void {
    if (all < 2 * this.#maxFeeds && held * this.#scopes.size < this.#maxFeeds) return;
    throw new FleetwireError('UNAVAILABLE', `the broker holds ${String(this.#maxFeeds)} feeds, all in use`);
  }

  #forget(feed: MemoryFeed): void {
    this.#feeds.delete(feed.name);
    this.#idle.delete(feed);
    feed.scope.idle.delete(feed);
    this.#kept -= 1;
    this.#scopes.addKept(feed.scope, -1);
    this.#epochs.end(feed.name);
  }

  /** Puts the feed where what it holds now, and when, says that it belongs. */
  #used(feed: MemoryFeed, at: number): void {
    if (this.#feeds.get(feed.name) !== feed) return;
    feed.usedAt = at;
    for (const idle of [this.#idle, feed.scope.idle]) {
      idle.delete(feed);
      if (!feed.isNeeded) idle.add(feed);
    }
  }
}

function firstElementOf(feed: string): string {
  if (!feed.startsWith('[')) return '';
  try {
    return String((JSON.parse(feed) as readonly unknown[])[0]);
  } catch {
    return '';
  }
}
