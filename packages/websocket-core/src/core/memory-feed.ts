import type { BrokerEntry, BrokerHistory, BrokerListener, BrokerPublishOptions } from './broker.ts';
import { FleetwireError } from './errors.ts';
import type { FeedScope } from './feed-scopes.ts';
import { utf8Length } from '../protocol/encode.ts';

interface Kept {
  readonly offset: number;
  readonly at: number;
  readonly bytes: number;
  readonly entry: BrokerEntry;
  readonly idempotencyKey: string | undefined;
}

interface Subscriber {
  readonly listener: BrokerListener;
  /** Entries up to this offset were published before it subscribed. */
  readonly afterOffset: number;
}

/** What a feed keeps for those that resume. */
export interface FeedWindow {
  readonly maxEntries: number;
  /** Of text in UTF-8, and 200 for each entry. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** What an entry takes beside its text: position, key and the objects around them. */
const entryOverheadBytes = 200;

const positionForm = /^([0-9a-z]{1,32}):(0|[1-9][0-9]{0,15})$/;

export interface MemoryFeedOptions {
  readonly scope: FeedScope;
  readonly epoch: string;
  readonly at: number;
  readonly window: FeedWindow;
  readonly onListenerError: (error: unknown) => void;
}

/** One feed of the memory broker: a window of entries, the present values of its keys, and its subscribers. */
export class MemoryFeed {
  /** When it was last published to, read or left; by the monotonic clock. */
  usedAt: number;
  readonly name: string;
  readonly scope: FeedScope;
  readonly #epoch: string;
  readonly #window: FeedWindow;
  readonly #onListenerError: (error: unknown) => void;
  #offset = 0;
  #kept: Kept[] = [];
  #keptBytes = 0;
  #keyed = false;
  readonly #present = new Map<string, BrokerEntry>();
  readonly #byIdempotencyKey = new Map<string, string>();
  #subscribers: Subscriber[] = [];
  #outbox: Kept[] = [];
  #delivering = false;

  constructor(name: string, options: MemoryFeedOptions) {
    this.name = name;
    this.scope = options.scope;
    this.usedAt = options.at;
    this.#epoch = options.epoch;
    this.#window = options.window;
    this.#onListenerError = options.onListenerError;
  }

  get position(): string {
    return this.#positionOf(this.#offset);
  }

  /** Whether nothing was ever published to it. */
  get isBlank(): boolean {
    return this.#offset === 0;
  }

  /** Whether it holds what nobody else may hold: subscribers, or present values of keys. */
  get isNeeded(): boolean {
    return this.#subscribers.length > 0 || this.#present.size > 0;
  }

  publish(data: string | null, options: BrokerPublishOptions, at: number): string {
    this.#trim(at);
    const { key, idempotencyKey } = options;
    const earlier = idempotencyKey === undefined ? undefined : this.#byIdempotencyKey.get(idempotencyKey);
    if (earlier !== undefined) return earlier;
    this.#offset += 1;
    const position = this.position;
    const entry: BrokerEntry = { position, data, ...(key === undefined ? {} : { key }) };
    if (key !== undefined) this.#keep(key, entry);
    if (idempotencyKey !== undefined) this.#byIdempotencyKey.set(idempotencyKey, position);
    const kept: Kept = {
      offset: this.#offset,
      at,
      bytes: utf8Length(data ?? '') + utf8Length(key ?? '') + utf8Length(idempotencyKey ?? '') + entryOverheadBytes,
      entry,
      idempotencyKey,
    };
    this.#kept.push(kept);
    this.#keptBytes += kept.bytes;
    this.#trim(at);
    this.#deliver(kept);
    return position;
  }

  history(since: string | undefined, limit: number, at: number): BrokerHistory {
    this.#trim(at);
    const { position } = this;
    if (since === undefined) {
      if (this.#keyed) return { kind: 'entries', entries: [...this.#present.values()], complete: true, position };
      const newest = this.#kept.slice(Math.max(0, this.#kept.length - limit)).map(({ entry }) => entry);
      return { kind: 'entries', entries: newest, complete: newest.length === this.#kept.length, position };
    }
    const parts = positionForm.exec(since);
    if (parts === null) throw new FleetwireError('BAD_POSITION', 'expected a position of this feed');
    const after = Number(parts[2]);
    const oldest = this.#kept[0]?.offset ?? this.#offset + 1;
    if (parts[1] !== this.#epoch || after > this.#offset || after < oldest - 1) return { kind: 'gone', position };
    const later = this.#kept.slice(after - oldest + 1);
    const entries = later.slice(0, limit).map(({ entry }) => entry);
    return { kind: 'entries', entries, complete: entries.length === later.length, position };
  }

  subscribe(listener: BrokerListener): string {
    this.#subscribers.push({ listener, afterOffset: this.#offset });
    return this.position;
  }

  unsubscribe(listener: BrokerListener): void {
    const index = this.#subscribers.findIndex((subscriber) => subscriber.listener === listener);
    if (index !== -1) this.#subscribers = this.#subscribers.toSpliced(index, 1);
  }

  unsubscribeAll(): void {
    this.#subscribers = [];
  }

  #keep(key: string, entry: BrokerEntry): void {
    this.#keyed = true;
    // Deleted first, so that the present values stand in the order of their last change.
    this.#present.delete(key);
    if (entry.data !== null) this.#present.set(key, entry);
  }

  #trim(at: number): void {
    const { maxAgeMs, maxBytes, maxEntries } = this.#window;
    const excess = this.#kept.length - maxEntries;
    let count = 0;
    for (const { at: keptAt, bytes, idempotencyKey } of this.#kept) {
      if (count >= excess && this.#keptBytes <= maxBytes && at - keptAt < maxAgeMs) break;
      count += 1;
      this.#keptBytes -= bytes;
      if (idempotencyKey !== undefined) this.#byIdempotencyKey.delete(idempotencyKey);
    }
    if (count > 0) this.#kept.splice(0, count);
  }

  /** One at a time, so that a listener that publishes does not overtake the entry under delivery. */
  #deliver(kept: Kept): void {
    this.#outbox.push(kept);
    if (this.#delivering) return;
    this.#delivering = true;
    for (let next = this.#outbox.shift(); next !== undefined; next = this.#outbox.shift()) {
      for (const subscriber of this.#subscribers) this.#tell(subscriber, next);
    }
    this.#delivering = false;
  }

  #tell(subscriber: Subscriber, kept: Kept): void {
    if (kept.offset <= subscriber.afterOffset || !this.#subscribers.includes(subscriber)) return;
    try {
      subscriber.listener(kept.entry);
    } catch (error) {
      this.#onListenerError(error);
    }
  }

  #positionOf(offset: number): string {
    return `${this.#epoch}:${String(offset)}`;
  }
}
