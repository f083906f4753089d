import { FleetwireError, toWireError } from '../core/errors.ts';
import { isWireErrorCode, wireErrors } from '../protocol/codes.ts';
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

/** Access that changes this often while a request is prepared is not waited for. */
const maxPrepareAttempts = 3;

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
  /** Grows when what the identity may see may have changed: what was authorised before counts no more. */
  #accessVersion = 0;

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
    const room = connection.endpoint.limits.maxSubscriptions - this.size - this.#preparing;
    const admitted = Math.max(0, Math.min(items.length, room));
    this.#preparing += admitted;
    const prepared = await this.#prepareAll(items.slice(0, admitted));
    this.#preparing -= admitted;
    let results: SubscribeResultItem[];
    try {
      results = prepared.map((item) => this.#answer(item));
    } finally {
      // Held until here, so that no feed was given up between its opening and its answer.
      releaseAll(prepared);
    }
    for (let index = admitted; index < items.length; index += 1) results.push({ error: toWireError(this.#tooMany()) });
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
    this.#accessVersion += 1;
    await Promise.all([...(this.#cursors?.values() ?? [])].map((cursor) => this.#authorizeCursor(cursor)));
  }

  release(): void {
    const cursors = [...(this.#cursors?.values() ?? [])];
    for (const cursor of cursors) this.#remove(cursor);
    this.#cursors = undefined;
  }

  async #authorizeCursor(cursor: Cursor): Promise<void> {
    const { source, request } = cursor.feed;
    const { channel, segments, params } = request;
    const version = this.#accessVersion;
    const grant = await this.#connection.context.feeds.authorize(source, {
      identity: this.#connection.identity,
      channel,
      segments,
      params,
      isAgain: true,
    });
    // A later change asks again by itself.
    if (this.#accessVersion !== version) return;
    if ('denied' in grant) {
      const retryable = isWireErrorCode(grant.denied) && wireErrors[grant.denied].retryable;
      this.end(cursor, grant.denied, grant.reason ?? 'the subscription is not allowed any more', retryable);
    } else if (grant.scopeKey !== request.scopeKey) {
      this.end(cursor, 'SCOPE_CHANGED', 'the scope of the subscription changed', true);
    }
  }

  /** Prepares the items, and again when access changed while that was under way. */
  async #prepareAll(items: readonly unknown[]): Promise<(Prepared | FleetwireError)[]> {
    for (let attempt = 0; attempt < maxPrepareAttempts; attempt += 1) {
      const version = this.#accessVersion;
      const prepared = await Promise.all(
        items.map((item) => this.#prepare(item).catch((error: unknown) => this.#describe(error))),
      );
      if (this.#accessVersion === version) return prepared;
      releaseAll(prepared);
      if (!this.#connection.isServing) break;
    }
    return items.map(() => new FleetwireError('UNAVAILABLE', 'access changed while the subscription was prepared'));
  }

  #answer(item: Prepared | FleetwireError): SubscribeResultItem {
    if (item instanceof FleetwireError) return { error: toWireError(item) };
    if (!this.#connection.isServing) return { error: wireError('UNAVAILABLE', 'the connection is closed') };
    if (item.feed.endError !== undefined) return { error: toWireError(item.feed.endError) };
    return this.#activate(item);
  }

  async #prepare(raw: unknown): Promise<Prepared> {
    const connection = this.#connection;
    const { feeds } = connection.context;
    const item = parseItem(raw);
    const held = await feeds.hold(connection.identity, item.channel, item.params ?? {}, item.since);
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
    if (since === undefined || feed.class === 'ephemeral') return undefined;
    // Kept even if the ring moves on meanwhile: who has fallen off it by then resumes from the history.
    const start = feed.resume(since);
    if (start !== undefined) return start;
    await feed.sync();
    return feed.resume(since) ?? feed.resumeFromHistory(since);
  }

  #activate({ feed, start, since }: Prepared): SubscribeResultItem {
    const connection = this.#connection;
    // The ring first: it went on while the other items of the request were prepared.
    const from = (since === undefined ? undefined : feed.resume(since)) ?? start ?? feed.start();
    this.#cursors ??= new Map();
    const former = this.#cursors.get(feed.ch);
    if (former !== undefined) this.#remove(former);
    const cursor = new Cursor(connection, feed);
    this.#cursors.set(feed.ch, cursor);
    feed.cursors.add(cursor);
    cursor.activate(from);
    if (cursor.pending) connection.laneReady(cursor);
    connection.context.metrics.subscribed(from.mode, since !== undefined);
    return { ch: feed.ch, mode: from.mode, ...(from.position === undefined ? {} : { position: from.position }) };
  }

  #remove(cursor: Cursor): void {
    cursor.end();
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
    return new FleetwireError('UNAVAILABLE', 'the channel could not be opened', { cause: error });
  }
}

function parseItem(raw: unknown): SubscribeItem {
  const parsed = subscribeItemSchema.safeParse(raw);
  if (!parsed.success) throw new FleetwireError('BAD_REQUEST', describeIssues(parsed.error.issues));
  const { length } = canonicalOrRefuse(parsed.data.params);
  if (length > maxParamsLength) {
    throw new FleetwireError(
      'BAD_REQUEST',
      `params: expected at most ${String(maxParamsLength)} characters, got ${String(length)}`,
    );
  }
  return parsed.data;
}

function canonicalOrRefuse(params: SubscribeItem['params']): string {
  try {
    return canonicalParams(params);
  } catch (error) {
    throw new FleetwireError('BAD_REQUEST', `params: ${(error as Error).message}`);
  }
}

function releaseAll(items: readonly (Prepared | FleetwireError)[]): void {
  for (const item of items) if (!(item instanceof FleetwireError)) item.release();
}
