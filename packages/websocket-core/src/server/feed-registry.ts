import type { Clock } from '../core/clock.ts';
import { FleetwireError } from '../core/errors.ts';
import { canonicalParams } from '../protocol/canonical-params.ts';
import { compileChannelPattern, type ChannelPattern } from './channel-pattern.ts';
import type { Cursor } from './cursor.ts';
import { Feed, type FeedEnvironment } from './feed.ts';
import type { ChannelGrant, ChannelRequest, ChannelSource, FeedRequest, Identity, Logger } from './types.ts';

/** Feeds without subscribers that are kept at most; beyond it the one that was left first goes. */
const maxIdleFeeds = 10_000;

interface Slot {
  readonly feed: Feed;
  /** Settles when the source has opened the feed. */
  readonly ready: Promise<void>;
  /** Subscriptions under way that need the feed to stay. */
  holds: number;
}

export interface HeldFeed {
  readonly feed: Feed;
  readonly release: () => void;
}

/** All feeds of a server, by channel, parameters and scope; opened at the first subscriber, closed a while after the last. */
export class FeedRegistry {
  readonly #sources: readonly { readonly pattern: ChannelPattern; readonly source: ChannelSource<never> }[];
  readonly #environment: Omit<FeedEnvironment, 'ended'>;
  readonly #logger: Logger;
  readonly #newEpoch: () => string;
  readonly #clock: Clock;
  readonly #openTimeoutMs: number;
  readonly #slots = new Map<string, Slot>();
  /** Feeds without subscribers since when, in the order in which they were left. */
  readonly #idle = new Map<Slot, number>();
  #nextCh = 1;

  constructor(options: {
    readonly sources: readonly ChannelSource<never>[];
    readonly environment: Omit<FeedEnvironment, 'ended'>;
    readonly logger: Logger;
    readonly newEpoch: () => string;
    readonly clock: Clock;
    readonly openTimeoutMs: number;
  }) {
    this.#sources = options.sources.map((source) => ({ pattern: compileChannelPattern(source.pattern), source }));
    this.#environment = options.environment;
    this.#logger = options.logger;
    this.#newEpoch = options.newEpoch;
    this.#clock = options.clock;
    this.#openTimeoutMs = options.openTimeoutMs;
  }

  get size(): number {
    return this.#slots.size;
  }

  *feeds(): IterableIterator<Feed> {
    for (const slot of this.#slots.values()) yield slot.feed;
  }

  /** Authorises and opens (or joins) the feed; the caller holds it until `release`. Throws a FleetwireError. */
  async hold(identity: Identity, channel: string, params: Readonly<Record<string, unknown>>): Promise<HeldFeed> {
    const found = this.#find(channel);
    if (found === undefined) throw new FleetwireError('UNKNOWN_CHANNEL', `unknown channel ${channel}`);
    const { source, segments } = found;
    const grant = await this.authorize(source, { identity, channel, segments, params });
    if ('denied' in grant)
      throw new FleetwireError(grant.denied, grant.reason ?? `channel ${channel}: ${grant.denied}`);
    const slot = this.#slot(source, { channel, segments, params, scopeKey: grant.scopeKey });
    slot.holds += 1;
    this.#idle.delete(slot);
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      slot.holds -= 1;
      this.#markIdle(slot);
    };
    try {
      await slot.ready;
    } catch (error) {
      release();
      throw error;
    }
    return { feed: slot.feed, release };
  }

  /** Asks a source for its verdict; one that fails denies. */
  async authorize(source: ChannelSource<never>, request: ChannelRequest): Promise<ChannelGrant> {
    try {
      return await source.authorize(request as never);
    } catch (error) {
      this.#logger.error({ channel: request.channel, err: error }, 'authorize failed');
      return { denied: 'FORBIDDEN', reason: 'the permission could not be checked' };
    }
  }

  /** A subscriber is gone. */
  leave(cursor: Cursor): void {
    cursor.feed.cursors.delete(cursor);
    const slot = this.#slots.get(cursor.feed.key);
    if (slot?.feed === cursor.feed) this.#markIdle(slot);
  }

  /** Closes the feeds that nobody has subscribed to since `leftBeforeMs` (monotonic). */
  sweepIdle(leftBeforeMs: number): void {
    for (const [slot, leftAt] of this.#idle) {
      if (leftAt > leftBeforeMs) break;
      this.#drop(slot);
    }
  }

  dispose(): void {
    for (const slot of [...this.#slots.values()]) this.#drop(slot);
  }

  #find(channel: string): { source: ChannelSource<never>; segments: Readonly<Record<string, string>> } | undefined {
    for (const { pattern, source } of this.#sources) {
      const segments = pattern.match(channel);
      if (segments !== undefined) return { source, segments };
    }
    return undefined;
  }

  #slot(source: ChannelSource<never>, request: FeedRequest): Slot {
    const key = JSON.stringify([request.channel, canonicalParams(request.params), request.scopeKey]);
    const present = this.#slots.get(key);
    if (present !== undefined) return present;
    const environment: FeedEnvironment = {
      ...this.#environment,
      ended: (feed) => {
        const slot = this.#slots.get(key);
        if (slot?.feed === feed) this.#forget(slot);
      },
    };
    const feed = new Feed({ ch: this.#nextCh, key, epoch: this.#newEpoch(), request, source, environment });
    this.#nextCh += 1;
    const slot: Slot = { feed, ready: this.#open(feed), holds: 0 };
    this.#slots.set(key, slot);
    slot.ready.catch(() => {
      // Whoever waits for it has the error; the next subscriber tries anew.
      if (this.#slots.get(key) === slot) this.#drop(slot);
    });
    return slot;
  }

  /** Opens in time or not at all: a source that hangs must not keep its channel from being tried again. */
  #open(feed: Feed): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        reject(new FleetwireError('TIMEOUT', `the channel ${feed.request.channel} could not be opened in time`));
      }, this.#openTimeoutMs);
      this.#openBySource(feed)
        .then(resolve, reject)
        .finally(() => {
          this.#clock.clearTimeout(timer);
        });
    });
  }

  async #openBySource(feed: Feed): Promise<void> {
    try {
      const opened = await feed.source.open(feed.request, feed);
      if (feed.over) opened.dispose();
      else feed.opened(opened);
    } catch (error) {
      if (error instanceof FleetwireError) throw error;
      this.#logger.error({ channel: feed.request.channel, err: error }, 'a channel could not be opened');
      throw new FleetwireError('INTERNAL', 'the channel could not be opened', { cause: error });
    }
  }

  #markIdle(slot: Slot): void {
    if (slot.holds > 0 || slot.feed.cursors.size > 0 || this.#slots.get(slot.feed.key) !== slot) return;
    this.#idle.delete(slot);
    this.#idle.set(slot, this.#environment.now());
    if (this.#idle.size <= maxIdleFeeds) return;
    for (const oldest of this.#idle.keys()) {
      this.#drop(oldest);
      break;
    }
  }

  #drop(slot: Slot): void {
    slot.feed.dispose();
    this.#forget(slot);
  }

  #forget(slot: Slot): void {
    this.#slots.delete(slot.feed.key);
    this.#idle.delete(slot);
  }
}
