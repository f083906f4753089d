import type { BackoffSteps, Clock } from '@fleetwire/websocket-core';
import type { AddressLookup } from './addresses.ts';

/** How long each step of a fetch may take, in milliseconds. */
export interface FetchTimeouts {
  /** To look a name up; and to connect, with TLS. Default: 10 s. */
  readonly connectMs: number;
  /** From the request to the headers of the answer. Default: 20 s. */
  readonly headersMs: number;
  /** Between two pieces of a body. Default: 20 s. */
  readonly idleMs: number;
  /** All of it, with redirects and retries. Default: 5 min. */
  readonly wholeMs: number;
}

/** What all fetches of a fetcher share. */
export interface FetchSettings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly lookup: AddressLookup;
  /** PEM; trusted beside the authorities of the machine. */
  readonly ca: string | undefined;
  readonly proxy: string | undefined;
  /** What names the proxy, for messages. */
  readonly proxyName: string;
  /** Hosts that the proxy is not asked for; as `NO_PROXY` has them. */
  readonly noProxy: string;
  readonly userAgent: string;
  readonly timeouts: FetchTimeouts;
  readonly maxRedirects: number;
  /** Attempts after the first. */
  readonly retries: number;
  readonly backoff: BackoffSteps;
  /** Longest wait that a `Retry-After` may ask for. */
  readonly maxRetryAfterMs: number;
}
