import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';
import type { AcceptedSocket, AcceptedSocketHandler } from '../core/accepted-socket.ts';

/** What libuv tells of a stream; Node's own socket timeout and `bytesWritten` read the same fields. */
interface StreamHandle {
  /** Bytes that were handed over. */
  readonly bytesWritten?: number;
  /** Those of them that the kernel has not taken. */
  readonly writeQueueSize?: number;
}

/** More than an honest peer has on its way when it is closed: what the buffers of both kernels hold. */
const maxIgnoredBytes = 4 * 1024 * 1024;

const nodeSocket = Symbol('nodeSocket');

interface OwnedWebSocket extends WebSocket {
  [nodeSocket]?: NodeSocket;
}

/**
 * An accepted WebSocket over `ws`. `ws` does the handshake, parses what comes and answers pings and closes; frames that
 * the feeds have encoded already go straight to the socket, which is safe because without compression `ws` writes each
 * of its own frames whole and at once.
 */
export class NodeSocket implements AcceptedSocket {
  handler: AcceptedSocketHandler | undefined;
  readonly #webSocket: WebSocket;
  readonly #stream: Duplex;
  #writtenBytes = 0;
  #paused = false;
  #ignoredBytes = 0;
  /** What came with the same bytes as the last message before a pause: at most one read of the stream. */
  #held: (string | Buffer)[] | undefined;

  constructor(webSocket: OwnedWebSocket, stream: Duplex) {
    this.#webSocket = webSocket;
    this.#stream = stream;
    // Listeners shared by all sockets, not closures: a closure each would cost every idle connection memory.
    webSocket[nodeSocket] = this;
    webSocket.on('message', onMessage);
    webSocket.on('pong', onPong);
    webSocket.on('close', onClose);
    webSocket.on('error', onError);
    (stream as Duplex & { [nodeSocket]?: NodeSocket })[nodeSocket] = this;
    stream.on('drain', onDrain);
  }

  get queuedBytes(): number {
    return this.#stream.writableLength;
  }

  /**
   * Counted by libuv, for a write does not tell: it counts as waiting until the last byte of it was taken, and what is
   * written behind it has not even been handed over.
   */
  get takenBytes(): number {
    const handle = (this.#stream as Duplex & { readonly _handle?: StreamHandle | null })._handle;
    if (handle?.bytesWritten !== undefined && handle.writeQueueSize !== undefined)
      return handle.bytesWritten - handle.writeQueueSize;
    return this.#writtenBytes - this.#stream.writableLength;
  }

  write(frames: Uint8Array): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    this.#writtenBytes += frames.length;
    this.#stream.write(frames);
  }

  cork(): void {
    this.#stream.cork();
  }

  uncork(): void {
    this.#stream.uncork();
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  pause(): void {
    this.#paused = true;
    this.#webSocket.pause();
  }

  resume(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = undefined;
    for (const message of held ?? []) this.received(message);
    if (!this.#paused) this.#webSocket.resume();
  }

  /** Came after this side's close: nobody waits for it. A peer that goes on and on is not waited for either. */
  ignored(bytes: number): void {
    this.#ignoredBytes += bytes;
    if (this.#ignoredBytes > maxIgnoredBytes) this.terminate();
  }

  /** `ws` goes on to emit what it has read when it is paused; a paused socket must not. */
  received(message: string | Buffer): void {
    if (this.#paused) (this.#held ??= []).push(message);
    else if (typeof message === 'string') this.handler?.onText(message);
    else this.handler?.onBinary(message);
  }
}

function onMessage(this: OwnedWebSocket, data: RawData, isBinary: boolean): void {
  if (this.readyState !== WebSocket.OPEN) this[nodeSocket]?.ignored((data as Buffer).length);
  else this[nodeSocket]?.received(isBinary ? (data as Buffer) : (data as Buffer).toString('utf8'));
}

function onPong(this: OwnedWebSocket): void {
  this[nodeSocket]?.handler?.onPong();
}

function onClose(this: OwnedWebSocket, code: number, reason: Buffer): void {
  this[nodeSocket]?.handler?.onClose(code, reason.toString('utf8'));
}

/** `ws` has begun to close with the right code by itself (1002, 1007, 1009); the close event follows. */
function onError(this: OwnedWebSocket): void {
  // nothing to add
}

function onDrain(this: Duplex & { [nodeSocket]?: NodeSocket }): void {
  this[nodeSocket]?.handler?.onDrain();
}
