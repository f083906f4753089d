import type { Clock, TimerHandle } from '../core/clock.ts';

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly pongTimeoutMs: number;
  /** Sends a JSON ping. */
  readonly ping: (t: number) => void;
  readonly onRtt: (rttMs: number) => void;
  /** Nothing came in time. */
  readonly onLost: () => void;
}

/** Asks the server for a sign of life: a browser cannot send WebSocket pings. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #heartbeatMs = 0;
  #timer: TimerHandle;
  #deadline: TimerHandle;
  /** The `t` of the ping that waits for its answer. */
  #pingedAtMs: number | undefined;
  #isWaiting = false;
  #heard = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Pings after `firstPingMs`, then every `heartbeatMs`. */
  start(heartbeatMs: number, firstPingMs = heartbeatMs): void {
    this.stop();
    this.#heartbeatMs = heartbeatMs;
    this.#arm(Math.min(firstPingMs, heartbeatMs));
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#options.clock.clearTimeout(this.#deadline);
    this.#heartbeatMs = 0;
    this.#isWaiting = false;
    this.#pingedAtMs = undefined;
  }

  /** Something came from the server. */
  heard(): void {
    this.#heard = true;
  }

  onPong(t: number): void {
    if (t !== this.#pingedAtMs) return;
    this.#pingedAtMs = undefined;
    this.#options.onRtt(this.#options.clock.monotonicNow() - t);
  }

  /** Pings now, unless an answer is awaited already. */
  probe(): void {
    // An answer that came is of before; the question is whether the connection lives now.
    if (this.#heartbeatMs === 0 || (this.#isWaiting && !this.#heard)) return;
    const { clock, pongTimeoutMs } = this.#options;
    const now = clock.monotonicNow();
    this.#heard = false;
    this.#isWaiting = true;
    this.#pingedAtMs = now;
    clock.clearTimeout(this.#deadline);
    this.#deadline = clock.setTimeout(() => {
      this.#onDeadline(now + pongTimeoutMs);
    }, pongTimeoutMs);
    this.#options.ping(now);
  }

  #arm(inMs: number): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      this.probe();
      if (this.#heartbeatMs > 0) this.#arm(this.#heartbeatMs);
    }, inMs);
  }

  #onDeadline(dueAtMs: number): void {
    this.#isWaiting = false;
    if (this.#heard) return;
    // A timer that is this late slept with the machine: the answer may be there, only not read yet.
    if (this.#options.clock.monotonicNow() - dueAtMs > this.#options.pongTimeoutMs) this.probe();
    else this.#options.onLost();
  }
}
