import type { ConnectionLimits } from '../protocol/limits.ts';
import type { Timings } from '../protocol/timings.ts';
import { TokenBucket } from './token-bucket.ts';

/** What becomes of a text frame: handled, refused (with a word to the peer or without), or the end of the connection. */
export type FrameRateVerdict =
  | { readonly kind: 'handle' }
  | { readonly kind: 'refuse'; readonly retryAfterMs: number; readonly tell: boolean }
  | { readonly kind: 'close' };

const handle: FrameRateVerdict = { kind: 'handle' };
const close: FrameRateVerdict = { kind: 'close' };

/** Counts the text frames of one connection. Times are monotonic milliseconds. */
export class FrameRate {
  readonly #bucket: TokenBucket;
  readonly #closeAfterMs: number;
  #overSinceMs = 0;
  #refusedAtMs = -Infinity;

  constructor(limits: ConnectionLimits, timings: Timings, nowMs: number) {
    this.#bucket = new TokenBucket(limits.textFramesPerSecond, limits.textFrameBurst, nowMs);
    this.#closeAfterMs = timings.rateLimitCloseMs;
  }

  count(nowMs: number): FrameRateVerdict {
    if (this.#bucket.take(nowMs)) return handle;
    // A tenth of the limit without a refusal counts as having slowed down.
    const slowedDown = nowMs - this.#refusedAtMs > this.#closeAfterMs / 10;
    if (slowedDown) this.#overSinceMs = nowMs;
    this.#refusedAtMs = nowMs;
    if (nowMs - this.#overSinceMs >= this.#closeAfterMs) return close;
    return { kind: 'refuse', retryAfterMs: this.#bucket.waitMs(nowMs), tell: slowedDown };
  }
}
