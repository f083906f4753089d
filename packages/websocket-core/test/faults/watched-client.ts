import { createClient } from '../../src/client/create-client.ts';
import type { Client, ClientOptions, ClientState } from '../../src/client/types.ts';
import { FeedLog, type FeedReport } from './feed-log.ts';

/** One change of a client's state, and when it was. */
export interface StateRecord {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: ClientState;
}

export interface ClientReport {
  readonly states: readonly StateRecord[];
  readonly feeds: Readonly<Record<string, FeedReport>>;
}

/** A client whose states and subscriptions are written down. */
export interface WatchedClient extends ClientReport {
  readonly client: Client;
  readonly log: (channel: string) => FeedLog;
  readonly isOpen: boolean;
  /** All subscriptions are live. */
  readonly isLive: boolean;
}

/** Creates a client that subscribes to these channels. */
export function watchClient(options: ClientOptions, channels: readonly string[]): WatchedClient {
  const states: StateRecord[] = [];
  const client = createClient(options);
  client.onState((state) => {
    states.push({ at: Date.now(), state });
  });
  const logs = new Map(channels.map((channel) => [channel, new FeedLog()]));
  const subscriptions = [...logs].map(([channel, log]) =>
    client.subscribe(channel, {
      onItems: log.onItems.bind(log),
      onPublication: log.onPublication.bind(log),
      onGap: log.onGap.bind(log),
      onState: log.onState.bind(log),
    }),
  );
  return {
    client,
    states,
    log: (channel) => logs.get(channel) as FeedLog,
    get feeds() {
      return Object.fromEntries([...logs].map(([channel, log]) => [channel, log.report()]));
    },
    get isOpen() {
      return client.state.status === 'open';
    },
    get isLive() {
      return client.state.status === 'open' && subscriptions.every(({ state }) => state.status === 'live');
    },
  };
}
