import type { Connection } from './connection.ts';
import type { Feed } from './feed.ts';

/**
 * Gathers what one tick of the event loop publishes and writes it at the tick's end: one write for each connection,
 * whatever the number of publications. Coalescing the writes of a tick is what makes fan-out fast.
 */
export class FlushScheduler {
  readonly #onFlushed: (seconds: number) => void;
  #feeds: Feed[] = [];
  #connections: Connection[] = [];
  #scheduled = false;

  constructor(onFlushed: (seconds: number) => void) {
    this.#onFlushed = onFlushed;
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
        cursor.connection.laneReady(cursor);
      }
    }
    const connections = this.#connections;
    this.#connections = [];
    for (const connection of connections) {
      connection.dirty = false;
      connection.pump();
    }
    if (feeds.length > 0) this.#onFlushed((performance.now() - startedAt) / 1000);
  };
}
