import type { Clock, TimerHandle } from '@fleetwire/websocket-core';

/** The globals that matter; none of them has to exist, as in Node. */
export interface FrameHost {
  requestAnimationFrame?: ((callback: () => void) => number) | undefined;
  cancelAnimationFrame?: ((handle: number) => void) | undefined;
  readonly document?:
    | {
        readonly hidden: boolean;
        addEventListener(type: 'visibilitychange', listener: () => void): void;
        removeEventListener(type: 'visibilitychange', listener: () => void): void;
      }
    | undefined;
}

/** Calls back what is due, at most once for each frame. */
export interface FlushScheduler {
  /** The same callback is called once, however often it was scheduled. */
  schedule(callback: () => void): void;
  /** Calls each now; what one throws is reported, and the others are called all the same. */
  callAll(callbacks: Iterable<() => void>): void;
  dispose(): void;
}

/** A hidden page is drawn by nobody, so nothing is lost by waiting; browsers round timers of such pages up to 1 s. */
const hiddenMs = 250;
/** Where there are no frames, as in Node. */
const framelessMs = 16;

/**
 * One flush for each animation frame. A hidden page gets no frames, so a timer stands in for them, also for a frame that
 * was asked for before the page was hidden. `group` runs around the callbacks of a flush, and `onThrown` is told of what
 * they throw.
 */
export function createFlushScheduler(
  kind: 'frame' | 'sync',
  clock: Clock,
  onThrown: (cause: unknown) => void,
  group: (run: () => void) => void = (run) => {
    run();
  },
  host: FrameHost = globalThis,
): FlushScheduler {
  const due = new Set<() => void>();
  let frame: number | undefined;
  let timer: TimerHandle;

  const run = (): void => {
    cancel();
    const callbacks = [...due];
    due.clear();
    guard(() => {
      group(() => {
        callAll(callbacks);
      });
    });
  };
  const guard = (callback: () => void): void => {
    try {
      callback();
    } catch (cause) {
      onThrown(cause);
    }
  };
  const callAll = (callbacks: Iterable<() => void>): void => {
    for (const callback of [...callbacks]) guard(callback);
  };
  const cancel = (): void => {
    if (frame !== undefined) host.cancelAnimationFrame?.(frame);
    clock.clearTimeout(timer);
    frame = undefined;
    timer = undefined;
  };
  const arm = (): void => {
    if (frame !== undefined || timer !== undefined) return;
    if (host.document?.hidden === true) timer = clock.setTimeout(run, hiddenMs);
    else if (host.requestAnimationFrame === undefined) timer = clock.setTimeout(run, framelessMs);
    else frame = host.requestAnimationFrame(run);
  };
  const onVisibility = (): void => {
    if (due.size === 0) return;
    cancel();
    arm();
  };
  if (kind === 'frame') host.document?.addEventListener('visibilitychange', onVisibility);

  return {
    schedule(callback) {
      due.add(callback);
      if (kind === 'sync') run();
      else arm();
    },
    callAll,
    dispose() {
      cancel();
      due.clear();
      host.document?.removeEventListener('visibilitychange', onVisibility);
    },
  };
}
