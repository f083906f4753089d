import type { Connection } from './connection.ts';
import type { Feed } from './feed.ts';

/**
 * One connection's place in one feed: a sequence number, and the frames that go before it (a snapshot shared with other
 * cursors, or a private catch-up). It never queues what the feed publishes.
 */
export class Cursor {
  readonly connection: Connection;
  readonly feed: Feed;
  seq = 0;
  /** In its connection's round of lanes. */
  ready = false;
  /** Its subscription has been answered; nothing is sent before. */
  active = false;
  #frames: readonly Buffer[] = [];
  #sent = 0;

  constructor(connection: Connection, feed: Feed) {
    this.connection = connection;
    this.feed = feed;
  }

  /** Begins to deliver: first `frames`, then the ring from `seq`. */
  activate(seq: number, frames: readonly Buffer[]): void {
    this.seq = seq;
    this.#frames = frames;
    this.#sent = 0;
    this.active = true;
  }

  get pending(): boolean {
    return this.#sent < this.#frames.length || this.seq < this.feed.next;
  }

  /**
   * Next bytes for the connection, about `budgetBytes`; undefined when there is nothing, or when the subscription
   * ended because a recoverable feed cannot leave anything out.
   */
  pull(budgetBytes: number): Buffer | undefined {
    const frame = this.#frames[this.#sent];
    if (frame !== undefined) {
      this.#sent += 1;
      if (this.#sent === this.#frames.length) this.#dropFrames();
      return frame;
    }
    if (!this.feed.isOffRing(this)) {
      const from = this.seq;
      const span = this.feed.span(this, budgetBytes);
      this.connection.context.metrics.sentPublications(this.seq - from);
      return span;
    }
    if (this.feed.class === 'recoverable') {
      this.connection.lagged(this);
      this.connection.endSubscription(this, 'LAGGED', 'the subscription fell behind the window of its channel', true);
      return undefined;
    }
    this.connection.lagged(this);
    this.#frames = this.feed.catchUp(this);
    this.#sent = 0;
    return this.#frames.length === 0 ? undefined : this.pull(budgetBytes);
  }

  #dropFrames(): void {
    this.#frames = [];
    this.#sent = 0;
  }
}
