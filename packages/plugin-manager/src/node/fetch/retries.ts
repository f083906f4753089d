import { backoffMs, type Clock } from '@fleetwire/websocket-core';
import type { PluginErrorCode } from '../../protocol/error-codes.ts';
import { PluginError, type PluginPhase } from '../../protocol/error.ts';
import type { FetchSettings } from './settings.ts';

/** Why a signal stopped the work: its reason, if that is an error of ours; otherwise somebody cancelled. */
export function stopError(signal: AbortSignal, phase: PluginPhase): PluginError {
  const reason: unknown = signal.reason;
  if (reason instanceof PluginError) return reason;
  return new PluginError('E_CANCELLED', 'Download cancelled', { phase, cause: reason });
}

/**
 * Waits for a promise until the signal stops it, or `ms` have passed; the promise itself goes on unheard.
 *
 * @throws what `late` makes, what the signal says, or what the promise rejects with.
 */
export function within<T>(promise: Promise<T>, { clock, ms, signal, phase, late }: WithinOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (error: Error): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      reject(error);
    };
    const onAbort = (): void => {
      stop(stopError(signal, phase));
    };
    const timer = clock.setTimeout(() => {
      stop(late());
    }, ms);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    promise.then(
      (value) => {
        clock.clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        resolve(value);
      },
      (error: unknown) => {
        stop(error as Error);
      },
    );
  });
}

interface WithinOptions {
  readonly clock: Clock;
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly phase: PluginPhase;
  readonly late: () => Error;
}

function pause(clock: Clock, ms: number, signal: AbortSignal, phase: PluginPhase): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      reject(stopError(signal, phase));
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

const worthRetrying: ReadonlySet<PluginErrorCode> = new Set([
  'E_NETWORK',
  'E_RESPONSE_TIMEOUT',
  'E_RESPONSE_TRUNCATED',
  'E_HTTP_STATUS',
]);

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed `settings.retries` times more; with full jitter
 * between, at least as long as the server asked for. Its signal stops with the caller's and after
 * `settings.timeouts.wholeMs`.
 */
export async function withRetries<T>(
  settings: FetchSettings,
  caller: AbortSignal,
  phase: PluginPhase,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, timeouts, retries, backoff, maxRetryAfterMs, random } = settings;
  const whole = new AbortController();
  const timer = clock.setTimeout(() => {
    const message = `expected the whole answer within ${timeouts.wholeMs} ms`;
    whole.abort(new PluginError('E_RESPONSE_TIMEOUT', message, { phase }));
  }, timeouts.wholeMs);
  const signal = AbortSignal.any([caller, whole.signal]);
  try {
    for (let index = 0; ; index += 1) {
      if (signal.aborted) throw stopError(signal, phase);
      try {
        return await attempt(signal);
      } catch (error) {
        if (signal.aborted) throw stopError(signal, phase);
        const isWorth = error instanceof PluginError && error.retryable && worthRetrying.has(error.code);
        if (!isWorth || index >= retries) throw error;
        const retryAfterMs = Math.min(error.retryAfterMs ?? 0, maxRetryAfterMs);
        await pause(clock, backoffMs(index, random(), backoff, retryAfterMs), signal, phase);
      }
    }
  } finally {
    clock.clearTimeout(timer);
  }
}

/** Milliseconds that `Retry-After` asks for, in seconds or as a date (RFC 9110, 10.2.3); undefined for anything else. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
