/**
 * Passes on the last value that it was offered, at once and then at most each `intervalMs`; nothing while it is held,
 * and what came meanwhile afterwards.
 */
export class Throttle<T> {
  readonly #intervalMs: number;
  readonly #emit: (value: T) => void;
  #waiting: { readonly value: T } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isHeld = false;

  constructor(intervalMs: number, emit: (value: T) => void) {
    this.#intervalMs = intervalMs;
    this.#emit = emit;
  }

  offer(value: T): void {
    this.#waiting = { value };
    this.#pass();
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#pass();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = undefined;
  }

  #pass(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#isHeld || this.#timer !== undefined) return;
    this.#waiting = undefined;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pass();
    }, this.#intervalMs);
    this.#emit(waiting.value);
  }
}
