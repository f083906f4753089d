import { systemClock, type Clock, type TimerHandle } from '@fleetwire/websocket-core';
import {
  queuedOperation,
  transition,
  type OperationEvent,
  type OperationProgress,
} from '../core/operation-progress.ts';
import { PluginError, type PluginPhase } from '../protocol/error.ts';

/** What an operation does. */
export type OperationAction = 'install' | 'update' | 'uninstall' | 'rollback' | 'verify' | 'repair';

/**
 * Something that takes time: `await` it for its result, iterate it for its progress. It rejects with a
 * {@link PluginError}, whatever its events say; a rejection that nobody awaits harms nothing.
 *
 * Each iterator begins with the newest event, ends after the last, and may leave without cancelling anything.
 */
export interface Operation<T> extends PromiseLike<T>, AsyncIterable<OperationProgress> {
  readonly id: string;
  readonly action: OperationAction;
  readonly pluginId: string;
  /** Who asked for it; absent where nobody said. */
  readonly actor?: string | undefined;
  /** The newest event. */
  readonly latest: OperationProgress;
  /** Ends it with E_CANCELLED unless it has ended, or what it did is active already. */
  cancel(): void;
}

/** What the work of an operation is given. */
export interface OperationContext {
  /** Aborted with the {@link PluginError} that the operation ends with: E_CANCELLED or E_TIMEOUT. */
  readonly signal: AbortSignal;
  readonly enter: (phase: PluginPhase) => void;
  readonly onBytes: (done: number, total?: number) => void;
  readonly warn: (message: string) => void;
}

/** How an operation is started. */
export interface OperationOptions<T> {
  readonly id: string;
  readonly action: OperationAction;
  readonly pluginId: string;
  readonly actor?: string | undefined;
  /** From the start of the work to its end, in milliseconds; waiting for the turn does not count. */
  readonly timeoutMs: number;
  /** Default: the clock of the machine. */
  readonly clock?: Clock | undefined;
  /** Cancels as `cancel()` does. */
  readonly signal?: AbortSignal | undefined;
  /** The work waits for it; it never rejects. Default: none. */
  readonly turn?: Promise<unknown> | undefined;
  readonly work: (context: OperationContext) => Promise<T>;
}

/** Events that one iterator holds for whoever is slow; then the oldest is dropped. The last event never is. */
const maxHeldEvents = 32;

interface Watcher {
  readonly held: OperationProgress[];
  wake: (() => void) | undefined;
}

/** Starts an operation. */
export function startOperation<T>(options: OperationOptions<T>): Operation<T> {
  const { id, action, pluginId, actor, timeoutMs, clock = systemClock, signal, turn, work } = options;
  const queued = queuedOperation(clock.monotonicNow());
  let { state } = queued;
  let latest = queued.progress;
  const watchers = new Set<Watcher>();
  const timers = new Set<TimerHandle>();
  const controller = new AbortController();

  let waking: TimerHandle;

  function after(ms: number, run: () => void): TimerHandle {
    const timer = clock.setTimeout(() => {
      timers.delete(timer);
      if (!state.isEnded) run();
    }, ms);
    timers.add(timer);
    return timer;
  }

  function handle(event: OperationEvent) {
    const step = transition(state, event, clock.monotonicNow());
    state = step.state;
    for (const effect of step.effects) {
      if (effect.type === 'emit') emit(effect.progress);
      else {
        if (waking !== undefined) {
          clock.clearTimeout(waking);
          timers.delete(waking);
        }
        waking = after(Math.max(0, effect.atMs - clock.monotonicNow()), () => {
          waking = undefined;
          handle({ type: 'woken' });
        });
      }
    }
  }

  function emit(progress: OperationProgress) {
    latest = progress;
    for (const watcher of watchers) {
      if (watcher.held.length >= maxHeldEvents) watcher.held.shift();
      watcher.held.push(progress);
      watcher.wake?.();
    }
  }

  function stop(code: 'E_CANCELLED' | 'E_TIMEOUT', message: string, cause?: unknown) {
    if (state.isEnded) return;
    controller.abort(new PluginError(code, message, { phase: state.phase ?? 'resolve', pluginId, cause }));
  }
  function cancel(cause?: unknown) {
    stop('E_CANCELLED', `the ${action} of ${pluginId} was cancelled`, cause);
  }
  function onSignal() {
    cancel(signal?.reason);
  }

  async function run(): Promise<T> {
    try {
      await Promise.race([turn, aborted(controller.signal)]);
      after(timeoutMs, () => {
        stop('E_TIMEOUT', `the ${action} of ${pluginId} took longer than ${String(timeoutMs)} ms`);
      });
      controller.signal.throwIfAborted();
      const result = await work({
        signal: controller.signal,
        enter: (phase) => {
          handle({ type: 'phase', phase });
        },
        onBytes: (done, total) => {
          handle({ type: 'bytes', done, total });
        },
        warn: (message) => {
          handle({ type: 'warning', message });
        },
      });
      handle({ type: 'done' });
      return result;
    } catch (cause) {
      // However the work fails once it is told to stop: that it was told is why.
      const error = controller.signal.aborted
        ? withFailure(controller.signal.reason as PluginError, cause)
        : toPluginError(cause, pluginId, state.phase);
      handle({ type: error.code === 'E_CANCELLED' ? 'cancelled' : 'failed', error });
      throw error;
    } finally {
      for (const timer of timers) clock.clearTimeout(timer);
      timers.clear();
      signal?.removeEventListener('abort', onSignal);
    }
  }

  if (signal?.aborted === true) onSignal();
  else signal?.addEventListener('abort', onSignal, { once: true });
  const result = run();
  // Whoever iterates learns of the failure by the last event; only awaiting it may throw.
  result.catch(() => undefined);

  async function* watch(): AsyncGenerator<OperationProgress, void, undefined> {
    const watcher: Watcher = { held: [latest], wake: undefined };
    watchers.add(watcher);
    try {
      for (;;) {
        const progress = watcher.held.shift();
        if (progress !== undefined) {
          yield progress;
          if (isLast(progress)) return;
        } else {
          await new Promise<void>((resolve) => {
            watcher.wake = resolve;
          });
        }
      }
    } finally {
      watchers.delete(watcher);
    }
  }

  return {
    id,
    action,
    pluginId,
    actor,
    get latest() {
      return latest;
    },
    cancel: () => {
      cancel();
    },
    then: (onFulfilled, onRejected) => result.then(onFulfilled, onRejected),
    [Symbol.asyncIterator]: watch,
  };
}

function isLast({ type }: OperationProgress): boolean {
  return type === 'done' || type === 'failed' || type === 'cancelled';
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else {
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    }
  });
}

/** Why it was stopped, with what failed then, unless that is but the stop: a disk that broke meanwhile is to be known. */
function withFailure(stopped: PluginError, cause: unknown): PluginError {
  const isStop = cause === stopped || (cause instanceof Error && cause.name === 'AbortError');
  if (isStop || (cause instanceof PluginError && cause.code === stopped.code)) return stopped;
  const { code, message, phase, pluginId } = stopped;
  return new PluginError(code, message, { phase, pluginId, cause });
}

/** What a failure is to callers: a {@link PluginError} of the plugin; E_STORE of the phase where it was none. */
function toPluginError(cause: unknown, pluginId: string, phase: PluginPhase = 'resolve'): PluginError {
  if (!(cause instanceof PluginError)) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return new PluginError('E_STORE', `${phase} of ${pluginId} failed: ${message}`, { phase, pluginId, cause });
  }
  if (cause.pluginId !== undefined) return cause;
  const { code, message, details, retryable, retryAfterMs } = cause;
  return new PluginError(code, message, { phase: cause.phase, pluginId, details, retryable, retryAfterMs, cause });
}
