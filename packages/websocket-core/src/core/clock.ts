/** What a timer call gives back; only good for {@link Clock.clearTimeout}. */
export type TimerHandle = unknown;

/** Time and timers, passed in so that tests can move them. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that never go back; for durations. */
  monotonicNow(): number;
  setTimeout(callback: () => void, ms: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

interface HostTimers {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
  performance: { now(): number };
}

// Every runtime that we support has these; the core's compiler settings know neither Node nor the DOM.
const host = globalThis as unknown as HostTimers;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicNow: () => host.performance.now(),
  setTimeout: (callback, ms) => host.setTimeout(callback, ms),
  clearTimeout: (handle) => {
    host.clearTimeout(handle);
  },
};
