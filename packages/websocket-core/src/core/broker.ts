/** One entry of a broker feed. `data` is JSON text, or null where `key` was deleted. */
export interface BrokerEntry {
  /** Position after which this entry is not sent again: `epoch:offset`. */
  readonly position: string;
  readonly data: string | null;
  readonly key?: string | undefined;
}

/**
 * What a broker remembers. `gone` when `since` is of another epoch, or older than the window; `position` is then and
 * always the newest of the feed. `complete` is false when `limit` cut the answer.
 */
export type BrokerHistory =
  | {
      readonly kind: 'entries';
      readonly entries: readonly BrokerEntry[];
      readonly complete: boolean;
      readonly position: string;
    }
  | { readonly kind: 'gone'; readonly position: string };

export interface BrokerPublishOptions {
  /** Makes the entry the present value of this key; the feed then is a keyed (state) feed. */
  readonly key?: string | undefined;
  /** A second publish with the same key to the same feed changes nothing and returns the first one's position. */
  readonly idempotencyKey?: string | undefined;
}

export type BrokerListener = (entry: BrokerEntry) => void;

/**
 * Carries publications between the parts (and replicas) of one Fleetwire. Feeds are named by text that already holds
 * the organisation. A broker that can hold no more feeds refuses with UNAVAILABLE, which peers are told and try again.
 * One published conformance suite holds every implementation to the same behaviour.
 */
export interface Broker {
  /** Appends and delivers. Resolves with the position once the entry is in the history. */
  publish(feed: string, data: string | null, options?: BrokerPublishOptions): Promise<string>;
  /**
   * Entries after `since`, oldest first. Without `since`: for a keyed feed the present value of every key, for another
   * feed the newest `limit` entries. Throws BAD_POSITION when `since` is not a position.
   */
  history(feed: string, since: string | undefined, limit: number): Promise<BrokerHistory>;
  /** Calls `listener` for each entry published from now on, in order; resolves with the feed's newest position. */
  subscribe(feed: string, listener: BrokerListener): Promise<string>;
  /** Undoes one subscribe. Unknown pairs are ignored. */
  unsubscribe(feed: string, listener: BrokerListener): Promise<void>;
  /** Tells that deliveries may have been lost, of one feed or (undefined) of all. Returns its undo. */
  onLoss(listener: (feed: string | undefined) => void): () => void;
  dispose(): Promise<void>;
}
