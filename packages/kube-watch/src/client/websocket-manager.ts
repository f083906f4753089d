import { FleetwireError } from '@fleetwire/websocket-core';
import { checkWatchEvent } from '../core/watch-lines.ts';
import type { SocketListener, SocketPool, SocketRequest } from './socket-pool.ts';

/** Plain watches over WebSockets: one socket per cluster, path and query, shared by its listeners. */
export interface WebSocketManager {
  /**
   * Calls `onMessage` with each watch event, parsed. `query` is without `?`. Resolves, once the socket is open, to its
   * undo; the last one closes the socket. A lost socket is dialled again with the same query, so events may come twice.
   * Rejects with the last error once `maxRetries` attempts failed, with ABORTED when `signal` says that it is not wanted
   * any more before it is open (by default a cluster that is away is dialled without end), and with DISPOSED.
   */
  subscribe(
    cluster: string,
    path: string,
    query: string,
    onMessage: (event: unknown) => void,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<() => void>;
  /** Any socket of a cluster, shared by those who ask for the same; returns its undo. */
  open(request: SocketRequest, listener: SocketListener): () => void;
  /** Sockets that are open, opening or waiting to be opened again. */
  readonly size: number;
  /** Messages that were no watch event, or no JSON. */
  readonly malformedCount: number;
  dispose(): void;
}

/** Makes the manager. `onError` is told of messages that are no watch events; of all else the pool tells. */
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
    subscribe(cluster, path, query, onMessage, { signal } = {}) {
      return new Promise((resolve, reject) => {
        let undo: (() => void) | undefined = undefined;
        const settle = (): void => {
          pending.delete(stop);
          signal?.removeEventListener('abort', onAbort);
        };
        const stop = (error: FleetwireError): void => {
          settle();
          undo?.();
          reject(error);
        };
        const onAbort = (): void => {
          stop(new FleetwireError('ABORTED', 'the subscription was aborted'));
        };
        if (signal?.aborted === true) {
          onAbort();
          return;
        }
        pending.add(stop);
        signal?.addEventListener('abort', onAbort);
        let isOpen = false;
        const onOpen = (): void => {
          isOpen = true;
          if (undo === undefined) return;
          settle();
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
