import { FleetwireError } from '../core/errors.ts';
import type { OpenSocket, WebSocketLike } from '../core/web-socket-like.ts';
import { clipCloseReason, encodeFrame } from '../protocol/encode.ts';
import type { HelloFrame } from '../protocol/frames.ts';
import { PROTOCOL_NAME } from '../protocol/version.ts';
import { isConfidential } from './resolve-url.ts';
import type { FrameSink } from './send-queue.ts';

/** What a connection tells the client. Nothing comes after `close` was called. */
export interface ConnectionEvents {
  onText(text: string): void;
  onBinary(bytes: Uint8Array): void;
  onClosed(code: number, reason: string): void;
  /** The attempt failed; another may succeed. */
  onFailed(error: FleetwireError): void;
  /** No attempt can succeed. */
  onRefused(error: FleetwireError): void;
  onViolation(code: number, reason: string): void;
}

export interface ConnectionOptions {
  readonly url: () => string;
  readonly openSocket: OpenSocket;
  readonly allowInsecureToken: boolean;
  readonly takeToken: (signal: AbortSignal) => Promise<string | undefined>;
  readonly hello: (token: string | undefined) => HelloFrame;
  readonly events: ConnectionEvents;
}

interface CloseLike {
  readonly code: number;
  readonly reason: string;
}

/** One attempt: gets the token, opens the socket, says hello, and passes on what comes. */
export class Connection implements FrameSink {
  readonly #options: ConnectionOptions;
  readonly #abort = new AbortController();
  #socket: WebSocketLike | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    void this.#open();
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(text: string): void {
    try {
      this.#socket?.send(text);
    } catch {
      // A socket that cannot send says so by closing as well.
    }
  }

  /** Closes and says nothing any more. */
  close(code: number, reason: string): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    // `ws` throws an error that has no listener.
    socket.onerror = () => {};
    try {
      socket.close(sendableCloseCode(code), clipCloseReason(reason));
    } catch {
      // The socket had failed already.
    }
  }

  async #open(): Promise<void> {
    const { events, takeToken } = this.#options;
    let token: string | undefined;
    try {
      token = await takeToken(this.#abort.signal);
    } catch (error) {
      if (!this.#abort.signal.aborted) events.onFailed(error as FleetwireError);
      return;
    }
    if (this.#abort.signal.aborted) return;
    try {
      this.#dial(token);
    } catch (error) {
      if (error instanceof FleetwireError) events.onRefused(error);
      else events.onFailed(new FleetwireError('UNAVAILABLE', 'the socket could not be opened', { cause: error }));
    }
  }

  #dial(token: string | undefined): void {
    const { allowInsecureToken, events, hello } = this.#options;
    const url = this.#options.url();
    if (token !== undefined && !allowInsecureToken && !isConfidential(url)) {
      throw new FleetwireError('INSECURE_URL', `a token would travel unencrypted to ${new URL(url).host}`);
    }
    const socket = this.#options.openSocket(url, [PROTOCOL_NAME]);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (socket.protocol === PROTOCOL_NAME) this.send(encodeFrame(hello(token)));
      else events.onViolation(1002, `the server did not agree on ${PROTOCOL_NAME}`);
    };
    socket.onmessage = ({ data }: { readonly data: string | ArrayBuffer }) => {
      if (typeof data === 'string') events.onText(data);
      else events.onBinary(new Uint8Array(data));
    };
    // The close that follows says all that a page may know.
    socket.onerror = () => {};
    socket.onclose = ({ code, reason }: CloseLike) => {
      this.#abort.abort();
      events.onClosed(code, reason);
    };
  }
}

/** Opens the runtime's own WebSocket: browsers, workers, Node from 22. Throws MISSING_PEER where there is none. */
export const openNativeSocket: OpenSocket = (url, protocols) => {
  const Native = (globalThis as { readonly WebSocket?: new (url: string, protocols: string[]) => WebSocketLike })
    .WebSocket;
  if (Native === undefined) {
    throw new FleetwireError('MISSING_PEER', 'this runtime has no WebSocket: pass `openSocket`, for instance with ws');
  }
  return new Native(url, protocols);
};

/** A page may close with 1000 and from 3000 to 4999 only (WHATWG WebSockets, `close`); 1002 goes out as 4002. */
function sendableCloseCode(code: number): number {
  if (code === 1000 || (code >= 3000 && code <= 4999)) return code;
  return code > 1000 && code < 1100 ? code + 3000 : 4000;
}
