import type { Broker, BrokerEntry } from '../core/broker.ts';
import { FleetwireError } from '../core/errors.ts';
import { describeIssues, type SchemaIssue } from '../protocol/decode.ts';
import { canonicalParams } from '../protocol/canonical-params.ts';
import { parseBrokerPosition } from './broker-position.ts';
import { EncodedValue } from './state-content.ts';
import type {
  ChannelClass,
  ChannelGrant,
  ChannelRequest,
  ChannelSource,
  FeedHistory,
  FeedRequest,
  FeedSink,
  Identity,
  OpenedFeed,
} from './types.ts';

/** Scope of channels that belong to the server. */
export const systemScopeKey = 'sys';

/** Scope of an organisation; the usual answer of `authorize`. Encoded, so that no id can reach into another's feeds. */
export function orgScopeKey(orgId: string): string {
  return `org/${encodeURIComponent(orgId)}`;
}

/** Name of the broker feed behind a channel. */
export function brokerFeedName(
  scopeKey: string,
  channel: string,
  params: Readonly<Record<string, unknown>> | undefined,
): string {
  // A list in JSON: no scope, channel or parameter can be written so that it reads as another.
  return JSON.stringify([scopeKey, channel, canonicalParams(params)]);
}

export interface BrokerChannelOptions<I extends Identity> {
  readonly pattern: string;
  readonly class: ChannelClass;
  readonly broker: Broker;
  /** Return `{scopeKey: orgScopeKey(identity.orgId)}` for what `server.publish({orgId, …})` publishes. */
  readonly authorize: (request: ChannelRequest<I>) => ChannelGrant | Promise<ChannelGrant>;
  /**
   * Parameters that the channel takes. Without it a subscription with parameters is a BAD_REQUEST: each new set would be
   * a feed of its own.
   */
  readonly params?: ParamsSchema | undefined;
}

/** A schema of zod or of zod/mini. */
export interface ParamsSchema {
  safeParse(
    params: unknown,
  ):
    | { readonly success: true }
    | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };
}

/** A question to the broker that takes longer than this is asked again; deliveries are told apart by their offsets. */
const syncPatienceMs = 10_000;

/** Entries that one question to the broker may bring. */
const pageSize = 1_000;

/** A channel source whose feeds live in a broker. Positions are the broker's `epoch:offset`; versions are its offsets. */
export function createBrokerChannel<I extends Identity>(options: BrokerChannelOptions<I>): ChannelSource<I> {
  return {
    pattern: options.pattern,
    class: options.class,
    authorize: (request) => {
      const refusal = refuseParams(request.params, options.params);
      return refusal === undefined
        ? options.authorize(request)
        : { denied: 'BAD_REQUEST', reason: `params: ${refusal}` };
    },
    async open(request, sink) {
      const feed = new BrokerFeed(options.broker, options.class, request, sink);
      try {
        await feed.start();
      } catch (error) {
        feed.dispose();
        throw error;
      }
      return feed;
    },
  };
}

function refuseParams(params: Readonly<Record<string, unknown>>, schema: ParamsSchema | undefined): string | undefined {
  if (schema === undefined) return Object.keys(params).length === 0 ? undefined : 'this channel takes none';
  const parsed = schema.safeParse(params);
  return parsed.success ? undefined : describeIssues(parsed.error.issues);
}

class BrokerFeed implements OpenedFeed {
  position: string | undefined;
  readonly #broker: Broker;
  readonly #class: ChannelClass;
  readonly #name: string;
  readonly #channel: string;
  readonly #sink: FeedSink;
  /** Newest position that the sink has; undefined while the feed opens. */
  #last: { readonly epoch: string; readonly offset: number } | undefined;
  #early: BrokerEntry[] = [];
  #syncing: Promise<void> | undefined;
  #syncingSinceMs = 0;
  /** More came while the question was under way, which its answer may be too old to hold. */
  #syncAgain = false;
  #undoLoss: () => void = () => undefined;
  #over = false;

  constructor(broker: Broker, channelClass: ChannelClass, request: FeedRequest, sink: FeedSink) {
    this.#broker = broker;
    this.#class = channelClass;
    this.#name = brokerFeedName(request.scopeKey, request.channel, request.params);
    this.#channel = request.channel;
    this.#sink = sink;
  }

  async start(): Promise<void> {
    this.#undoLoss = this.#broker.onLoss((feed) => {
      if (feed === undefined || feed === this.#name) this.#syncSoon();
    });
    let position = await this.#broker.subscribe(this.#name, this.#receive);
    if (this.#class === 'state') {
      const history = await this.#broker.history(this.#name, undefined, Number.MAX_SAFE_INTEGER);
      position = history.position;
      const entries = history.kind === 'entries' ? history.entries : [];
      this.#sink.replace(entries.map(toItem), position);
    }
    this.position = position;
    this.#last = parseBrokerPosition(position);
    const early = this.#early;
    this.#early = [];
    for (const entry of early) this.#receive(entry);
  }

  async history(since: string, limit: number): Promise<FeedHistory> {
    const history = await this.#broker.history(this.#name, since, limit);
    if (history.kind === 'gone') return { kind: 'gone' };
    return {
      kind: 'entries',
      complete: history.complete,
      entries: history.entries.map((entry) => ({ json: entry.data ?? 'null', position: entry.position })),
    };
  }

  sync(): Promise<void> {
    if (this.#class === 'ephemeral' || this.#over) return Promise.resolve();
    // A question that the broker never answers must not keep the next one from being asked.
    if (this.#syncing !== undefined && performance.now() - this.#syncingSinceMs < syncPatienceMs) {
      this.#syncAgain = true;
      return this.#syncing;
    }
    this.#syncingSinceMs = performance.now();
    const syncing = this.#fetchMissing().finally(() => {
      if (this.#syncing === syncing) this.#syncing = undefined;
    });
    this.#syncing = syncing;
    return syncing;
  }

  dispose(): void {
    if (this.#over) return;
    this.#over = true;
    this.#undoLoss();
    void this.#broker.unsubscribe(this.#name, this.#receive).catch(() => undefined);
  }

  readonly #receive = (entry: BrokerEntry): void => {
    if (this.#over) return;
    const last = this.#last;
    if (last === undefined) {
      // Bounded by the time that opening takes, and by the limit on that.
      this.#early.push(entry);
      return;
    }
    const { epoch, offset } = parseBrokerPosition(entry.position);
    if (this.#class === 'ephemeral') {
      this.#sink.publish({ json: entry.data ?? 'null' });
    } else if (epoch === last.epoch && offset <= last.offset) {
      // seen already
    } else if (epoch === last.epoch && offset === last.offset + 1) {
      this.#deliver(entry, { epoch, offset });
    } else {
      // Something is missing in between: fetch it, and this entry with it.
      this.#syncSoon();
    }
  };

  /** A failure is left to the next check of positions, which says it. */
  #syncSoon(): void {
    this.sync().catch(() => undefined);
  }

  async #fetchMissing(): Promise<void> {
    for (;;) {
      this.#syncAgain = false;
      const last = this.#last;
      if (last === undefined || this.#over) return;
      const history = await this.#broker.history(this.#name, `${last.epoch}:${String(last.offset)}`, pageSize);
      if (history.kind === 'gone') {
        this.#sink.end(
          new FleetwireError('POSITION_LOST', `the history of ${this.#channel} was lost; subscribe again`),
        );
        return;
      }
      for (const entry of history.entries) this.#deliverNew(entry);
      if (history.complete && !this.#mustAskAgain()) return;
    }
  }

  #mustAskAgain(): boolean {
    return this.#syncAgain;
  }

  #deliverNew(entry: BrokerEntry): void {
    const position = parseBrokerPosition(entry.position);
    // Deliveries went on while the answer was under way.
    if (this.#last !== undefined && position.offset > this.#last.offset) this.#deliver(entry, position);
  }

  #deliver(entry: BrokerEntry, position: { readonly epoch: string; readonly offset: number }): void {
    this.#last = position;
    if (this.#class !== 'state') this.#sink.publish({ json: entry.data ?? 'null', position: entry.position });
    else if (entry.key === undefined) return;
    else if (entry.data === null)
      this.#sink.change({ del: [{ key: entry.key, version: position.offset }], position: entry.position });
    else this.#sink.change({ set: [toItem(entry)], position: entry.position });
  }
}

function toItem(entry: BrokerEntry): { key: string; version: number; value: EncodedValue } {
  return {
    key: entry.key ?? '',
    version: parseBrokerPosition(entry.position).offset,
    value: new EncodedValue(entry.data ?? 'null'),
  };
}
