import type { Broker, BrokerEntry } from '../../src/core/broker.ts';

// Carries a broker of the test to server processes, so that two of them are replicas: one JSON text a line.

/** What a replica asks of the broker. */
export type BrokerOperation =
  | { readonly op: 'publish'; readonly args: Parameters<Broker['publish']> }
  | { readonly op: 'history'; readonly args: Parameters<Broker['history']> }
  | { readonly op: 'subscribe' | 'unsubscribe'; readonly feed: string; readonly subscription: number };

/** What the broker host says: an answer, or an entry of a subscription. */
export type BrokerLine =
  | {
      readonly id: number;
      readonly result?: unknown;
      readonly error?: { readonly code: string; readonly message: string };
    }
  | { readonly subscription: number; readonly entry: BrokerEntry };
