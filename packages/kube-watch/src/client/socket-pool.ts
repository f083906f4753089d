import { FleetwireError, type Clock, type TimerHandle } from '@fleetwire/websocket-core';
import { createKubeBackoff, type KubeBackoff } from '../core/cluster-memory.ts';
import type { DialSocket } from './socket-dialer.ts';

/** Which socket. Requests that are equal in all of it share one. */
export interface SocketRequest {
  readonly cluster: string;
  /** A path below the cluster with its query, or an address with a host. */
  readonly url: string;
  /** Default `json`. */
  readonly type?: 'json' | 'binary' | undefined;
  /** Offered after `base64.binary.k8s.io`. */
  readonly protocols?: readonly string[] | undefined;
}

/** Who listens to a socket. */
export interface SocketListener {
  readonly onMessage: (data: unknown) => void;
  /** The socket is open, or already was. */
  readonly onOpen?: (() => void) | undefined;
  /** A failed attempt, once each; a message that is no JSON; what a listener threw. */
  readonly onError?: ((error: FleetwireError) => void) | undefined;
  /** `maxRetries` failed in a row; nothing comes any more. */
  readonly onStopped?: ((error: FleetwireError) => void) | undefined;
}

/** Sockets that many share; see {@link createSocketPool}. */
export interface SocketPool {
  /** Returns its undo. After `dispose` nothing is opened, and the listener is told so by `onStopped`. */
  add(request: SocketRequest, listener: SocketListener): () => void;
  /** Sockets that are open, opening or waiting to be opened again. */
  readonly size: number;
  /** Messages that were no JSON. */
  readonly malformedCount: number;
  dispose(): void;
}

export interface SocketPoolOptions {
  readonly dial: DialSocket;
  readonly clock: Clock;
  readonly random: () => number;
  /** Default: without end. */
  readonly maxRetries?: number | undefined;
  /** What the listeners of a socket are told, once for the socket, however many they are. */
  readonly onError?: ((error: FleetwireError) => void) | undefined;
}

interface Entry {
  readonly key: string;
  readonly request: SocketRequest;
  readonly listeners: Set<SocketListener>;
  readonly backoff: KubeBackoff;
  /** `waiting` until the timer dials again. */
  state: 'pending' | 'open' | 'waiting' | 'closed';
  socket: WebSocket | undefined;
  timer: TimerHandle;
  failures: number;
}

/**
 * One socket for each cluster and url from the moment that it is asked for: a second listener joins it, the last one
 * closes it. A socket that nobody wants any more while it connects is closed when it opens, since to close it before is
 * an error in browsers; who comes meanwhile joins it. A lost socket is dialled again under the back-off.
 */
export function createSocketPool(options: SocketPoolOptions): SocketPool {
  const { dial, clock, random, maxRetries = Infinity } = options;
  const entries = new Map<string, Entry>();
  let malformedCount = 0;
  let isDisposed = false;

  const tell = (entry: Entry, call: (listener: SocketListener) => void): void => {
    for (const listener of [...entry.listeners]) {
      if (!entry.listeners.has(listener)) continue;
      try {
        call(listener);
      } catch (cause) {
        const error = new FleetwireError('LISTENER_FAILED', 'a listener of a WebSocket has thrown', { cause });
        report(listener, error);
        report(options, error);
      }
    }
  };
  const reportAll = (entry: Entry, error: FleetwireError): void => {
    for (const listener of [...entry.listeners]) report(listener, error);
    report(options, error);
  };
  const report = (listener: Pick<SocketListener, 'onError'>, error: FleetwireError): void => {
    try {
      listener.onError?.(error);
    } catch {
      // Whoever throws at being told of an error is told of nothing more.
    }
  };

  const drop = (entry: Entry): void => {
    entry.state = 'closed';
    clock.clearTimeout(entry.timer);
    if (entries.get(entry.key) === entry) entries.delete(entry.key);
    entry.socket?.close();
    entry.socket = undefined;
  };

  const failed = (entry: Entry, error: FleetwireError): void => {
    if (entry.state === 'closed') return;
    entry.socket = undefined;
    if (entry.listeners.size === 0) {
      drop(entry);
      return;
    }
    entry.failures += 1;
    entry.state = 'waiting';
    reportAll(entry, error);
    if (entry.failures > maxRetries) {
      tell(entry, ({ onStopped }) => onStopped?.(error));
      entry.listeners.clear();
      drop(entry);
      return;
    }
    entry.timer = clock.setTimeout(() => {
      void connect(entry);
    }, entry.backoff.failed());
  };

  const connect = async (entry: Entry): Promise<void> => {
    entry.state = 'pending';
    try {
      const socket = await dial(
        {
          ...entry.request,
          type: entry.request.type ?? 'json',
          onMessage: (data) => {
            tell(entry, ({ onMessage }) => {
              onMessage(data);
            });
          },
          onError: (error) => {
            malformedCount += 1;
            reportAll(entry, error);
          },
          onClose: ({ code }) => {
            failed(entry, new FleetwireError('CONNECTION_LOST', `the WebSocket was closed (${String(code)})`));
          },
        },
        () => entry.state === 'pending' && entry.listeners.size > 0,
      );
      if (entry.state !== 'pending' || entry.listeners.size === 0) {
        entry.socket = socket;
        drop(entry);
        return;
      }
      // Who was alone left while the token was fetched, and another came before this was seen.
      if (socket === undefined) {
        void connect(entry);
        return;
      }
      entry.socket = socket;
      entry.state = 'open';
      entry.failures = 0;
      entry.backoff.succeeded();
      tell(entry, ({ onOpen }) => onOpen?.());
    } catch (cause) {
      failed(
        entry,
        cause instanceof FleetwireError ? cause : new FleetwireError('UNAVAILABLE', String(cause), { cause }),
      );
    }
  };

  return {
    get size() {
      return entries.size;
    },
    get malformedCount() {
      return malformedCount;
    },
    add(request, listener) {
      if (isDisposed) {
        listener.onStopped?.(new FleetwireError('DISPOSED', 'the kube-watch client was disposed'));
        return () => {};
      }
      const { cluster, url, type = 'json', protocols = [] } = request;
      const key = JSON.stringify([cluster, url, type, protocols]);
      let entry = entries.get(key);
      // A listener that is added twice is two.
      const own: SocketListener = { ...listener };
      if (entry === undefined) {
        const backoff = createKubeBackoff(clock, random);
        const listeners = new Set([own]);
        entry = {
          key,
          request,
          listeners,
          backoff,
          state: 'pending',
          socket: undefined,
          timer: undefined,
          failures: 0,
        };
        entries.set(key, entry);
        void connect(entry);
      } else {
        entry.listeners.add(own);
        if (entry.state === 'open') own.onOpen?.();
      }
      const joined = entry;
      return () => {
        if (!joined.listeners.delete(own) || joined.listeners.size > 0) return;
        if (joined.state === 'open' || joined.state === 'waiting') drop(joined);
      };
    },
    dispose() {
      isDisposed = true;
      for (const entry of [...entries.values()]) {
        entry.listeners.clear();
        if (entry.state !== 'pending') drop(entry);
        entries.delete(entry.key);
      }
    },
  };
}
