import { FleetwireError } from '@fleetwire/websocket-core';
import { checkWatchEvent } from '../core/watch-lines.ts';
import type { SocketListener, SocketPool, SocketRequest } from './socket-pool.ts';

/** Plain watches over WebSockets: one socket per cluster, path and query, shared by its listeners. */
export interface WebSocketManager {
  /**
   * Calls `onMessage` with each watch event, parsed. `query` is without `?`. Resolves, once the socket is open, to its
   * undo; the last one closes the socket. A lost socket is dialled again with the same query, so events may come twice.
   * Rejects with the last error once `maxRetries` attempts failed, and with DISPOSED.
   */
  subscribe(cluster: string, path: string, query: string, onMessage: (event: unknown) => void): Promise<() => void>;
  /** Any socket of a cluster, shared by those who ask for the same; returns its undo. */
  open(request: SocketRequest, listener: SocketListener): () => void;
  /** Sockets that are open, opening or waiting to be opened again. */
  readonly size: number;
  /** Messages that were no watch event, or no JSON. */
  readonly malformedCount: number;
  dispose(): void;
}

/** Makes the manager. `onError` is told of each failed attempt, and of messages that are no watch events. */
export function createWebSocketManager(pool: SocketPool, onError: (error: FleetwireError) => void): WebSocketManager {
  let malformedCount = 0;
  const pending = new Set<(error: FleetwireError) => void>();
  return {
    get size() {
      return pool.size;
    },
    get malformedCount() {
      return malformedCount + pool.malformedCount;
    },
    open: (request, listener) => pool.add(request, listener),
    subscribe(cluster, path, query, onMessage) {
      return new Promise((resolve, reject) => {
        const stop = (error: FleetwireError): void => {
          pending.delete(stop);
          undo?.();
          reject(error);
        };
        pending.add(stop);
        let isOpen = false;
        let undo: (() => void) | undefined = undefined;
        const onOpen = (): void => {
          isOpen = true;
          if (undo === undefined) return;
          pending.delete(stop);
          resolve(undo);
        };
        undo = pool.add(
          { cluster, url: query === '' ? path : `${path}?${query}` },
          {
            onMessage: (event) => {
              const message = checkWatchEvent(event, { cluster });
              if (message.ok) onMessage(event);
              else {
                malformedCount += 1;
                onError(message.error);
              }
            },
            onOpen,
            onError,
            onStopped: stop,
          },
        );
        // It was open already, and told so before there was an undo to resolve to.
        if (isOpen) onOpen();
      });
    },
    dispose() {
      pool.dispose();
      for (const stop of [...pending]) stop(new FleetwireError('DISPOSED', 'the kube-watch client was disposed'));
    },
  };
}
