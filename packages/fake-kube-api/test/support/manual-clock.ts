/** A clock that moves when it is told to. */
export interface ManualClock {
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
  /** Runs every timer that falls due on the way, in order. */
  advance(ms: number): void;
}

interface Timer {
  readonly dueAt: number;
  readonly number: number;
  readonly callback: () => void;
}

export function createManualClock(startAt = Date.parse('2026-03-02T09:00:00Z')): ManualClock {
  const timers = new Set<Timer>();
  let nowMs = startAt;
  let numbers = 0;
  const next = (until: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueAt > until) continue;
      if (first === undefined || timer.dueAt < first.dueAt) first = timer;
    }
    return first;
  };
  return {
    now: () => nowMs,
    setTimeout: (callback, ms) => {
      const timer = { dueAt: nowMs + ms, number: numbers++, callback };
      timers.add(timer);
      return timer;
    },
    clearTimeout: (handle) => {
      timers.delete(handle as Timer);
    },
    advance: (ms) => {
      const until = nowMs + ms;
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueAt);
        timer.callback();
      }
      nowMs = until;
    },
  };
}
