import type { ConnectionLimits } from '../protocol/limits.ts';
import type { Timings } from '../protocol/timings.ts';
import { TokenBucket } from '../core/token-bucket.ts';

/** What becomes of a text frame: handled, refused, or the end of the connection. */
export type FrameRateVerdict =
  { readonly kind: 'handle' } | { readonly kind: 'refuse'; readonly retryAfterMs: number } | { readonly kind: 'close' };

const handle: FrameRateVerdict = { kind: 'handle' };
const close: FrameRateVerdict = { kind: 'close' };

/**
 * Characters of work that a connection has for each text frame that it may send: 400 KiB a second by default, which
 * costs a few per cent of one core to parse, and 1.6 MiB at once, more than the largest message of an agent.
 */
export const charactersPerFrame = 8 * 1024;

/** What every frame costs beside its length, so that tiny frames over the limit are not read without end either. */
const charactersOfOverhead = 1024;

/** Counts the text frames of one connection, and the work that they make. Times are monotonic milliseconds. */
export class FrameRate {
  readonly #bucket: TokenBucket;
  /** One token is the work of one frame. */
  readonly #work: TokenBucket;
  readonly #closeAfterMs: number;
  #overSinceMs = 0;
  #refusedAtMs = -Infinity;
  #toldAtMs = -Infinity;

  constructor(limits: ConnectionLimits, timings: Timings, nowMs: number) {
    this.#bucket = new TokenBucket(limits.textFramesPerSecond, limits.textFrameBurst, nowMs);
    this.#work = new TokenBucket(limits.textFramesPerSecond, limits.textFrameBurst, nowMs);
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

  /** Adds the work of a frame that came, handled or not; returns how long the connection must not be read from, or 0. */
  worked(characters: number, nowMs: number): number {
    this.#work.spend(nowMs, (characters + charactersOfOverhead) / charactersPerFrame);
    const waitMs = this.#work.waitMs(nowMs);
    // Nothing can come meanwhile, so that its silence does not count as having slowed down.
    if (waitMs > 0 && nowMs - this.#refusedAtMs <= this.#closeAfterMs / 10) this.#refusedAtMs = nowMs + waitMs;
    return waitMs;
  }

  /** Whether the peer may be told of a refused frame that has no answer of its own: once in a tenth of the limit. */
  mayTell(nowMs: number): boolean {
    if (nowMs - this.#toldAtMs < this.#closeAfterMs / 10) return false;
    this.#toldAtMs = nowMs;
    return true;
  }
}
