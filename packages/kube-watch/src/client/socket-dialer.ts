import { FleetwireError, type Clock } from '@fleetwire/websocket-core';
import { FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX, KUBE_BEARER_SUBPROTOCOL_PREFIX } from '../protocol/subprotocol.ts';
import { bearerProtocol } from './bearer-protocol.ts';
import type { KubeHttp } from './http.ts';
import { openWebSocket, type OpenWebSocketOptions } from './open-websocket.ts';

/** A socket to a path of a cluster. */
export interface DialRequest extends Omit<OpenWebSocketOptions, 'WebSocket' | 'signal'> {
  readonly cluster: string;
  /** With the query; or an address with a host, which gets no token unless it is of this cluster. */
  readonly url: string;
}

/**
 * Opens sockets with the client's token. `isWanted` is asked after the token came, so that nothing is dialled in vain. One
 * that is not open after 10 s is closed, and rejects with UNAVAILABLE.
 */
export type DialSocket = (request: DialRequest, isWanted: () => boolean) => Promise<WebSocket | undefined>;

/** A browser opens few at a time to one host: one that hangs keeps others from it. */
const openTimeoutMs = 10_000;

/**
 * Fleetwire's proxy and a Kubernetes API take the token under different prefixes. A server takes the entry only beside
 * another protocol, which openWebSocket offers first.
 */
export function createSocketDialer(http: KubeHttp, clock: Clock, constructor?: typeof WebSocket): DialSocket {
  const prefix = http.isProxied ? FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX : KUBE_BEARER_SUBPROTOCOL_PREFIX;
  return async ({ cluster, url, protocols = [], ...more }, isWanted) => {
    const isPath = !/^[a-z]+:/i.test(url);
    const isPlain = isPath && cluster === '';
    const address = isPath && !isPlain ? http.webSocketUrlOf(cluster, url.startsWith('/') ? url : `/${url}`) : url;
    const isOurs = isPath ? !isPlain : address.startsWith(http.webSocketUrlOf(cluster, '/'));
    const token = isOurs ? await http.token(cluster, address) : undefined;
    if (!isWanted()) return undefined;
    const bearer = token === undefined ? [] : [bearerProtocol(prefix, token)];
    const controller = new AbortController();
    const timer = clock.setTimeout(() => {
      controller.abort(new FleetwireError('UNAVAILABLE', 'the WebSocket did not open within 10 s'));
    }, openTimeoutMs);
    const { signal } = controller;
    try {
      return await openWebSocket(address, {
        ...more,
        protocols: [...protocols, ...bearer],
        signal,
        WebSocket: constructor,
      });
    } finally {
      clock.clearTimeout(timer);
    }
  };
}
