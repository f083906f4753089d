import type { Broker } from './broker.ts';
import { systemClock, type Clock } from './clock.ts';
import { FleetwireError } from './errors.ts';
import { MemoryFeed, type FeedWindow } from './memory-feed.ts';

/** Bounds and sources of a memory broker; only `random` is needed. */
export interface MemoryBrokerOptions {
  /** From 0 to below 1; makes the epochs of positions. Pass `Math.random`. */
  readonly random: () => number;
  /** Entries that a feed keeps for those that resume. Default 1,000, the window of recoverable feeds. */
  readonly maxEntries?: number | undefined;
  /** How long it keeps them, and itself when nobody uses it. Default 600,000 (10 min). */
  readonly maxAgeMs?: number | undefined;
  /**
   * Feeds at once. At the bound the one without subscribers and present values that was unused longest is forgotten;
   * when there is none such the call is refused with QUEUE_FULL. Default 100,000: ten for each of the 10,000 connections that one
   * process is built for.
   */
  readonly maxFeeds?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Told what a listener threw; the other listeners get the entry all the same. */
  readonly onListenerError?: ((error: unknown) => void) | undefined;
}

/**
 * A {@link Broker} within one process. Positions are `epoch:offset`; a feed without present values that nobody subscribes
 * to or uses for `maxAgeMs` is forgotten and starts again under a new epoch, so that older positions are `gone`, never wrong.
 * Every call after `dispose` rejects with DISPOSED.
 */
export function createMemoryBroker(options: MemoryBrokerOptions): Broker {
  return new MemoryBroker(options);
}

/** Idle feeds that one call looks at: more than the one that it may add, so that they cannot pile up. */
const sweepSteps = 2;

class MemoryBroker implements Broker {
  readonly #window: FeedWindow;
  readonly #maxFeeds: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onListenerError: (error: unknown) => void;
  /** The one that was unused longest comes first. */
  readonly #feeds = new Map<string, MemoryFeed>();
  #epochs = 0;
  #disposed = false;

  constructor(options: MemoryBrokerOptions) {
    this.#window = { maxEntries: options.maxEntries ?? 1_000, maxAgeMs: options.maxAgeMs ?? 600_000 };
    this.#maxFeeds = options.maxFeeds ?? 100_000;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random;
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
    const { target, at } = this.#use(feed);
    return target.publish(data, options, at);
  }

  async history(...[feed, since, limit]: Parameters<Broker['history']>): ReturnType<Broker['history']> {
    const { target, at } = this.#use(feed);
    return target.history(since, limit, at);
  }

  async subscribe(...[feed, listener]: Parameters<Broker['subscribe']>): Promise<string> {
    return this.#use(feed).target.subscribe(listener);
  }

  async unsubscribe(...[feed, listener]: Parameters<Broker['unsubscribe']>): Promise<void> {
    if (this.#disposed || !this.#feeds.has(feed)) return;
    this.#use(feed).target.unsubscribe(listener);
  }

  /** Nothing is ever lost between the parts of one process, so the listener is never called. */
  onLoss(): () => void {
    return () => {};
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const feed of this.#feeds.values()) feed.unsubscribeAll();
    this.#feeds.clear();
  }

  #use(name: string): { target: MemoryFeed; at: number } {
    if (this.#disposed) throw new FleetwireError('DISPOSED', 'the broker was disposed');
    const at = this.#clock.monotonicNow();
    this.#sweep(at);
    const known = this.#feeds.get(name);
    const target = known === undefined || this.#isForgotten(known, at) ? this.#create(name, at) : known;
    target.usedAt = at;
    this.#feeds.delete(name);
    this.#feeds.set(name, target);
    return { target, at };
  }

  #create(name: string, at: number): MemoryFeed {
    if (!this.#feeds.has(name) && this.#feeds.size >= this.#maxFeeds) this.#makeRoom();
    this.#epochs += 1;
    // Random between processes, counted within one: eight characters of base 36, then the number.
    const epoch =
      Math.floor(this.#random() * 36 ** 8)
        .toString(36)
        .padStart(8, '0') + this.#epochs.toString(36);
    return new MemoryFeed(epoch, at, this.#window, this.#onListenerError);
  }

  #isForgotten(feed: MemoryFeed, at: number): boolean {
    return !feed.isNeeded && at - feed.usedAt >= this.#window.maxAgeMs;
  }

  #sweep(at: number): void {
    for (let step = 0; step < sweepSteps; step += 1) {
      const [head] = this.#feeds;
      if (head === undefined || at - head[1].usedAt < this.#window.maxAgeMs) return;
      const [name, feed] = head;
      this.#feeds.delete(name);
      if (!feed.isNeeded) continue;
      // In use all the while: to the back of the line.
      feed.usedAt = at;
      this.#feeds.set(name, feed);
    }
  }

  #makeRoom(): void {
    for (const [name, feed] of this.#feeds) {
      if (feed.isNeeded) continue;
      this.#feeds.delete(name);
      return;
    }
    throw new FleetwireError('QUEUE_FULL', `the broker holds ${String(this.#maxFeeds)} feeds, all in use`);
  }
}
