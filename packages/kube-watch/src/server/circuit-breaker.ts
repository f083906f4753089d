/** Dials that fail in a row until a cluster is left alone. */
const maxFailures = 5;

/**
 * Keeps a cluster that does not answer from being dialled by everybody: after five failures in a row it opens, and only
 * its prober dials until one dial succeeds. Each cluster has its own.
 */
export class CircuitBreaker {
  #failures = 0;
  readonly #onClosed = new Set<() => void>();

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  get isOpen(): boolean {
    return this.#failures >= maxFailures;
  }

  /** A dial got no answer. Returns whether this opened the breaker. */
  failed(): boolean {
    this.#failures += 1;
    return this.#failures === maxFailures;
  }

  /** The cluster answered, whatever it said. */
  succeeded(): void {
    const wasOpen = this.isOpen;
    this.#failures = 0;
    if (!wasOpen) return;
    const waiting = [...this.#onClosed];
    this.#onClosed.clear();
    for (const listener of waiting) listener();
  }

  /** Calls once, when the breaker closes; at once when it is closed. Returns its undo. */
  whenClosed(listener: () => void): () => void {
    if (!this.isOpen) {
      listener();
      return () => undefined;
    }
    this.#onClosed.add(listener);
    return () => this.#onClosed.delete(listener);
  }
}
