import type { Connection } from './connection.ts';
import type { Feed, StartPoint } from './feed.ts';

/**
 * One connection's place in one feed: a sequence number, and the frames that go before it (a snapshot shared with other
 * cursors, or a page of the history). It never queues what the feed publishes.
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
  /** Where the history goes on when it does not fit into the ring; the sequence number counts for nothing until then. */
  #historyAfter: string | undefined;
  #isFetching = false;

  constructor(connection: Connection, feed: Feed) {
    this.connection = connection;
    this.feed = feed;
  }

  /** Begins to deliver: first the frames of `start`, then what history there is, then the ring. */
  activate(start: StartPoint): void {
    this.seq = start.seq;
    this.#setFrames(start.frames);
    this.#historyAfter = start.historyAfter;
    this.active = true;
  }

  get pending(): boolean {
    if (this.#sent < this.#frames.length) return true;
    return this.#historyAfter === undefined ? this.seq < this.feed.next : !this.#isFetching;
  }

  /**
   * Next bytes for the connection, about `budgetBytes`; undefined when there is nothing, or when the subscription
   * ended because a recoverable feed cannot leave anything out.
   */
  pull(budgetBytes: number): Buffer | undefined {
    const frame = this.#frames[this.#sent];
    if (frame !== undefined) {
      this.#sent += 1;
      if (this.#sent === this.#frames.length) this.#setFrames([]);
      this.connection.context.metrics.sentPublications(1);
      return frame;
    }
    if (this.#historyAfter !== undefined && !this.#joinRing(this.#historyAfter)) return undefined;
    if (!this.feed.isOffRing(this)) {
      const from = this.seq;
      const span = this.feed.span(this, budgetBytes);
      this.connection.context.metrics.sentPublications(this.seq - from);
      return span;
    }
    this.connection.lagged(this);
    if (this.feed.class === 'recoverable') {
      this.#endLagged();
      return undefined;
    }
    this.#setFrames(this.feed.catchUp(this));
    return this.#frames.length === 0 ? undefined : this.pull(budgetBytes);
  }

  /** Goes over to the ring when it knows the place; else asks for the next page of the history. */
  #joinRing(after: string): boolean {
    const start = this.feed.resume(after);
    if (start !== undefined) {
      this.#historyAfter = undefined;
      this.seq = start.seq;
      return true;
    }
    if (!this.#isFetching) {
      this.#isFetching = true;
      void this.#fetchPage(after);
    }
    return false;
  }

  async #fetchPage(after: string): Promise<void> {
    const page = await this.feed.nextPage(after).catch(() => undefined);
    this.#isFetching = false;
    if (!this.active) return;
    if (page === undefined) {
      this.#endLagged();
      return;
    }
    this.#setFrames(page.frames);
    this.#historyAfter = page.historyAfter;
    this.connection.laneReady(this);
  }

  #endLagged(): void {
    this.connection.endSubscription(this, 'LAGGED', 'the subscription fell behind the window of its channel', true);
  }

  /** Its subscription is over. */
  end(): void {
    this.active = false;
    this.#setFrames([]);
  }

  #setFrames(frames: readonly Buffer[]): void {
    this.feed.unsent.letGo(this.#frames);
    this.feed.unsent.hold(frames);
    this.#frames = frames;
    this.#sent = 0;
  }
}
