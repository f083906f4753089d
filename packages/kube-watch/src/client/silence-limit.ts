import type { Clock, TimerHandle } from '@fleetwire/websocket-core';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { networkError, type ErrorPlace } from './errors.ts';

/** For how long nothing may be heard, and what ends it before. */
export interface SilenceLimit extends ErrorPlace {
  readonly clock: Clock;
  readonly silenceMs: number;
  /** Of whom nothing is heard, for the message. Default: the cluster. */
  readonly from?: string | undefined;
  /** Those that end it before, the caller's own and others. */
  readonly signals?: readonly (AbortSignal | null | undefined)[] | undefined;
}

/**
 * Runs `ask`, which calls `heard` whenever something came. After `silenceMs` without, its signal aborts and the result
 * rejects with KUBE_TIMEOUT, also when `ask` does not look at the signal; so it does with ABORTED when the caller aborts.
 */
export function withSilenceLimit<T>(
  { cluster, namespace, clock, from = cluster, silenceMs, signals = [] }: SilenceLimit,
  ask: (signal: AbortSignal, heard: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    let timer: TimerHandle;
    const rest = (): void => {
      clock.clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', onAbort);
    };
    const stop = (error: KubeWatchError): void => {
      rest();
      reject(error);
      controller.abort();
    };
    const heard = (): void => {
      clock.clearTimeout(timer);
      if (controller.signal.aborted) return;
      timer = clock.setTimeout(() => {
        const message = `nothing came from ${from} for ${String(silenceMs / 1000)} s`;
        stop(createKubeWatchError({ code: 'KUBE_TIMEOUT', message, cluster, namespace }));
      }, silenceMs);
    };
    const onAbort = (): void => {
      const aborted = signals.find((signal) => signal?.aborted === true);
      stop(networkError(aborted?.reason, { cluster, namespace }, true));
    };
    if (signals.some((signal) => signal?.aborted === true)) onAbort();
    else for (const signal of signals) signal?.addEventListener('abort', onAbort);
    heard();
    ask(controller.signal, heard).then(resolve, reject).finally(rest);
  });
}
