import type { Clock } from '../core/clock.ts';

/** Where a manual clock starts. */
export interface ManualClockOptions {
  /** Milliseconds since 1970 at the start. Default 1,000,000: small enough to read in a failure. */
  readonly now?: number | undefined;
}

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /**
   * Moves the time on by `ms` and runs the timers that fall due, in the order of their time, those that they set
   * included. Each sees the time at which it was due.
   */
  advance(ms: number): void;
  /** The same, but lets promises and queued events settle before the first timer, between timers and after the last. */
  advanceAsync(ms: number): Promise<void>;
  /** Lets promises and queued events settle without moving the time. */
  settle(): Promise<void>;
  /** Timers that are set and have not run. */
  readonly pending: number;
}

interface Timer {
  readonly dueAt: number;
  readonly serial: number;
  readonly callback: () => void;
}

interface HostLoop {
  setImmediate?: (callback: () => void) => unknown;
  setTimeout: (callback: () => void, ms: number) => unknown;
}

// Taken when the module loads, so that a test runner's own fake timers do not stop it.
const loop = globalThis as unknown as HostLoop;
const nextTurn: (callback: () => void) => unknown =
  loop.setImmediate?.bind(globalThis) ?? ((callback) => loop.setTimeout.call(globalThis, callback, 0));

function turn(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve);
  });
}

/** Creates a {@link ManualClock}. `monotonicNow` starts at 0 and moves with it. */
export function createManualClock(options: ManualClockOptions = {}): ManualClock {
  const startedAt = options.now ?? 1_000_000;
  const timers = new Map<number, Timer>();
  let elapsedMs = 0;
  let lastSerial = 0;

  function takeDue(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers.values()) {
      if (timer.dueAt > untilMs) continue;
      if (next === undefined || timer.dueAt < next.dueAt) next = timer;
    }
    if (next !== undefined) {
      timers.delete(next.serial);
      elapsedMs = Math.max(elapsedMs, next.dueAt);
    }
    return next;
  }

  return {
    now: () => startedAt + elapsedMs,
    monotonicNow: () => elapsedMs,
    setTimeout(callback, ms) {
      lastSerial += 1;
      // Like the host's: what is not a positive number is due at once, but never within the call.
      timers.set(lastSerial, { dueAt: elapsedMs + (ms > 0 ? ms : 0), serial: lastSerial, callback });
      return lastSerial;
    },
    clearTimeout(handle) {
      timers.delete(handle as number);
    },
    advance(ms) {
      const untilMs = elapsedMs + ms;
      for (let timer = takeDue(untilMs); timer !== undefined; timer = takeDue(untilMs)) timer.callback();
      elapsedMs = untilMs;
    },
    async advanceAsync(ms) {
      const untilMs = elapsedMs + ms;
      await turn();
      for (let timer = takeDue(untilMs); timer !== undefined; timer = takeDue(untilMs)) {
        timer.callback();
        await turn();
      }
      elapsedMs = untilMs;
    },
    settle: turn,
    get pending() {
      return timers.size;
    },
  };
}
