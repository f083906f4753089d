import { systemClock, type Clock } from '@fleetwire/websocket-core';
import { PluginError } from '../protocol/error.ts';

/** Calls of something that can be disposed: its end aborts those that can be, and waits for all. */
export interface CallTracker {
  /** Aborted, with the error that calls reject with, once the end has come. */
  readonly signal: AbortSignal;
  /** Waits for the work at the end, and does not abort it. Rejects where the end has come before. */
  track<T>(work: () => PromiseLike<T>): Promise<T>;
  /**
   * The same, with a signal that the caller's, its time or the end aborts: with a {@link PluginError}, E_CANCELLED or
   * E_TIMEOUT, which the call rejects with where the work fails then. What the work has got all the same is its result;
   * once the end has come, nothing is.
   */
  abortable<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => PromiseLike<T>): Promise<T>;
  /** Aborts the calls, and waits for all of them, however they end. */
  end(): Promise<void>;
}

/** How long calls may take. */
export interface CallTrackerOptions {
  /** Of one that is abortable, in milliseconds. */
  readonly timeoutMs: number;
  /** Default: the clock of the machine. */
  readonly clock?: Clock | undefined;
}

/** Makes one. */
export function createCallTracker({ timeoutMs, clock = systemClock }: CallTrackerOptions): CallTracker {
  const calls = new Set<Promise<unknown>>();
  const controller = new AbortController();
  const root = controller.signal;

  function track<T>(work: () => PromiseLike<T>): Promise<T> {
    const call = (async () => {
      root.throwIfAborted();
      return await work();
    })();
    calls.add(call);
    const forget = (): void => void calls.delete(call);
    call.then(forget, forget);
    return call;
  }

  async function runAbortable<T>(
    caller: AbortSignal | undefined,
    work: (signal: AbortSignal) => PromiseLike<T>,
  ): Promise<T> {
    const own = new AbortController();
    const onEnd = (): void => {
      own.abort(root.reason);
    };
    const onCaller = (): void => {
      own.abort(cancelledBy(caller?.reason));
    };
    root.addEventListener('abort', onEnd);
    caller?.addEventListener('abort', onCaller);
    if (caller?.aborted === true) onCaller();
    const timer = clock.setTimeout(() => {
      const message = `the sources were asked for longer than ${String(timeoutMs)} ms`;
      own.abort(new PluginError('E_TIMEOUT', message, { phase: 'resolve' }));
    }, timeoutMs);
    try {
      return await work(own.signal);
    } catch (error) {
      own.signal.throwIfAborted();
      throw error;
    } finally {
      clock.clearTimeout(timer);
      root.removeEventListener('abort', onEnd);
      caller?.removeEventListener('abort', onCaller);
      root.throwIfAborted();
    }
  }

  return {
    signal: root,
    track,
    abortable: (signal, work) => track(() => runAbortable(signal, work)),
    async end() {
      controller.abort(disposedError());
      await Promise.allSettled(calls);
    },
  };
}

function cancelledBy(reason: unknown): PluginError {
  if (reason instanceof PluginError) return reason;
  return new PluginError('E_CANCELLED', 'nobody waits for the answer any more', { phase: 'resolve', cause: reason });
}

/** E_CANCELLED: nothing can be asked of a manager any more. */
export function disposedError(pluginId?: string): PluginError {
  return new PluginError('E_CANCELLED', 'the plugin manager was disposed', { phase: 'resolve', pluginId });
}
