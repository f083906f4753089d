/** How often something may happen: `burst` times at once, and once every `refillMs` in the long run. */
export interface BucketRate {
  readonly burst: number;
  readonly refillMs: number;
}

interface Bucket {
  tokens: number;
  countedAt: number;
}

/** Keys that are remembered; at the bound those whose bucket is full again are forgotten, then the oldest. */
const maxKeys = 10_000;

/** Token buckets by key. Times are milliseconds of one monotonic clock. */
export class KeyedBuckets {
  readonly #rate: BucketRate;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: BucketRate, now: () => number) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Takes tokens, at most as many as the burst. Returns 0, or the milliseconds until there are enough. */
  take(key: string, count = 1): number {
    const bucket = this.#bucketOf(key);
    if (bucket.tokens < count) return Math.ceil((count - bucket.tokens) * this.#rate.refillMs);
    bucket.tokens -= count;
    return 0;
  }

  /** Gives a taken token back. */
  giveBack(key: string): void {
    const bucket = this.#bucketOf(key);
    bucket.tokens = Math.min(this.#rate.burst, bucket.tokens + 1);
  }

  #bucketOf(key: string): Bucket {
    const now = this.#now();
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      if (this.#buckets.size >= maxKeys) this.#forget(now);
      bucket = { tokens: this.#rate.burst, countedAt: now };
      this.#buckets.set(key, bucket);
    }
    bucket.tokens = this.#tokensAt(bucket, now);
    bucket.countedAt = now;
    return bucket;
  }

  #tokensAt(bucket: Bucket, now: number): number {
    return Math.min(this.#rate.burst, bucket.tokens + (now - bucket.countedAt) / this.#rate.refillMs);
  }

  #forget(now: number): void {
    for (const [key, bucket] of this.#buckets)
      if (this.#tokensAt(bucket, now) >= this.#rate.burst) this.#buckets.delete(key);
    if (this.#buckets.size < maxKeys) return;
    for (const key of this.#buckets.keys()) return void this.#buckets.delete(key);
  }
}
