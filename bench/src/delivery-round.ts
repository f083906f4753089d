import { ageMs } from './payload.ts';
import { quantile } from './statistics.ts';

/** What came of one round. */
export interface DeliveryRoundResult {
  readonly deliveries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface DeliveryRoundOptions {
  readonly subscribers: number;
  /** Publications of one batch. */
  readonly outstanding: number;
  /** Latency is only told where one publication is under way at a time. */
  readonly measureLatency: boolean;
  /** A batch has reached everybody. */
  onBatch(): void;
}

/** Counts the deliveries of all subscribers, and times them. */
export class DeliveryRound {
  readonly #options: DeliveryRoundOptions;
  readonly #perBatch: number;
  readonly #latenciesMs: number[] = [];
  #deliveries = 0;
  #offsetMs = 0;

  constructor(options: DeliveryRoundOptions) {
    this.#options = options;
    this.#perBatch = options.subscribers * options.outstanding;
  }

  delivered(bytes: Buffer, start: number, end: number): void {
    if (this.#options.measureLatency) {
      // The publication's time is read once: the other deliveries of it differ only in when they are read.
      const now = performance.now();
      if (this.#deliveries % this.#options.subscribers === 0) this.#offsetMs = ageMs(bytes, start, end) - now;
      this.#latenciesMs.push(this.#offsetMs + now);
    }
    this.#deliveries += 1;
    if (this.#deliveries % this.#perBatch === 0) this.#options.onBatch();
  }

  get result(): DeliveryRoundResult {
    return {
      deliveries: this.#deliveries,
      p50Ms: quantile(this.#latenciesMs, 0.5),
      p99Ms: quantile(this.#latenciesMs, 0.99),
    };
  }
}
