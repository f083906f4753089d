import { useEffect, useRef } from 'react';
import type { FleetwireError } from '@fleetwire/websocket-core';
import type { WebSocketConnectionRequest } from '../protocol/websocket-request.ts';
import { useKubeWatchClient } from './kube-watch-provider.ts';
import { useStable } from './use-list-slots.ts';

/** A socket of JSON messages. The functions may be new at each render. */
export interface UseWebSocketOptions<T> {
  /** A path below the cluster with its query, or an address with a host. Another result is another socket. */
  readonly url: () => string;
  /** Default true. */
  readonly enabled?: boolean | undefined;
  /** Default none: a path is then taken on the page's host. */
  readonly cluster?: string | undefined;
  readonly onMessage: (data: T) => void;
  /** Each failed attempt once, messages that are no JSON, and what `onMessage` threw. */
  readonly onError?: ((error: FleetwireError) => void) | undefined;
}

/**
 * Keeps a WebSocket open while the component is mounted. Components that ask for the same cluster and url share it; it is
 * dialled again when it is lost.
 */
export function useWebSocket<T = unknown>(options: UseWebSocketOptions<T>): void {
  const { cluster = '', enabled = true, url } = options;
  const { webSockets } = useKubeWatchClient();
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const address = enabled ? url() : undefined;
  useEffect(() => {
    if (address === undefined) return undefined;
    return webSockets.open(
      { cluster, url: address },
      {
        onMessage: (data) => {
          latest.current.onMessage(data as T);
        },
        onError: (error) => latest.current.onError?.(error),
      },
    );
  }, [webSockets, cluster, address]);
}

/** Several sockets at once. */
export interface UseWebSocketsOptions<T> {
  /** Compared by cluster and url; `onMessage` may be new at each render. */
  readonly connections: readonly WebSocketConnectionRequest<T>[];
  /** Default true. */
  readonly enabled?: boolean | undefined;
  /** Offered after `base64.binary.k8s.io`. */
  readonly protocols?: readonly string[] | undefined;
  /** Default `json`. `binary` gives an ArrayBuffer, or a string when the server sent text. */
  readonly type?: 'json' | 'binary' | undefined;
}

/** As {@link useWebSocket}, for several. One that is added or left out touches none of the others. */
export function useWebSockets<T = unknown>(options: UseWebSocketsOptions<T>): void {
  const { connections, enabled = true, type = 'json' } = options;
  const { webSockets } = useKubeWatchClient();
  const latest = useRef(connections);
  useEffect(() => {
    latest.current = connections;
  });
  const open = useRef(new Map<string, () => void>());
  const places = useStable(enabled ? connections.map(({ cluster, url }) => ({ cluster, url })) : []);
  const protocols = useStable(options.protocols);
  useEffect(() => {
    const known = open.current;
    const wanted = new Map(places.map((place) => [JSON.stringify([place, type, protocols]), place]));
    for (const [key, { cluster, url }] of wanted) {
      if (known.has(key)) continue;
      const onMessage = (data: unknown): void => {
        for (const one of latest.current) if (one.cluster === cluster && one.url === url) one.onMessage(data as T);
      };
      known.set(key, webSockets.open({ cluster, url, type, protocols }, { onMessage }));
    }
    for (const [key, undo] of [...known]) {
      if (wanted.has(key)) continue;
      known.delete(key);
      undo();
    }
  }, [webSockets, places, protocols, type]);
  useEffect(() => {
    const known = open.current;
    return () => {
      for (const undo of known.values()) undo();
      known.clear();
    };
  }, [webSockets]);
}
