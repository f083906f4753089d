import type { Clock, TimerHandle } from '@fleetwire/websocket-core';
import { backoffResetMs } from './back-off.ts';

/** First and longest step until one of those who were refused asks again. */
const baseMs = 30_000;
const maxMs = 300_000;
/** All are not called again sooner: what is let in and refused in turns must not keep a cluster busy. */
const leastCallMs = 30_000;

/** One target, as its cluster's refusals see it. */
export interface Refusable {
  /** It was refused with 401 and waits. */
  refused(): void;
  /** It was answered. */
  admitted(): void;
  /** It waits no more. */
  left(): void;
}

/** The targets of one cluster that a 401 stopped; see {@link createRefusals}. */
export interface Refusals {
  /** `ask` is called when it is the target's turn. It may call the target's methods. */
  join(ask: () => void): Refusable;
  /** The credentials are others, or the cluster takes them again: all ask, though not twice within 30 s. */
  renewed(): void;
}

/**
 * Lets one target at a time ask again: after 30 s × 2ⁿ with jitter on the upper half, at most 5 min. The first that is
 * answered calls the others, and two minutes without a refusal begin the steps anew. `random` gives numbers from 0 to below 1.
 */
export function createRefusals(clock: Clock, random: () => number): Refusals {
  const waiting = new Set<() => void>();
  let steps = 0;
  let timer: TimerHandle;
  let calledAt = -Infinity;
  let healthySince: number | undefined;

  const arm = (): void => {
    if (timer !== undefined || waiting.size === 0) return;
    const stepMs = Math.min(maxMs, baseMs * 2 ** steps);
    if (stepMs < maxMs) steps += 1;
    timer = clock.setTimeout(askOne, (stepMs * (1 + random())) / 2);
  };
  const leave = (ask: () => void): void => {
    if (!waiting.delete(ask) || waiting.size > 0) return;
    clock.clearTimeout(timer);
    timer = undefined;
  };
  const askOne = (): void => {
    timer = undefined;
    const [ask] = waiting;
    if (ask === undefined) return;
    // Whoever is refused again waits behind the others: one that never will be answered keeps none from being asked.
    waiting.delete(ask);
    arm();
    ask();
  };
  const callNow = (): void => {
    calledAt = clock.monotonicNow();
    const all = [...waiting];
    for (const ask of all) leave(ask);
    for (const ask of all) ask();
  };
  const call = (): void => {
    if (waiting.size === 0) return;
    const leftMs = calledAt + leastCallMs - clock.monotonicNow();
    clock.clearTimeout(timer);
    if (leftMs > 0) timer = clock.setTimeout(callNow, leftMs);
    else callNow();
  };

  return {
    join(ask) {
      let isRefused = false;
      return {
        refused() {
          if (healthySince !== undefined && clock.monotonicNow() - healthySince >= backoffResetMs) steps = 0;
          healthySince = undefined;
          isRefused = true;
          waiting.add(ask);
          arm();
        },
        admitted() {
          if (!isRefused) return;
          isRefused = false;
          healthySince = clock.monotonicNow();
          call();
        },
        left() {
          leave(ask);
        },
      };
    },
    renewed() {
      steps = 0;
      call();
    },
  };
}
