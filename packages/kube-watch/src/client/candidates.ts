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

/** The transports that the options allow, the best first. Throws INVALID_ARGUMENT for `multiplexed` without a client. */
export function transportCandidates(
  options: KubeWatchClientOptions,
  http: KubeHttp,
  dial: DialSocket,
  clock: Clock,
): readonly TransportCandidate[] {
  const { client, directTransport, transport = 'auto', watchList = false } = options;
  const direct = (kind: 'websocket' | 'fetch'): TransportCandidate => {
    const made = kind === 'fetch' ? createFetchTransport(http, clock) : createWebSocketTransport(http, dial, clock);
    return { transport: { ...made, supportsWatchList: watchList } satisfies WatchTransport };
  };
  const both = [direct('websocket'), direct('fetch')];
  const polling = { transport: createPollingTransport(http) };
  switch (transport) {
    case 'multiplexed':
      if (client === undefined) throw new FleetwireError('INVALID_ARGUMENT', 'transport multiplexed needs a client');
      return [multiplexed(http, client)];
    case 'direct':
      return directTransport === undefined ? both : [direct(directTransport)];
    case 'polling':
      return [polling];
    case 'auto':
      return client === undefined ? [...both, polling] : [multiplexed(http, client), direct('fetch'), polling];
  }
}

function multiplexed(http: KubeHttp, client: Client): TransportCandidate {
  return {
    transport: createMultiplexedTransport(http, client),
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
