/** Rate limit: `burst` at once, `perSecond` sustained. Two numbers, no timer. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = nowMs;
  }

  /** Takes one token; false when there is none. */
  take(nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes tokens (by default one) that may not be there yet: for what goes in any case and is counted all the same. */
  spend(nowMs: number, tokens = 1): void {
    this.#fill(nowMs);
    this.#tokens -= tokens;
  }

  /** Milliseconds until there is a token again; 0 when there is one. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond);
  }

  /** Whether nothing has been taken for long enough that the bucket is full: it can be forgotten. */
  isFull(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens >= this.#burst;
  }

  #fill(nowMs: number): void {
    // A clock that went back must not take tokens away.
    const elapsedMs = Math.max(0, nowMs - this.#filledAt);
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsedMs * this.#perSecond) / 1000);
    this.#filledAt = nowMs;
  }
}
