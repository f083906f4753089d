import type { AcceptedSocket, AcceptedSocketHandler } from '../core/accepted-socket.ts';
import type { BytePipe } from './byte-pipe.ts';
import {
  decodeClose,
  decodeText,
  encodeClose,
  encodeWireFrame,
  FrameReader,
  isSendableCloseCode,
  opcodes,
  type WireFrame,
} from './frame-codec.ts';

/** What the accepted end needs of its pair. */
export interface AcceptedEndOptions {
  readonly maxPayloadBytes: number;
  /** Bytes on their way to the client's end. */
  readonly outgoing: BytePipe;
  /** Stops and goes on reading what the client sends. */
  readonly setReading: (reading: boolean) => void;
  /** The end is done; `cut` when the client's end must see its socket vanish. */
  readonly onFinished: (cut: boolean) => void;
  /** The closing handshake began at this end. */
  readonly onClosing: () => void;
  readonly schedule: (run: () => void) => void;
}

/** The accepted end of a linked pair. */
export class LinkedAcceptedEnd implements AcceptedSocket {
  handler: AcceptedSocketHandler | undefined;
  readonly reader: FrameReader;
  readonly #options: AcceptedEndOptions;
  #corks = 0;
  #corked: Uint8Array[] = [];
  #corkedBytes = 0;
  #closeSent = false;
  #received: { readonly code: number; readonly reason: string } | undefined;
  #finished = false;

  constructor(options: AcceptedEndOptions) {
    this.#options = options;
    this.reader = new FrameReader(options.maxPayloadBytes);
  }

  get queuedBytes(): number {
    return this.#options.outgoing.queuedBytes + this.#corkedBytes;
  }

  get takenBytes(): number {
    return this.#options.outgoing.takenBytes;
  }

  write(frames: Uint8Array): void {
    if (this.#closeSent || this.#finished) return;
    if (this.#corks === 0) {
      this.#options.outgoing.write(frames);
      return;
    }
    this.#corked.push(frames);
    this.#corkedBytes += frames.length;
  }

  cork(): void {
    this.#corks += 1;
  }

  uncork(): void {
    if (this.#corks > 0) this.#corks -= 1;
    if (this.#corks === 0) this.#flush();
  }

  close(code: number, reason: string): void {
    if (!isSendableCloseCode(code)) throw new RangeError(`the close code ${String(code)} must not be sent`);
    const payload = encodeClose(code, reason);
    if (payload.length > 125) throw new RangeError('the close reason must not be longer than 123 bytes');
    if (this.#closeSent || this.#finished) return;
    this.#sendClose(payload);
    this.#options.onClosing();
  }

  terminate(): void {
    if (this.#finished) return;
    this.#options.schedule(() => {
      this.finish(1006, '', true);
    });
  }

  pause(): void {
    this.#options.setReading(false);
  }

  resume(): void {
    this.#options.setReading(true);
  }

  /** One frame of what arrived; false when no whole one is there. */
  readFrame(): boolean {
    if (this.#finished) return false;
    return this.reader.take(
      (frame) => {
        this.#onFrame(frame);
      },
      ({ code, message }) => {
        if (!this.#closeSent) this.#sendClose(encodeClose(code, message));
        this.#received ??= { code, reason: message };
        this.onDrained();
      },
    );
  }

  /** All that was written is on its way; ends a closing handshake that waited for it. */
  onDrained(): void {
    if (this.#finished) return;
    if (this.#received !== undefined && this.#closeSent) {
      if (this.#options.outgoing.queuedBytes === 0) this.finish(this.#received.code, this.#received.reason, false);
      return;
    }
    this.handler?.onDrain();
  }

  finish(code: number, reason: string, cut: boolean): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#options.onFinished(cut);
    this.handler?.onClose(code, reason);
  }

  #onFrame(frame: WireFrame): void {
    // After its own close frame a peer sends nothing (RFC 6455 section 5.5.1).
    if (this.#received !== undefined) return;
    switch (frame.opcode) {
      case opcodes.text:
        this.handler?.onText(decodeText(frame.payload));
        return;
      case opcodes.binary:
        this.handler?.onBinary(frame.payload);
        return;
      case opcodes.pong:
        this.handler?.onPong();
        return;
      case opcodes.close: {
        this.#received = decodeClose(frame.payload);
        if (!this.#closeSent) this.#sendClose(frame.payload);
        this.onDrained();
        return;
      }
      default:
    }
  }

  #sendClose(payload: Uint8Array): void {
    this.#flush();
    this.#closeSent = true;
    this.#options.outgoing.write(encodeWireFrame(opcodes.close, payload));
  }

  #flush(): void {
    const corked = this.#corked;
    this.#corked = [];
    this.#corkedBytes = 0;
    for (const frames of corked) this.#options.outgoing.write(frames);
  }
}
