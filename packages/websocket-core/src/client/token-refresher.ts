import { backoffMs } from '../core/backoff.ts';
import type { Clock, TimerHandle } from '../core/clock.ts';
import { FleetwireError } from '../core/errors.ts';
import { methods } from '../protocol/frames.ts';
import { tokenRefreshFraction, type Timings } from '../protocol/timings.ts';
import type { RequestManager } from './request-manager.ts';
import type { GetToken, TokenReason } from './types.ts';

/** Remaining life of a token, by the server's clock. */
export interface TokenLife {
  readonly sentAt: number;
  readonly tokenExpiresAt?: number | undefined;
}

export interface TokenRefresherOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly timings: Timings;
  readonly requests: RequestManager;
  readonly getToken: GetToken | undefined;
  readonly onError: (error: FleetwireError) => void;
}

/** Longest timer of every runtime; refreshing earlier does no harm. */
const maxTimerMs = 2 ** 31 - 1;
/** Answers to the same token differ by the way that they took. */
const sameTokenMs = 100;
/** First retries would only meet the same failure; this step of the back-off waits up to 2 s. */
const firstRetryStep = 3;

/** Keeps the token of a live connection fresh. */
export class TokenRefresher {
  readonly #options: TokenRefresherOptions;
  #timer: TimerHandle;
  #abort: AbortController | undefined;
  #attempt = 0;
  /** By the monotonic clock. */
  #expiresAt: number | undefined;

  constructor(options: TokenRefresherOptions) {
    this.#options = options;
  }

  /** [A1] Starts to watch the token that the connection opened with. */
  start(life: TokenLife): void {
    this.stop();
    this.#abort = new AbortController();
    this.#watch(life);
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = undefined;
    this.#expiresAt = undefined;
  }

  /** Refreshes now; does nothing without a live connection. Rejects with TOKEN_UNAVAILABLE or what the server said. */
  async refresh(): Promise<void> {
    const abort = this.#abort;
    if (abort === undefined) return;
    const token = await fetchToken(this.#options.getToken, 'refresh', abort.signal);
    if (abort !== this.#abort)
      throw new FleetwireError('CONNECTION_LOST', 'the connection was lost before the refresh');
    if (token === undefined) return;
    const life = await new Promise<unknown>((resolve, reject) => {
      this.#options.requests.start('control', methods.refresh, { token }, { resolve, reject });
    });
    if (abort === this.#abort) this.#watch(readLife(life));
  }

  #watch(life: TokenLife): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    if (life.tokenExpiresAt === undefined || this.#options.getToken === undefined) return;
    const lifeMs = life.tokenExpiresAt - life.sentAt;
    const expiresAt = clock.monotonicNow() + lifeMs;
    // The same token again gains nothing: that counts as a failure, or its last second would be spent in refreshes.
    if (this.#expiresAt !== undefined && expiresAt <= this.#expiresAt + sameTokenMs) {
      this.#expiresAt = Math.max(this.#expiresAt, expiresAt);
      this.#retry();
      return;
    }
    this.#expiresAt = expiresAt;
    this.#attempt = 0;
    this.#arm(Math.max(0, lifeMs * tokenRefreshFraction));
  }

  #retry(): void {
    const { clock, random, timings } = this.#options;
    const waitMs = backoffMs(this.#attempt + firstRetryStep, random(), timings);
    this.#attempt += 1;
    // After the grace the server closes with 4401, and the next connection gets a token anyway.
    if (clock.monotonicNow() + waitMs < (this.#expiresAt ?? 0) + timings.tokenGraceMs) this.#arm(waitMs);
  }

  #arm(waitMs: number): void {
    const { clock, onError } = this.#options;
    clock.clearTimeout(this.#timer);
    const abort = this.#abort;
    this.#timer = clock.setTimeout(
      () => {
        this.refresh().catch((error: unknown) => {
          if (abort !== this.#abort || abort === undefined) return;
          onError(toTokenError(error));
          this.#retry();
        });
      },
      Math.min(waitMs, maxTimerMs),
    );
  }
}

/** Asks the application for a token. Rejects with TOKEN_UNAVAILABLE when it fails, ABORTED when the signal comes first. */
export async function fetchToken(
  getToken: GetToken | undefined,
  reason: TokenReason,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (getToken === undefined) return undefined;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(new FleetwireError('ABORTED', 'the token is not needed any more'));
    };
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([Promise.resolve().then(() => getToken({ reason, signal })), aborted]);
  } catch (error) {
    throw toTokenError(error);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}

function toTokenError(error: unknown): FleetwireError {
  if (error instanceof FleetwireError) return error;
  return new FleetwireError('TOKEN_UNAVAILABLE', 'getToken failed', { cause: error });
}

function readLife(result: unknown): TokenLife {
  const { sentAt, tokenExpiresAt } = (result ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof sentAt !== 'number')
    throw new FleetwireError('BAD_FRAME', 'the server answered auth.refresh without sentAt');
  return { sentAt, tokenExpiresAt: typeof tokenExpiresAt === 'number' ? tokenExpiresAt : undefined };
}
