import { systemClock, type TimerHandle } from '../core/clock.ts';
import { FleetwireError } from '../core/errors.ts';
import { isConfidential } from '../client/resolve-url.ts';
import type { FallbackOptions } from './client-provider.ts';

export interface FallbackPollerOptions extends FallbackOptions {
  readonly url: string;
  /** From the end of one answer to the next question. */
  readonly intervalMs: number;
  /** What the client dials: its host may have the token too. */
  readonly clientUrl: string;
  readonly onJson: (json: unknown) => void;
  readonly onError: (error: FleetwireError) => void;
}

/** Asks a REST address again and again; never two questions at once. */
export class FallbackPoller {
  readonly #options: FallbackPollerOptions;
  #abort: AbortController | undefined;
  #timer: TimerHandle;

  constructor(options: FallbackPollerOptions) {
    this.#options = options;
  }

  /** Asks now and goes on; does nothing while it runs. */
  start(): void {
    if (this.#abort !== undefined) return;
    this.#abort = new AbortController();
    void this.#poll(this.#abort.signal);
  }

  /** Aborts the question under way; nothing is told any more. */
  stop(): void {
    systemClock.clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = undefined;
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { intervalMs, onError, onJson } = this.#options;
    try {
      const json = await this.#ask(signal);
      if (!signal.aborted) onJson(json);
    } catch (error) {
      if (!signal.aborted) onError(toFallbackError(error));
    }
    if (signal.aborted) return;
    this.#timer = systemClock.setTimeout(() => {
      void this.#poll(signal);
    }, intervalMs);
  }

  async #ask(signal: AbortSignal): Promise<unknown> {
    const { url } = this.#options;
    const token = await this.#token();
    signal.throwIfAborted();
    const headers = new Headers({ accept: 'application/json' });
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const response = await (this.#options.fetch ?? fetch)(url, { headers, signal });
    if (!response.ok) throw statusError(response.status);
    return (await response.json()) as unknown;
  }

  /** The token where it may go, undefined where it is not for. Throws INSECURE_URL where it could be read on the way. */
  #token(): string | undefined | Promise<string | undefined> {
    const { allowInsecureToken = false, clientUrl, getToken, url } = this.#options;
    if (getToken === undefined) return undefined;
    const { document, location } = globalThis as Page;
    const target = new URL(url, document?.baseURI ?? location?.href ?? clientUrl);
    if (target.origin !== location?.origin && target.host !== new URL(clientUrl).host) return undefined;
    if (!allowInsecureToken && !isConfidential(target.href)) {
      throw new FleetwireError('INSECURE_URL', `a token would travel unencrypted to ${target.host}`);
    }
    return getToken();
  }
}

/** The part of a page that an address is taken on. */
interface Page {
  readonly location?: { readonly href: string; readonly origin: string };
  readonly document?: { readonly baseURI?: string };
}

const codeByStatus: Readonly<Record<number, string>> = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN', 404: 'NOT_FOUND' };

function statusError(status: number): FleetwireError {
  const message = `the fallback answered ${String(status)}`;
  return new FleetwireError(codeByStatus[status] ?? 'UNAVAILABLE', message, { details: { status } });
}

function toFallbackError(error: unknown): FleetwireError {
  if (error instanceof FleetwireError) return error;
  return new FleetwireError('UNAVAILABLE', 'the fallback cannot be read', { cause: error });
}
