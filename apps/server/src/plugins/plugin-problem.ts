import type { Context } from 'hono';
import { PluginError, pluginErrors, type PluginErrorCode } from '@fleetwire/plugin-manager';
import { Problem } from '../http/problem.ts';

type Status = 400 | 404 | 409 | 422 | 500 | 502 | 503;

/** What a failure is as a status, where nothing of it may succeed later by itself; of all others, 422. */
const statuses: Readonly<Partial<Record<PluginErrorCode, Status>>> = {
  E_NAME_REQUIRED: 400,
  E_NAME_INVALID: 400,
  E_NOT_INSTALLED: 404,
  E_NOT_FOUND: 404,
  E_UP_TO_DATE: 409,
  E_PINNED: 409,
  E_NO_ROLLBACK: 409,
  E_UNMANAGED: 409,
  E_CANCELLED: 409,
  // The source has failed, and not the request.
  E_HTTP_STATUS: 502,
  E_TLS: 502,
  E_RESPONSE_INVALID: 502,
  E_RESPONSE_TOO_LARGE: 502,
  // The store is not in order.
  E_STATE_CORRUPT: 500,
  E_STATE_NEWER: 500,
  E_FILES_CHANGED: 500,
  E_STORE_UNWRITABLE: 500,
  E_STORE: 500,
};

/**
 * A failure of the plugin manager as problem details, with its code, phase and details; what else was thrown comes back as
 * it is. Of a store that is not in order the code says what it is: its message may name folders of the server.
 */
export function pluginProblem(error: unknown): unknown {
  if (!(error instanceof PluginError)) return error;
  const { code, message, phase, retryable, retryAfterMs, pluginId, details } = error;
  const status = retryable ? 503 : (statuses[code] ?? 422);
  const known = { phase, retryable, ...(pluginId === undefined ? {} : { pluginId }) };
  const waitMs = status === 503 ? (retryAfterMs ?? defaultRetryMs) : undefined;
  if (isOfStore(code))
    return new Problem(status, code, `the plugin store cannot do this: ${pluginErrors[code].when}`, waitMs, known);
  return new Problem(status, code, message, waitMs, { ...known, details });
}

/** Whose messages name folders of the server. */
const isOfStore = (code: PluginErrorCode): boolean => /^E_(?:STORE|STATE|LOCKED$|FILES_CHANGED$)/.test(code);

const defaultRetryMs = 5_000;

/** Answers with a problem what the plugin manager refuses. */
export async function asProblem<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw pluginProblem(error);
  }
}

/** Asks for as long as somebody waits for the answer. */
export async function whileAsked<T>(context: Context, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal } = context.req.raw;
  try {
    return await asProblem(() => ask(signal));
  } catch (error) {
    // Nobody reads it; it must not be logged as a fault of the server.
    if (signal.aborted) throw new Problem(503, 'UNAVAILABLE', 'the request was given up');
    throw error;
  }
}
