import type { Clock, TimerHandle } from '@fleetwire/websocket-core';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { networkError, type ErrorPlace } from './errors.ts';

/** For how long nothing may be heard, and what ends it before. */
export interface SilenceLimit extends ErrorPlace {
  readonly clock: Clock;
  readonly silenceMs: number;
  /** The caller's own abort. */
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * Runs `ask`, which calls `heard` whenever something came. After `silenceMs` without, its signal aborts and the result
 * rejects with KUBE_TIMEOUT, also when `ask` does not look at the signal; so it does with ABORTED when the caller aborts.
 */
export function withSilenceLimit<T>(
  { cluster, namespace, clock, silenceMs, signal }: SilenceLimit,
  ask: (signal: AbortSignal, heard: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    let timer: TimerHandle;
    const stop = (error: KubeWatchError): void => {
      reject(error);
      controller.abort();
    };
    const heard = (): void => {
      clock.clearTimeout(timer);
      if (controller.signal.aborted) return;
      timer = clock.setTimeout(() => {
        const message = `nothing came from ${cluster} for ${String(silenceMs / 1000)} s`;
        stop(createKubeWatchError({ code: 'KUBE_TIMEOUT', message, cluster, namespace }));
      }, silenceMs);
    };
    const onAbort = (): void => {
      stop(networkError(signal?.reason, { cluster, namespace }, true));
    };
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort);
    heard();
    ask(controller.signal, heard)
      .then(resolve, reject)
      .finally(() => {
        clock.clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      });
  });
}
