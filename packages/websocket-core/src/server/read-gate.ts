import type { AcceptedSocket } from '../core/accepted-socket.ts';
import type { Clock, TimerHandle } from '../core/clock.ts';

/**
 * Why one connection is not read from: too many of its answers wait, or it has made more work than its share. What it
 * sends meanwhile waits on its own side, in the end; nothing of it is lost.
 */
export class ReadGate {
  readonly #socket: AcceptedSocket;
  readonly #clock: Clock;
  #answersWait = false;
  #timer: TimerHandle;

  constructor(socket: AcceptedSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  get isShut(): boolean {
    return this.#answersWait || this.#timer !== undefined;
  }

  /** Shuts until {@link answersTaken}. */
  waitForAnswers(): void {
    if (this.#answersWait) return;
    if (!this.isShut) this.#socket.pause();
    this.#answersWait = true;
  }

  answersTaken(): void {
    if (!this.#answersWait) return;
    this.#answersWait = false;
    if (!this.isShut) this.#socket.resume();
  }

  /** Shuts for `ms`; a rest that is under way already goes on as it is. */
  rest(ms: number): void {
    if (this.#timer !== undefined) return;
    if (!this.isShut) this.#socket.pause();
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      if (!this.isShut) this.#socket.resume();
    }, ms);
  }

  /** Opens for good: the peer's answer to a close must be read. */
  release(): void {
    const wasShut = this.isShut;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#answersWait = false;
    if (wasShut) this.#socket.resume();
  }
}
