import { connect, type Socket } from 'node:net';
import type { Dialect, Progress } from './dialects.ts';
import { maskedFrame, opcodes, upgradeRequest, walkFrames } from './frames.ts';
import { payloadBytes } from './payload.ts';

export interface RawPeerOptions {
  readonly dialect: Dialect;
  readonly port: number;
  readonly localAddress?: string | undefined;
  readonly since?: string | undefined;
  /** Subscribed; `mode` and `position` where the contender has them. */
  onReady(mode: string | undefined, position: string | undefined): void;
  /** A message of at least {@link payloadBytes}; its bytes are valid during the call. */
  onDelivery(bytes: Buffer, start: number, end: number): void;
  /** Any smaller message after it was subscribed. */
  onText?(bytes: Buffer, start: number, end: number): void;
  /** `wasReady` tells whether it was subscribed. */
  onClosed(wasReady: boolean): void;
}

/** All sockets of the process read into this one: each read is worked off before the next. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);

const endOfHead = Buffer.from('\r\n\r\n');

/** One subscriber on a plain TCP socket, made to cost next to nothing beside the server that is measured. */
export class RawPeer implements Progress {
  readonly #options: RawPeerOptions;
  readonly #socket: Socket;
  #isUpgraded = false;
  #isReady = false;
  #rest: Buffer | undefined;

  constructor(options: RawPeerOptions) {
    this.#options = options;
    this.#socket = connect({
      host: '127.0.0.1',
      port: options.port,
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (size) => {
          this.#read(size);
          return true;
        },
      },
    });
    this.#socket.on('connect', () => {
      this.#socket.write(upgradeRequest(options.dialect.path, options.dialect.subProtocol));
    });
    // `close` follows, which is all that matters here.
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      options.onClosed(this.#isReady);
    });
  }

  send(text: string): void {
    this.#socket.write(maskedFrame(opcodes.text, text));
  }

  ready(note?: { readonly mode: string; readonly position: string | undefined }): void {
    this.#isReady = true;
    this.#options.onReady(note?.mode, note?.position);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(size: number): void {
    let bytes: Buffer = readBuffer;
    let end = size;
    if (this.#rest !== undefined) {
      bytes = Buffer.concat([this.#rest, readBuffer.subarray(0, size)]);
      end = bytes.length;
      this.#rest = undefined;
    }
    let at = 0;
    if (!this.#isUpgraded) {
      at = this.#readHead(bytes.subarray(0, end));
      if (at === -1) return;
    }
    at = walkFrames(bytes, at, end, this.#onFrame);
    if (at < end) this.#rest = Buffer.from(bytes.subarray(at, end));
  }

  /** Returns where the head ends, or -1 while it is incomplete or when the upgrade was refused. */
  #readHead(bytes: Buffer): number {
    const end = bytes.indexOf(endOfHead);
    if (end === -1) {
      this.#rest = Buffer.from(bytes);
      return -1;
    }
    if (bytes.toString('latin1', 9, 12) !== '101') {
      this.#socket.destroy();
      return -1;
    }
    this.#isUpgraded = true;
    this.#options.dialect.opened(this, this.#options.since);
    return end + endOfHead.length;
  }

  readonly #onFrame = (opcode: number, bytes: Buffer, start: number, end: number): void => {
    if (opcode === opcodes.ping) {
      this.#socket.write(maskedFrame(opcodes.pong, bytes.toString('latin1', start, end)));
    } else if (opcode === opcodes.close) {
      this.#socket.destroy();
    } else if (this.#isReady && end - start >= payloadBytes) {
      this.#options.onDelivery(bytes, start, end);
    } else {
      if (this.#isReady) this.#options.onText?.(bytes, start, end);
      this.#options.dialect.received(bytes.toString('utf8', start, end), this, this.#options.since);
    }
  };
}
