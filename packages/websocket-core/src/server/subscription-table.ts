import { FleetwireError, toWireError } from '../core/errors.ts';
import { canonicalParams } from '../protocol/canonical-params.ts';
import { describeIssues } from '../protocol/decode.ts';
import { wireError } from '../protocol/encode.ts';
import type { SubscribeItem, SubscribeResult, SubscribeResultItem } from '../protocol/frames.ts';
import {
  maxParamsLength,
  subscribeItemSchema,
  subscribeParamsSchema,
  unsubscribeParamsSchema,
} from '../protocol/schemas.ts';
import type { Connection } from './connection.ts';
import { Cursor } from './cursor.ts';
import type { Feed, StartPoint } from './feed.ts';

/** An item whose feed is open and held, waiting for the other items of its request. */
interface Prepared {
  readonly feed: Feed;
  /** Decided already when it came from the history; else decided at the moment of the answer. */
  readonly start: StartPoint | undefined;
  readonly since: string | undefined;
  readonly release: () => void;
}

/** Subscriptions of one connection. */
export class SubscriptionTable {
  readonly #connection: Connection;
  #cursors: Map<number, Cursor> | undefined;
  #preparing = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get size(): number {
    return this.#cursors?.size ?? 0;
  }

  async subscribe(params: unknown): Promise<SubscribeResult> {
    const connection = this.#connection;
    const parsed = subscribeParamsSchema.safeParse(params);
    if (!parsed.success) throw new FleetwireError('BAD_REQUEST', describeIssues(parsed.error.issues));
    const { items } = parsed.data;
    const { maxSubscribeItems } = connection.endpoint.limits;
    if (items.length > maxSubscribeItems) {
      throw new FleetwireError(
        'BAD_REQUEST',
        `expected at most ${String(maxSubscribeItems)} items, got ${String(items.length)}`,
      );
    }
    const { identityVersion } = connection;
    const room = connection.endpoint.limits.maxSubscriptions - this.size - this.#preparing;
    const admitted = Math.max(0, Math.min(items.length, room));
    this.#preparing += admitted;
    const prepared = await Promise.all(
      items.map((item, index) => (index < admitted ? this.#prepareInTime(item) : Promise.resolve(this.#tooMany()))),
    );
    this.#preparing -= admitted;
    const results: SubscribeResultItem[] = [];
    for (const item of prepared) {
      if (item instanceof FleetwireError) results.push({ error: toWireError(item) });
      else if (!connection.isServing) results.push({ error: wireError('UNAVAILABLE', 'the connection is closed') });
      else if (connection.identityVersion !== identityVersion)
        results.push({ error: wireError('SCOPE_CHANGED', 'the identity changed meanwhile') });
      else if (item.feed.over) results.push({ error: wireError('UNAVAILABLE', 'the feed ended meanwhile') });
      else results.push(this.#activate(item));
    }
    // Held until here, so that no feed was given up between its opening and its answer.
    for (const item of prepared) if (!(item instanceof FleetwireError)) item.release();
    return { items: results };
  }

  unsubscribe(params: unknown): null {
    const parsed = unsubscribeParamsSchema.safeParse(params);
    if (!parsed.success) throw new FleetwireError('BAD_REQUEST', describeIssues(parsed.error.issues));
    const cursor = this.#cursors?.get(parsed.data.ch);
    if (cursor === undefined)
      throw new FleetwireError('NOT_SUBSCRIBED', `no subscription with ch ${String(parsed.data.ch)}`);
    this.#remove(cursor);
    return null;
  }

  /** Ends a subscription from the server's side and says why. */
  end(cursor: Cursor, code: string, reason: string, retryable: boolean): void {
    if (this.#cursors?.get(cursor.feed.ch) !== cursor) return;
    this.#remove(cursor);
    this.#connection.send({ type: 'unsubscribed', ch: cursor.feed.ch, code, reason, retryable });
  }

  /** Asks the sources again, after the identity or the policy changed. */
  async authorizeAgain(): Promise<void> {
    await Promise.all([...(this.#cursors?.values() ?? [])].map((cursor) => this.#authorizeCursor(cursor)));
  }

  release(): void {
    const cursors = [...(this.#cursors?.values() ?? [])];
    for (const cursor of cursors) this.#remove(cursor);
    this.#cursors = undefined;
  }

  async #authorizeCursor(cursor: Cursor): Promise<void> {
    const { source, request } = cursor.feed;
    const { identityVersion, identity } = this.#connection;
    const grant = await this.#connection.context.feeds.authorize(source, { ...request, identity });
    // A later change asks again by itself.
    if (this.#connection.identityVersion !== identityVersion) return;
    if ('denied' in grant)
      this.end(cursor, grant.denied, grant.reason ?? 'the subscription is not allowed any more', false);
    else if (grant.scopeKey !== request.scopeKey)
      this.end(cursor, 'SCOPE_CHANGED', 'the scope of the subscription changed', true);
  }

  #prepareInTime(item: unknown): Promise<Prepared | FleetwireError> {
    const { clock, timings } = this.#connection.context;
    return new Promise((resolve) => {
      let late = false;
      const timer = clock.setTimeout(() => {
        late = true;
        resolve(new FleetwireError('TIMEOUT', 'the channel could not be opened in time'));
      }, timings.subscribeTimeoutMs);
      this.#prepare(item).then(
        (prepared) => {
          clock.clearTimeout(timer);
          if (late) prepared.release();
          resolve(prepared);
        },
        (error: unknown) => {
          clock.clearTimeout(timer);
          resolve(this.#describe(error));
        },
      );
    });
  }

  async #prepare(raw: unknown): Promise<Prepared> {
    const connection = this.#connection;
    const { feeds } = connection.context;
    const item = parseItem(raw);
    const held = await feeds.hold(connection.identity, item.channel, item.params ?? {});
    try {
      return {
        feed: held.feed,
        since: item.since,
        release: held.release,
        start: await this.#startFromHistory(held.feed, item.since),
      };
    } catch (error) {
      held.release();
      throw error;
    }
  }

  /** The start when it takes waiting: the position is not on the ring, but the feed's origin may know it. */
  async #startFromHistory(feed: Feed, since: string | undefined): Promise<StartPoint | undefined> {
    if (since === undefined || feed.class === 'ephemeral' || feed.resume(since) !== undefined) return undefined;
    await feed.sync();
    if (feed.resume(since) !== undefined) return undefined;
    return feed.resumeFromHistory(since);
  }

  #activate({ feed, start, since }: Prepared): SubscribeResultItem {
    const connection = this.#connection;
    const from = start ?? (since === undefined ? undefined : feed.resume(since)) ?? feed.start();
    this.#cursors ??= new Map();
    const former = this.#cursors.get(feed.ch);
    if (former !== undefined) this.#remove(former);
    const cursor = new Cursor(connection, feed);
    this.#cursors.set(feed.ch, cursor);
    feed.cursors.add(cursor);
    cursor.activate(from.seq, from.frames);
    if (cursor.pending) connection.laneReady(cursor);
    connection.context.metrics.subscribed(from.mode, since !== undefined);
    return { ch: feed.ch, mode: from.mode, ...(from.position === undefined ? {} : { position: from.position }) };
  }

  #remove(cursor: Cursor): void {
    cursor.active = false;
    this.#cursors?.delete(cursor.feed.ch);
    this.#connection.laneGone(cursor);
    this.#connection.context.feeds.leave(cursor);
  }

  #tooMany(): FleetwireError {
    const { maxSubscriptions } = this.#connection.endpoint.limits;
    return new FleetwireError('TOO_MANY_SUBSCRIPTIONS', `expected at most ${String(maxSubscriptions)} subscriptions`);
  }

  #describe(error: unknown): FleetwireError {
    if (error instanceof FleetwireError) return error;
    this.#connection.context.logger.error({ connectionId: this.#connection.id, err: error }, 'a subscription failed');
    return new FleetwireError('INTERNAL', 'the server failed to open the channel', { cause: error });
  }
}

function parseItem(raw: unknown): SubscribeItem {
  const parsed = subscribeItemSchema.safeParse(raw);
  if (!parsed.success) throw new FleetwireError('BAD_REQUEST', describeIssues(parsed.error.issues));
  const { length } = canonicalParams(parsed.data.params);
  if (length > maxParamsLength) {
    throw new FleetwireError(
      'BAD_REQUEST',
      `params: expected at most ${String(maxParamsLength)} characters, got ${String(length)}`,
    );
  }
  return parsed.data;
}
