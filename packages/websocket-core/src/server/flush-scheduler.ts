import type { Connection } from './connection.ts';
import type { Feed } from './feed.ts';

/**
 * Gathers what one tick of the event loop publishes and writes it at the tick's end: one write for each connection,
 * whatever the number of publications. Coalescing the writes of a tick is what makes fan-out fast.
 */
export class FlushScheduler {
  readonly #onFlushed: (seconds: number) => void;
  readonly #onFailed: (connection: Connection, error: unknown) => void;
  #feeds: Feed[] = [];
  #connections: Connection[] = [];
  #scheduled = false;

  /** `onFailed` is told of a connection that could not be served; the others are served all the same. */
  constructor(onFlushed: (seconds: number) => void, onFailed: (connection: Connection, error: unknown) => void) {
    this.#onFlushed = onFlushed;
    this.#onFailed = onFailed;
  }

  wakeFeed(feed: Feed): void {
    if (feed.dirty) return;
    feed.dirty = true;
    this.#feeds.push(feed);
    this.#schedule();
  }

  wakeConnection(connection: Connection): void {
    if (connection.dirty) return;
    connection.dirty = true;
    this.#connections.push(connection);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    const startedAt = performance.now();
    const feeds = this.#feeds;
    this.#feeds = [];
    for (const feed of feeds) {
      feed.dirty = false;
      for (const cursor of feed.cursors) {
        if (cursor.ready || !cursor.active) continue;
        try {
          cursor.connection.laneReady(cursor);
        } catch (error) {
          this.#onFailed(cursor.connection, error);
        }
      }
    }
    const connections = this.#connections;
    this.#connections = [];
    for (const connection of connections) {
      connection.dirty = false;
      try {
        connection.pump();
      } catch (error) {
        this.#onFailed(connection, error);
      }
    }
    if (feeds.length > 0) this.#onFlushed((performance.now() - startedAt) / 1000);
  };
}
