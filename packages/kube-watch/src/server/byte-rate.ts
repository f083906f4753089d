/** What the watches of a user's cluster may bring: far more than changes of a large cluster, and far less than a flood. */
const bytesPerMs = (8 * 1024 * 1024) / 1_000;
/** What may come at once after some rest. */
const burstMs = 4_000;

/** Keeps what is read at 8 MiB a second, with bursts of 32 MiB. */
export class ByteRate {
  #dueAtMs = -Infinity;

  /** Counts bytes that were read; how many milliseconds their reader must wait before it reads on. */
  take(bytes: number, nowMs: number): number {
    this.#dueAtMs = Math.max(this.#dueAtMs, nowMs - burstMs) + bytes / bytesPerMs;
    return Math.max(0, this.#dueAtMs - nowMs);
  }
}
