import type { ConnectionLimits } from '../protocol/limits.ts';
import type { Timings } from '../protocol/timings.ts';
import { TokenBucket } from '../core/token-bucket.ts';

/** What becomes of a text frame: handled, refused, or the end of the connection. */
export type FrameRateVerdict =
  { readonly kind: 'handle' } | { readonly kind: 'refuse'; readonly retryAfterMs: number } | { readonly kind: 'close' };

const handle: FrameRateVerdict = { kind: 'handle' };
const close: FrameRateVerdict = { kind: 'close' };

/** Counts the text frames of one connection. Times are monotonic milliseconds. */
export class FrameRate {
  readonly #bucket: TokenBucket;
  readonly #closeAfterMs: number;
  #overSinceMs = 0;
  #refusedAtMs = -Infinity;
  #toldAtMs = -Infinity;

  constructor(limits: ConnectionLimits, timings: Timings, nowMs: number) {
    this.#bucket = new TokenBucket(limits.textFramesPerSecond, limits.textFrameBurst, nowMs);
    this.#closeAfterMs = timings.rateLimitCloseMs;
  }

  count(nowMs: number): FrameRateVerdict {
    if (this.#bucket.take(nowMs)) return handle;
    // A tenth of the limit without a refusal counts as having slowed down.
    if (nowMs - this.#refusedAtMs > this.#closeAfterMs / 10) this.#overSinceMs = nowMs;
    this.#refusedAtMs = nowMs;
    if (nowMs - this.#overSinceMs >= this.#closeAfterMs) return close;
    return { kind: 'refuse', retryAfterMs: this.#bucket.waitMs(nowMs) };
  }

  /** Whether the peer may be told of a refused frame that has no answer of its own: once in a tenth of the limit. */
  mayTell(nowMs: number): boolean {
    if (nowMs - this.#toldAtMs < this.#closeAfterMs / 10) return false;
    this.#toldAtMs = nowMs;
    return true;
  }
}
