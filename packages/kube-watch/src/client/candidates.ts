import { FleetwireError, type Clock } from '@fleetwire/websocket-core';
import type { Client, ClientState } from '@fleetwire/websocket-core/client';
import type { WatchTransport } from '../core/watch-transport.ts';
import { createFetchTransport } from './direct-fetch.ts';
import { createWebSocketTransport } from './direct-websocket.ts';
import type { KubeHttp } from './http.ts';
import { createMultiplexedTransport } from './multiplexed.ts';
import { createPollingTransport } from './polling.ts';
import type { DialSocket } from './socket-dialer.ts';
import type { TransportCandidate } from './transport-selector.ts';
import type { KubeWatchClientOptions } from './types.ts';

/**
 * The transports that the options allow, the best first, and what carries Tables where WebSockets do not. Throws
 * INVALID_ARGUMENT for `multiplexed` without a client.
 */
export function transportCandidates(
  options: KubeWatchClientOptions,
  http: KubeHttp,
  dial: DialSocket,
  clock: Clock,
): { readonly candidates: readonly TransportCandidate[]; readonly tables: WatchTransport } {
  const { client, directTransport, transport = 'auto', watchList = false } = options;
  const fetching = { transport: { ...createFetchTransport(http, clock), supportsWatchList: watchList } };
  const webSockets = { transport: { ...createWebSocketTransport(http, dial, clock), supportsWatchList: watchList } };
  const polling = { transport: createPollingTransport(http) };
  const choose = (): readonly TransportCandidate[] => {
    switch (transport) {
      case 'multiplexed':
        if (client === undefined) throw new FleetwireError('INVALID_ARGUMENT', 'transport multiplexed needs a client');
        return [multiplexed(http, client, clock)];
      case 'direct':
        if (directTransport === undefined) return [webSockets, fetching];
        return [directTransport === 'fetch' ? fetching : webSockets];
      case 'polling':
        return [polling];
      case 'auto':
        return client === undefined
          ? [webSockets, fetching, polling]
          : [multiplexed(http, client, clock), fetching, polling];
    }
  };
  return { candidates: choose(), tables: fetching.transport };
}

function multiplexed(http: KubeHttp, client: Client, clock: Clock): TransportCandidate {
  return {
    transport: createMultiplexedTransport(http, client, clock),
    outage: () => describeOutage(client.state),
    onOutage: (listener) => client.onState(listener),
  };
}

function describeOutage(state: ClientState): string | undefined {
  switch (state.status) {
    case 'open':
      return undefined;
    case 'closed':
      return `the Fleetwire socket is closed (${String(state.code)})`;
    case 'idle':
      return 'the Fleetwire socket was not opened';
    case 'connecting':
    case 'backoff':
      return 'the Fleetwire socket does not open';
  }
}
