/** Time and timers of a scenario; websocket-core's `Clock` fits. */
export interface ScenarioClock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** A control loop: it is given the keys of objects that may have changed and brings the cluster nearer to what they ask. */
export interface Controller {
  readonly name: string;
  /** Returns after how many milliseconds it wants to see the key again, if at all. */
  reconcile(key: string): number | undefined;
}

/** Runs controllers, each key once however often it was queued (as client-go's work queue). */
export interface WorkLoop {
  enqueue(controller: Controller, key: string, afterMs?: number): void;
  /** Runs until nothing is due, and leaves what waits for its time. */
  drain(): void;
  readonly depth: number;
  /** Forgets everything queued; `enqueue` may be used again. */
  stop(): void;
}

interface Work {
  readonly controller: Controller;
  readonly key: string;
}

/** Controllers look after this time, so that a burst of changes is one reconciliation. */
const BATCH_MS = 20;
/** Work done before the host's other callbacks get their turn. */
const MAX_PER_TURN = 200;
/** How long a key waits after its first failure; each failure in a row doubles it. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 300_000;

/**
 * `onError` gets what a controller threw, once until the key has succeeded. The key is tried again after a second, then
 * after twice as long each time, up to 5 min; when it is queued meanwhile, within a second.
 */
export function createWorkLoop(
  clock: ScenarioClock,
  onError: (error: unknown, controller: string, key: string) => void,
): WorkLoop {
  const ready = new Map<string, Work>();
  const waiting = new Map<string, { readonly dueAt: number; readonly handle: unknown }>();
  /** Failures in a row, by key. */
  const failures = new Map<string, number>();
  let turn: { readonly handle: unknown } | undefined;

  const run = (id: string, { controller, key }: Work) => {
    ready.delete(id);
    let againMs: number | undefined;
    try {
      againMs = controller.reconcile(key);
      failures.delete(id);
    } catch (error) {
      const count = failures.get(id) ?? 0;
      failures.set(id, count + 1);
      if (count === 0) onError(error, controller.name, key);
      againMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** count);
    }
    if (againMs !== undefined) wait(id, { controller, key }, againMs);
  };
  const wait = (id: string, work: Work, afterMs: number) => {
    const dueAt = clock.now() + afterMs;
    const before = waiting.get(id);
    if (before !== undefined && before.dueAt <= dueAt) return;
    if (before !== undefined) clock.clearTimeout(before.handle);
    const entry = {
      dueAt,
      handle: clock.setTimeout(() => {
        if (waiting.get(id) !== entry) return;
        waiting.delete(id);
        add(id, work);
      }, afterMs),
    };
    waiting.set(id, entry);
  };
  const add = (id: string, work: Work) => {
    ready.set(id, work);
    schedule(BATCH_MS);
  };
  const schedule = (afterMs: number) => {
    if (turn !== undefined) return;
    const current = {
      handle: clock.setTimeout(() => {
        if (turn !== current) return;
        turn = undefined;
        let left = MAX_PER_TURN;
        for (const [id, work] of ready) {
          if (left-- === 0) break;
          run(id, work);
        }
        if (ready.size > 0) schedule(ready.size > MAX_PER_TURN ? 0 : BATCH_MS);
      }, afterMs),
    };
    turn = current;
  };

  return {
    enqueue: (controller, key, afterMs = 0) => {
      const id = `${controller.name} ${key}`;
      // What a failing controller wrote before it failed queues the key again: that must not go round and round.
      const leastMs = failures.has(id) ? FIRST_RETRY_MS : 0;
      const waitMs = Math.max(afterMs, leastMs);
      if (waitMs > 0) wait(id, { controller, key }, waitMs);
      else add(id, { controller, key });
    },
    drain: () => {
      for (const [id, work] of ready) run(id, work);
    },
    get depth() {
      return ready.size;
    },
    stop: () => {
      if (turn !== undefined) clock.clearTimeout(turn.handle);
      turn = undefined;
      for (const { handle } of waiting.values()) clock.clearTimeout(handle);
      waiting.clear();
      ready.clear();
      failures.clear();
    },
  };
}
