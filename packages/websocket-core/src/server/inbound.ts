import { decodeConnectingPeerFrame, type Decoded } from '../protocol/decode.ts';
import { wireError } from '../protocol/encode.ts';
import type { ConnectingPeerFrame } from '../protocol/frames.ts';
import { decodeLeb128 } from '../protocol/leb128.ts';
import type { Connection } from './connection.ts';
import { dispatchFrame, type Dispatchable } from './dispatch-frame.ts';
import { FrameRate, type FrameRateVerdict } from './frame-rate.ts';
import { ReadGate } from './read-gate.ts';

/** What one connection receives: decoded, counted, and read no faster than it may be. Times are monotonic milliseconds. */
export class Inbound {
  readonly #connection: Connection;
  readonly #frameRate: FrameRate;
  /** Made when the connection is not read from for the first time. */
  #gate: ReadGate | undefined;

  constructor(connection: Connection, nowMs: number) {
    this.#connection = connection;
    this.#frameRate = new FrameRate(connection.endpoint.limits, connection.context.timings, nowMs);
  }

  /** Whether the socket is not read from at present. */
  get isShut(): boolean {
    return this.#gate?.isShut === true;
  }

  text(text: string, nowMs: number): void {
    const connection = this.#connection;
    // Counted first: what ends the connection is not even parsed.
    const verdict = connection.isServing ? this.#count(text.length, nowMs) : undefined;
    if (verdict?.kind === 'close') return;
    const decoded = decodeConnectingPeerFrame(text);
    connection.context.metrics.received(typeOf(decoded), text.length);
    if (decoded.kind === 'malformed') connection.close(1007, decoded.reason);
    else if (decoded.kind === 'frame' && decoded.frame.type === 'hello') connection.hello(decoded.frame);
    else if (!connection.frame()) return;
    else if (verdict?.kind === 'refuse') this.#refuse(decoded, verdict.retryAfterMs, nowMs);
    else dispatchFrame(connection, decoded);
  }

  binary(bytes: Uint8Array, nowMs: number): void {
    const connection = this.#connection;
    connection.context.metrics.received('binary', bytes.length);
    if (!connection.frame()) return;
    const id = decodeLeb128(bytes);
    if (!id.ok || id.value === 0) {
      connection.close(1002, `expected a stream id, got ${id.ok ? 'zero' : `${id.failure} LEB128`}`);
      return;
    }
    const verdict = this.#count(0, nowMs);
    if (verdict.kind === 'refuse') this.#refuse(undefined, verdict.retryAfterMs, nowMs);
    else if (verdict.kind === 'handle') {
      const reason = 'no open stream has this id';
      connection.send({ type: 'stream.close', id: id.value, code: 'STREAM_UNKNOWN', reason });
    }
  }

  waitForAnswers(): void {
    this.#openGate().waitForAnswers();
  }

  answersTaken(): void {
    this.#gate?.answersTaken();
  }

  /** The connection is over; what still comes is read, so that the peer's answer to the close is. */
  release(): void {
    this.#gate?.release();
  }

  /** Counts a frame and its work: the connection rests when it has made too much, and ends when it never slows down. */
  #count(characters: number, nowMs: number): FrameRateVerdict {
    const verdict = this.#frameRate.count(nowMs);
    if (verdict.kind === 'close') {
      this.#connection.close(4429, 'too many frames for too long');
      return verdict;
    }
    const restMs = this.#frameRate.worked(characters, nowMs);
    if (restMs > 0) this.#openGate().rest(restMs);
    return verdict;
  }

  /** Answers a frame over the limit, which is not handled. */
  #refuse(decoded: Dispatchable | undefined, retryAfterMs: number, nowMs: number): void {
    const error = wireError('RATE_LIMITED', 'too many frames', { retryAfterMs });
    if (decoded?.kind === 'frame' && decoded.frame.type === 'request')
      this.#connection.requests.refuse(decoded.frame.id, error);
    else if (this.#frameRate.mayTell(nowMs)) this.#connection.send({ type: 'error', ...error });
  }

  #openGate(): ReadGate {
    this.#gate ??= new ReadGate(this.#connection.socket, this.#connection.context.clock);
    return this.#gate;
  }
}

/** Type for the metrics: one of the protocol's, whatever a peer makes up. */
function typeOf(decoded: Decoded<ConnectingPeerFrame>): string {
  if (decoded.kind === 'frame') return decoded.frame.type;
  return decoded.kind === 'invalid' ? decoded.type : 'unknown';
}
