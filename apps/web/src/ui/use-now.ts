import { useSyncExternalStore } from 'react';

/** One timer for everything on the page that counts seconds. */
const tickMs = 500;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** Calls `listener` twice a second; returns its undo. */
export function subscribeToNow(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of [...listeners]) each();
  }, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time of the last tick, in milliseconds since 1970. */
export function getNow(): number {
  // Nobody ticks while nobody listens.
  if (timer === undefined) now = Date.now();
  return now;
}

/** The time in milliseconds since 1970, at most half a second old. */
export function useNow(): number {
  return useSyncExternalStore(subscribeToNow, getNow);
}
