import { workOfFrame, type ConnectionLimits } from '../protocol/limits.ts';
import type { Timings } from '../protocol/timings.ts';
import { TokenBucket } from '../core/token-bucket.ts';

/** What becomes of a text frame: handled, refused, or the end of the connection. */
export type FrameRateVerdict =
  { readonly kind: 'handle' } | { readonly kind: 'refuse'; readonly retryAfterMs: number } | { readonly kind: 'close' };

const handle: FrameRateVerdict = { kind: 'handle' };
const close: FrameRateVerdict = { kind: 'close' };

/** Counts the text frames of one connection, and the work that they make. Times are monotonic milliseconds. */
export class FrameRate {
  readonly #bucket: TokenBucket;
  /** One token is the work of one frame. */
  readonly #work: TokenBucket;
  readonly #closeAfterMs: number;
  #overSinceMs = 0;
  /** When the peer was over the limit last: at a refusal, or at the end of a rest without a frame to spare. */
  #overAtMs = -Infinity;
  #toldAtMs = -Infinity;

  constructor(limits: ConnectionLimits, timings: Timings, nowMs: number) {
    this.#bucket = new TokenBucket(limits.textFramesPerSecond, limits.textFrameBurst, nowMs);
    this.#work = new TokenBucket(limits.textFramesPerSecond, limits.textFrameBurst, nowMs);
    this.#closeAfterMs = timings.rateLimitCloseMs;
  }

  count(nowMs: number): FrameRateVerdict {
    if (this.#bucket.take(nowMs)) return handle;
    if (!this.#isOver(nowMs)) this.#overSinceMs = nowMs;
    this.#overAtMs = nowMs;
    if (nowMs - this.#overSinceMs >= this.#closeAfterMs) return close;
    return { kind: 'refuse', retryAfterMs: this.#bucket.waitMs(nowMs) };
  }

  /** Adds the work of a frame that came, handled or not; returns how long the connection must not be read from, or 0. */
  worked(characters: number, nowMs: number): number {
    this.#work.spend(nowMs, workOfFrame(characters));
    const waitMs = this.#work.waitMs(nowMs);
    // Nothing can come meanwhile, so that its silence does not count as having slowed down. With frames to spare the
    // peer has: it rests for their size only.
    if (waitMs > 0 && this.#isOver(nowMs) && this.#bucket.waitMs(nowMs) > 0) this.#overAtMs = nowMs + waitMs;
    return waitMs;
  }

  /** A tenth of the limit without a refusal counts as having slowed down. */
  #isOver(nowMs: number): boolean {
    return nowMs - this.#overAtMs <= this.#closeAfterMs / 10;
  }

  /** Whether the peer may be told of a refused frame that has no answer of its own: once in a tenth of the limit. */
  mayTell(nowMs: number): boolean {
    if (nowMs - this.#toldAtMs < this.#closeAfterMs / 10) return false;
    this.#toldAtMs = nowMs;
    return true;
  }
}
