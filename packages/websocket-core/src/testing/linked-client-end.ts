import type { WebSocketLike } from '../core/web-socket-like.ts';
import { utf8Length } from '../protocol/encode.ts';
import { maxCloseReasonBytes } from '../protocol/codes.ts';
import type { BytePipe } from './byte-pipe.ts';
import {
  decodeClose,
  decodeText,
  encodeClose,
  encodeText,
  encodeWireFrame,
  FrameReader,
  opcodes,
  type WireFrame,
} from './frame-codec.ts';

const readyStates = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;

/** What the client's end needs of its pair. */
export interface ClientEndOptions {
  readonly protocol: string;
  /** Bytes on their way to the accepted end. */
  readonly outgoing: BytePipe;
  /** The end is done; the pair lets go of both pipes. */
  readonly onFinished: () => void;
  /** The closing handshake began at this end. */
  readonly onClosing: () => void;
}

type Listener = ((event: never) => void) | null;

/** The connecting end of a linked pair: behaves as the WHATWG WebSocket does, whose codes and errors it throws. */
export class LinkedClientEnd implements WebSocketLike {
  onopen: Listener = null;
  onmessage: Listener = null;
  onclose: Listener = null;
  onerror: Listener = null;
  binaryType = 'blob';
  readonly reader = new FrameReader(Infinity);
  readonly #options: ClientEndOptions;
  #readyState: number = readyStates.connecting;
  #closeSent = false;
  #lostBytes = 0;

  constructor(options: ClientEndOptions) {
    this.#options = options;
  }

  get readyState(): number {
    return this.#readyState;
  }

  get protocol(): string {
    return this.#readyState === readyStates.connecting ? '' : this.#options.protocol;
  }

  /** Counts the heads of frames too, which a browser does not. */
  get bufferedAmount(): number {
    return this.#options.outgoing.queuedBytes + this.#lostBytes;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#readyState === readyStates.connecting)
      throw new DOMException('still in CONNECTING state', 'InvalidStateError');
    const payload = typeof data === 'string' ? encodeText(data) : data;
    if (this.#readyState !== readyStates.open) {
      // The standard's: what is sent after the close is gone, but counted.
      this.#lostBytes += payload.length;
      return;
    }
    this.#write(typeof data === 'string' ? opcodes.text : opcodes.binary, payload);
  }

  close(code?: number, reason = ''): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(
        `the close code must be 1000 or from 3000 to 4999, not ${String(code)}`,
        'InvalidAccessError',
      );
    }
    if (utf8Length(reason) > maxCloseReasonBytes)
      throw new DOMException('the close reason must not be longer than 123 bytes', 'SyntaxError');
    if (this.#readyState >= readyStates.closing) return;
    const wasConnecting = this.#readyState === readyStates.connecting;
    this.#readyState = readyStates.closing;
    if (!wasConnecting) this.#sendClose(code, reason);
    this.#options.onClosing();
  }

  opened(): void {
    if (this.#readyState !== readyStates.connecting) return;
    this.#readyState = readyStates.open;
    dispatch(this.onopen, { type: 'open' });
  }

  /** One frame of what arrived; false when no whole one is there. */
  readFrame(): boolean {
    if (this.#readyState === readyStates.closed) return false;
    return this.reader.take(
      (frame) => {
        this.#onFrame(frame);
      },
      ({ code, message }) => {
        // Fail the connection (RFC 6455 section 7.1.7): the peer is told the code, the page gets 1006.
        if (!this.#closeSent) this.#sendClose(code, message);
        this.failed();
      },
    );
  }

  /** The connection failed or was lost: an error, then 1006. */
  failed(): void {
    if (this.#readyState === readyStates.closed) return;
    this.#readyState = readyStates.closed;
    try {
      dispatch(this.onerror, { type: 'error' });
    } finally {
      this.#finish(1006, '', false);
    }
  }

  /** The socket went away without a close frame. */
  lost(): void {
    if (this.#readyState !== readyStates.closed) this.#finish(1006, '', false);
  }

  #onFrame(frame: WireFrame): void {
    switch (frame.opcode) {
      case opcodes.close:
        this.#onCloseFrame(frame);
        return;
      case opcodes.ping:
        if (!this.#closeSent) this.#write(opcodes.pong, frame.payload);
        return;
      case opcodes.text: {
        const data = decodeText(frame.payload);
        if (this.#readyState === readyStates.open) dispatch(this.onmessage, { type: 'message', data });
        return;
      }
      case opcodes.binary: {
        if (this.#readyState !== readyStates.open) return;
        const data = this.binaryType === 'arraybuffer' ? frame.payload.buffer : new Blob([frame.payload]);
        dispatch(this.onmessage, { type: 'message', data });
        return;
      }
      default:
    }
  }

  #onCloseFrame(frame: WireFrame): void {
    const { code, reason } = decodeClose(frame.payload);
    if (!this.#closeSent) this.#sendClose(code === 1005 ? undefined : code, reason);
    this.#finish(code, reason, true);
  }

  #sendClose(code: number | undefined, reason: string): void {
    this.#closeSent = true;
    this.#write(opcodes.close, encodeClose(code, reason));
  }

  #write(opcode: number, payload: Uint8Array): void {
    this.#options.outgoing.write(encodeWireFrame(opcode, payload));
  }

  #finish(code: number, reason: string, wasClean: boolean): void {
    this.#readyState = readyStates.closed;
    this.#options.onFinished();
    dispatch(this.onclose, { type: 'close', code, reason, wasClean });
  }
}

function dispatch(listener: Listener, event: object): void {
  listener?.(event as never);
}
