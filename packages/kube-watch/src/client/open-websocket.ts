import { FleetwireError } from '@fleetwire/websocket-core';
import { KUBE_BINARY_SUBPROTOCOL } from '../protocol/subprotocol.ts';
import { toWebSocketUrl } from './http.ts';

/** How one WebSocket is opened. */
export interface OpenWebSocketOptions<T = unknown> {
  /** Offered after `base64.binary.k8s.io`; an entry that carries a bearer token belongs here. */
  readonly protocols?: readonly string[] | undefined;
  /**
   * `json` parses each message. `binary` (default) gives it as it came: an ArrayBuffer, or a string when the server sent
   * text.
   */
  readonly type?: 'json' | 'binary' | undefined;
  /** Puts `/clusters/{cluster}` before a path. An address with a host is dialled as it is. */
  readonly cluster?: string | undefined;
  readonly onMessage: (data: T) => void;
  /** A message that is no JSON (code KUBE_MALFORMED), and what `onMessage` threw (code LISTENER_FAILED). */
  readonly onError?: ((error: FleetwireError) => void) | undefined;
  /** The socket is gone after it was open. */
  readonly onClose?: ((close: { readonly code: number; readonly reason: string }) => void) | undefined;
  /** Gives it up while it is not open yet; later it does nothing. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the runtime's own. */
  readonly WebSocket?: typeof WebSocket | undefined;
}

/**
 * Opens a WebSocket to a cluster. Resolves once it is open; rejects with UNAVAILABLE when it closes before, which is all
 * that a browser tells of a refused handshake, and with the reason of `signal`. The messages of an open socket reach `onMessage` one by one, and what it
 * throws stops neither the socket nor later messages.
 */
export function openWebSocket<T = unknown>(url: string, options: OpenWebSocketOptions<T>): Promise<WebSocket> {
  const { cluster, onError, onMessage, protocols = [], signal, type = 'binary' } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const Constructor = options.WebSocket ?? globalThis.WebSocket;
    const socket = new Constructor(addressOf(url, cluster), [KUBE_BINARY_SUBPROTOCOL, ...protocols]);
    let isOpen = false;
    const giveUp = (): void => {
      reject(signal?.reason as Error);
      socket.close();
    };
    signal?.addEventListener('abort', giveUp);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      isOpen = true;
      signal?.removeEventListener('abort', giveUp);
      resolve(socket);
    };
    socket.onmessage = (event: MessageEvent) => {
      const data = type === 'json' ? parse(event.data, onError) : { value: event.data as unknown };
      if (data === undefined) return;
      try {
        onMessage(data.value as T);
      } catch (cause) {
        onError?.(new FleetwireError('LISTENER_FAILED', 'a listener of a WebSocket has thrown', { cause }));
      }
    };
    // `close` follows, and has the code.
    socket.onerror = () => {};
    socket.onclose = ({ code, reason }) => {
      signal?.removeEventListener('abort', giveUp);
      if (isOpen) options.onClose?.({ code, reason });
      else
        reject(
          new FleetwireError('UNAVAILABLE', `the WebSocket did not open (${String(code)})`, { details: { code } }),
        );
    };
  });
}

/** `/api/v1/pods?watch=1` of a cluster, on the page's host. */
function addressOf(url: string, cluster: string | undefined): string {
  if (/^[a-z]+:/i.test(url)) return toWebSocketUrl(url);
  const path = `/${url.replace(/^\/+/, '')}`;
  return toWebSocketUrl(
    cluster === undefined || cluster === '' ? path : `/clusters/${encodeURIComponent(cluster)}${path}`,
  );
}

function parse(data: unknown, onError: OpenWebSocketOptions['onError']): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer)) };
  } catch (cause) {
    onError?.(new FleetwireError('KUBE_MALFORMED', 'expected a message in JSON', { cause }));
    return undefined;
  }
}
