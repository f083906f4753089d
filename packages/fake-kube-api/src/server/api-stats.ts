import type { ApiStats } from './types.ts';

// Enough for a test that counts, little enough for a demo that runs for days.
const MAX_REQUESTS = 10_000;

type RequestRecord = { -readonly [K in keyof ApiStats['requests'][number]]: ApiStats['requests'][number][K] };

/** One request on its way, as the statistics follow it. */
export interface RequestTrack {
  user(name: string): void;
  status(code: number): void;
  watchOpened(): void;
  /** Idempotent. */
  closed(): void;
}

/** Statistics that the server writes and its owner reads. */
export interface StatsBox extends ApiStats {
  begin(facts: {
    readonly method: string;
    readonly path: string;
    readonly query: URLSearchParams;
    readonly isWatch: boolean;
  }): RequestTrack;
}

/** Creates empty statistics. */
export function createStats(): StatsBox {
  let requests: RequestRecord[] = [];
  let openWatches = 0;
  return {
    get openWatches() {
      return openWatches;
    },
    get requests() {
      return requests;
    },
    reset() {
      requests = [];
    },
    begin({ method, path, query, isWatch }) {
      const record: RequestRecord = { method, path, query: Object.fromEntries(query), isWatch, status: undefined };
      requests.push(record);
      if (requests.length > MAX_REQUESTS) requests.splice(0, requests.length - MAX_REQUESTS);
      let isOpen = false;
      return {
        user(name) {
          record.user = name;
        },
        status(code) {
          record.status = code;
        },
        watchOpened() {
          isOpen = true;
          openWatches += 1;
        },
        closed() {
          if (isOpen) openWatches -= 1;
          isOpen = false;
        },
      };
    },
  };
}
