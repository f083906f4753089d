import type { Clock } from '../core/clock.ts';
import { FleetwireError } from '../core/errors.ts';
import { isWireErrorCode } from '../protocol/codes.ts';
import { canonicalParams } from '../protocol/canonical-params.ts';
import { compileChannelPattern, type ChannelPattern } from './channel-pattern.ts';
import type { Cursor } from './cursor.ts';
import { Feed, type FeedEnvironment } from './feed.ts';
import { inTime } from './in-time.ts';
import { IdleFeeds, type IdleBounds } from './idle-feeds.ts';
import type { ChannelGrant, ChannelRequest, ChannelSource, FeedRequest, Identity, Logger } from './types.ts';

/** Feeds without subscribers that are kept: more than a page has, fewer than would be felt. */
const idleBounds: IdleBounds = { maxPerScope: 1_000, max: 10_000 };

interface Slot {
  readonly feed: Feed;
  /** Settles when the source has opened the feed. */
  ready: Promise<void>;
  /** Subscriptions under way that need the feed to stay. */
  holds: number;
  /** When its position is next compared with its origin, by the monotonic clock; undefined until it is first seen. */
  checkAtMs: number | undefined;
}

export interface HeldFeed {
  readonly feed: Feed;
  readonly release: () => void;
}

/** All feeds of a server, by channel, parameters and scope; opened at the first subscriber, closed a while after the last. */
export class FeedRegistry {
  readonly #sources: readonly { readonly pattern: ChannelPattern; readonly source: ChannelSource<never> }[];
  readonly #environment: Omit<FeedEnvironment, 'ended' | 'failed' | 'inTime'>;
  readonly #logger: Logger;
  readonly #newEpoch: () => string;
  readonly #clock: Clock;
  readonly #openTimeoutMs: number;
  readonly #lingerMs: number;
  readonly #slots = new Map<string, Slot>();
  readonly #idle = new IdleFeeds<Slot>(idleBounds, (slot) => {
    this.#drop(slot);
  });
  #nextCh = 1;

  constructor(options: {
    readonly sources: readonly ChannelSource<never>[];
    readonly environment: Omit<FeedEnvironment, 'ended' | 'failed' | 'inTime'>;
    readonly logger: Logger;
    readonly newEpoch: () => string;
    readonly clock: Clock;
    readonly openTimeoutMs: number;
    /** How long a feed without subscribers is kept, where its source does not want it shorter. */
    readonly lingerMs: number;
  }) {
    this.#sources = options.sources.map((source) => ({ pattern: compileChannelPattern(source.pattern), source }));
    this.#environment = options.environment;
    this.#logger = options.logger;
    this.#newEpoch = options.newEpoch;
    this.#clock = options.clock;
    this.#openTimeoutMs = options.openTimeoutMs;
    this.#lingerMs = options.lingerMs;
  }

  get size(): number {
    return this.#slots.size;
  }

  *feeds(): IterableIterator<Feed> {
    for (const slot of this.#slots.values()) yield slot.feed;
  }

  /** Authorises and opens (or joins) the feed; the caller holds it until `release`. Throws a FleetwireError. */
  async hold(
    identity: Identity,
    channel: string,
    params: Readonly<Record<string, unknown>>,
    since: string | undefined,
  ): Promise<HeldFeed> {
    const found = this.#find(channel);
    if (found === undefined) throw new FleetwireError('UNKNOWN_CHANNEL', `unknown channel ${channel}`);
    const { source, segments } = found;
    const grant = await this.authorize(source, { identity, channel, segments, params });
    if ('denied' in grant)
      throw new FleetwireError(grant.denied, grant.reason ?? `channel ${channel}: ${grant.denied}`);
    const { scopeKey } = grant;
    const slot = this.#slot(source, { channel, segments, params, scopeKey, userId: identity.userId, since });
    slot.holds += 1;
    this.#idle.remove(scopeKey, slot);
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

  /**
   * Asks a source for its verdict. One that fails, hangs or answers with something else denies for the moment: nobody
   * gets in, and nobody loses for good what he may have.
   */
  async authorize(source: ChannelSource<never>, request: ChannelRequest): Promise<FeedGrant> {
    try {
      const grant: unknown = await inTime(this.#clock, this.#openTimeoutMs, async () =>
        source.authorize(request as never),
      );
      if (isGrant(grant)) return grant;
      throw new TypeError('expected {scopeKey} or {denied}');
    } catch (error) {
      this.#logger.error({ channel: request.channel, err: error }, 'authorize failed');
      return { denied: 'UNAVAILABLE', reason: 'the permission could not be checked' };
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
    this.#idle.sweep(leftBeforeMs);
  }

  /** Compares the feeds that are due with their origins; each in its own time, so that they do not ask all at once. */
  checkPositions(nowMs: number, intervalMs: number): void {
    for (const slot of this.#slots.values()) {
      slot.checkAtMs ??= nowMs + intervalMs;
      if (nowMs < slot.checkAtMs || slot.feed.cursors.size === 0) continue;
      slot.checkAtMs = nowMs + intervalMs;
      slot.feed.sync().catch((error: unknown) => {
        this.#logger.warn(
          { channel: slot.feed.request.channel, err: error },
          'the position of a feed could not be checked',
        );
      });
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
      inTime: (work) => inTime(this.#clock, this.#openTimeoutMs, work),
      ended: (feed) => {
        const slot = this.#slots.get(key);
        if (slot?.feed === feed) this.#forget(slot);
      },
      failed: (error, message, channel) => {
        this.#logger.error({ channel, err: error }, message);
      },
    };
    const feed = new Feed({ ch: this.#nextCh, key, epoch: this.#newEpoch(), request, source, environment });
    this.#nextCh += 1;
    const slot: Slot = { feed, ready: Promise.resolve(), holds: 0, checkAtMs: undefined };
    // In place before the source is called, which may end the feed at once.
    this.#slots.set(key, slot);
    slot.ready = this.#open(feed);
    slot.ready.catch(() => {
      // Whoever waits for it has the error; the next subscriber tries anew.
      if (this.#slots.get(key) === slot) this.#drop(slot);
    });
    return slot;
  }

  /** Opens in time or not at all: a source that hangs must not keep its channel from being tried again. */
  async #open(feed: Feed): Promise<void> {
    const { channel } = feed.request;
    try {
      await inTime(this.#clock, this.#openTimeoutMs, () => this.#openBySource(feed));
    } catch (error) {
      if (error instanceof FleetwireError && isWireErrorCode(error.code)) throw error;
      this.#logger.error({ channel, err: error }, 'a channel could not be opened');
      throw new FleetwireError('UNAVAILABLE', `channel ${channel} could not be opened`, { cause: error });
    }
  }

  async #openBySource(feed: Feed): Promise<void> {
    const opened = await feed.source.open(feed.request, feed);
    if (!feed.over) {
      feed.opened(opened);
      return;
    }
    feed.disposeOpened(opened);
    throw feed.endError ?? new FleetwireError('UNAVAILABLE', 'the feed ended while it was opened');
  }

  #markIdle(slot: Slot): void {
    if (slot.holds > 0 || slot.feed.cursors.size > 0 || this.#slots.get(slot.feed.key) !== slot) return;
    slot.feed.idle();
    const { lingerMs = this.#lingerMs } = slot.feed.source;
    const sooner = Math.max(0, this.#lingerMs - lingerMs);
    this.#idle.add(slot.feed.request.scopeKey, slot, this.#environment.now() - sooner);
  }

  #drop(slot: Slot): void {
    slot.feed.dispose();
    this.#forget(slot);
  }

  #forget(slot: Slot): void {
    this.#slots.delete(slot.feed.key);
    this.#idle.remove(slot.feed.request.scopeKey, slot);
  }
}

/** A verdict, or that there is none for the moment. */
export type FeedGrant = ChannelGrant | { readonly denied: 'UNAVAILABLE'; readonly reason: string };

function isGrant(value: unknown): value is ChannelGrant {
  if (typeof value !== 'object' || value === null) return false;
  const { scopeKey, denied } = value as { readonly scopeKey?: unknown; readonly denied?: unknown };
  return denied === undefined ? typeof scopeKey === 'string' : typeof denied === 'string' && isWireErrorCode(denied);
}
