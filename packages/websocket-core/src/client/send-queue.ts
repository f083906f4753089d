import type { Clock, TimerHandle } from '../core/clock.ts';
import { FleetwireError } from '../core/errors.ts';
import { utf8Length } from '../protocol/encode.ts';
import { workOfFrame, type ConnectionLimits } from '../protocol/limits.ts';
import { TokenBucket } from '../core/token-bucket.ts';

/** One frame that waits for its turn. */
export interface QueuedFrame {
  /** The text, made when the turn comes; undefined when nobody wants the frame any more. */
  encode(): string | undefined;
  /** False while the frame must wait, and with it what stands behind it in its lane. */
  isReady?(): boolean;
  /** The frame will not be sent. */
  refuse(error: FleetwireError): void;
}

/**
 * `control` (answers, cancel, refresh) and `subscriptions` belong to the connection and go first, in this order; `calls`
 * (requests and messages of the application) wait for the next connection when one is lost.
 */
export type Lane = 'control' | 'subscriptions' | 'calls';

const laneOrder: readonly Lane[] = ['control', 'subscriptions', 'calls'];

/** What the queue needs of a socket. */
export interface FrameSink {
  readonly bufferedAmount: number;
  send(text: string): void;
}

/** Bytes that may wait in the socket: a browser takes any number, and what it took cannot be cancelled any more. */
const maxBufferedBytes = 1024 * 1024;
/** The socket does not say when it has room again; this is often enough not to leave a fast link idle for long. */
const bufferPollMs = 50;
/** Answers that may wait. A server that asks for more at once gets no more of them. */
const maxControlFrames = 1_000;

export interface SendQueueOptions {
  readonly clock: Clock;
  /** Bound of the `calls` lane; one more is refused with QUEUE_FULL. */
  readonly maxQueued: number;
}

/** The frames that wait, paced so that an honest client stays under the server's rate limit. */
export class SendQueue {
  readonly #clock: Clock;
  readonly #maxQueued: number;
  readonly #lanes: Record<Lane, QueuedFrame[]> = { control: [], subscriptions: [], calls: [] };
  #sink: FrameSink | undefined;
  #bucket: TokenBucket | undefined;
  /** Counts the work of the frames: over its share the server rests, and a ping would wait behind what it does not read. */
  #work: TokenBucket | undefined;
  #limits: ConnectionLimits | undefined;
  #held = false;
  #timer: TimerHandle;

  constructor(options: SendQueueOptions) {
    this.#clock = options.clock;
    this.#maxQueued = options.maxQueued;
  }

  /** Whether nothing of the connection's own waits. */
  get isControlEmpty(): boolean {
    return this.#lanes.control.length === 0;
  }

  /** Starts to send; nothing goes before the first `pump`. */
  attach(sink: FrameSink, limits: ConnectionLimits): void {
    this.#sink = sink;
    this.#limits = limits;
    this.#held = false;
    // Half of the burst stays unused: frames that were sent evenly may arrive in a bunch.
    const burst = Math.max(1, Math.floor(limits.textFrameBurst / 2));
    const makeBucket = (): TokenBucket =>
      new TokenBucket(limits.textFramesPerSecond, burst, this.#clock.monotonicNow());
    this.#bucket = makeBucket();
    this.#work = makeBucket();
  }

  /** The connection is gone: its own frames go with it, calls are kept. */
  detach(): void {
    this.#sink = undefined;
    this.#clock.clearTimeout(this.#timer);
    const error = new FleetwireError('CONNECTION_LOST', 'the connection was lost', { maybeExecuted: false });
    for (const lane of ['control', 'subscriptions'] as const) {
      for (const frame of this.#lanes[lane].splice(0)) frame.refuse(error);
    }
  }

  /** Sends no more calls on this connection. */
  hold(): void {
    this.#held = true;
  }

  /** Refuses all that waits. */
  clear(error: FleetwireError): void {
    for (const lane of laneOrder) for (const frame of this.#lanes[lane].splice(0)) frame.refuse(error);
  }

  /**
   * Puts a frame at the end of its lane. Throws QUEUE_FULL when the lane holds as much as it may; `subscriptions` needs
   * no bound, since each subscription is in one frame at most.
   */
  push(lane: Lane, frame: QueuedFrame): void {
    const max = lane === 'control' ? maxControlFrames : lane === 'calls' ? this.#maxQueued : Infinity;
    if (this.#lanes[lane].length >= max) {
      throw new FleetwireError('QUEUE_FULL', `${String(max)} frames wait to be sent already`);
    }
    this.#lanes[lane].push(frame);
    this.pump();
  }

  /** Puts calls that were sent once before all others, in this order. */
  pushFirst(frames: readonly QueuedFrame[]): void {
    this.#lanes.calls.unshift(...frames);
  }

  remove(frame: QueuedFrame): void {
    for (const lane of laneOrder) {
      const index = this.#lanes[lane].indexOf(frame);
      if (index !== -1) this.#lanes[lane].splice(index, 1);
    }
  }

  /** Sends past the queue and its pace: for pings, which are few and measure time. */
  sendNow(text: string): void {
    const now = this.#clock.monotonicNow();
    this.#bucket?.spend(now);
    // It may go below zero: a frame larger than the whole burst goes too, and what follows it waits.
    this.#work?.spend(now, workOfFrame(text.length));
    this.#sink?.send(text);
  }

  /** Whether a text is larger than the present server takes. */
  isTooLarge(text: string): boolean {
    const max = this.#limits?.maxPayloadBytes ?? Infinity;
    // UTF-8 takes at most three bytes for a UTF-16 code unit.
    return text.length * 3 > max && utf8Length(text) > max;
  }

  /** Sends what may go now. */
  pump(): void {
    this.#clock.clearTimeout(this.#timer);
    for (;;) {
      const sink = this.#sink;
      const lane = laneOrder.find((name) => this.#mayGo(name));
      if (sink === undefined || lane === undefined) return;
      const now = this.#clock.monotonicNow();
      const waitMs =
        sink.bufferedAmount > maxBufferedBytes
          ? bufferPollMs
          : Math.max(this.#bucket?.waitMs(now) ?? 0, this.#work?.waitMs(now) ?? 0);
      if (waitMs > 0) {
        this.#timer = this.#clock.setTimeout(() => {
          this.pump();
        }, waitMs);
        return;
      }
      const frame = this.#lanes[lane].shift() as QueuedFrame;
      const text = frame.encode();
      if (text === undefined) continue;
      if (this.isTooLarge(text)) {
        const max = String(this.#limits?.maxPayloadBytes);
        frame.refuse(
          new FleetwireError('PAYLOAD_TOO_LARGE', `the frame is larger than the ${max} bytes that the server takes`),
        );
        continue;
      }
      this.sendNow(text);
    }
  }

  #mayGo(lane: Lane): boolean {
    if (this.#held && lane !== 'control') return false;
    const first = this.#lanes[lane][0];
    return first !== undefined && (first.isReady?.() ?? true);
  }
}
