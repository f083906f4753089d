import { PluginError } from '../protocol/error.ts';

/** Calls of something that can be disposed: its end aborts those that can be, and waits for all. */
export interface CallTracker {
  /** Aborted, with the error that calls reject with, once the end has come. */
  readonly signal: AbortSignal;
  /** Waits for the work at the end, and does not abort it. Rejects where the end has come before. */
  track<T>(work: () => PromiseLike<T>): Promise<T>;
  /**
   * The same, with a signal that the caller's or the end aborts. Once the end has come it rejects with its error, whatever
   * the work makes of the signal.
   */
  abortable<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => PromiseLike<T>): Promise<T>;
  /** Aborts the calls, and waits for all of them, however they end. */
  end(): Promise<void>;
}

/** Makes one. */
export function createCallTracker(): CallTracker {
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

  return {
    signal: root,
    track,
    abortable: (signal, work) =>
      track(async () => {
        try {
          return await work(signal === undefined ? root : AbortSignal.any([signal, root]));
        } finally {
          root.throwIfAborted();
        }
      }),
    async end() {
      controller.abort(disposedError());
      await Promise.allSettled(calls);
    },
  };
}

/** E_CANCELLED: nothing can be asked of a manager any more. */
export function disposedError(pluginId?: string): PluginError {
  return new PluginError('E_CANCELLED', 'the plugin manager was disposed', { phase: 'resolve', pluginId });
}
