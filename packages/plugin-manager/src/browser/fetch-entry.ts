import type { ReadyPlugin } from '../protocol/runtime.ts';
import { messageOf } from './message-of.ts';
import { PluginLoadError } from './plugin-load-error.ts';

/** What of the page fetching and comparing needs. */
export interface EntryFetcher {
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Absent on pages that are no secure context: there the browser compares, by fetch's own `integrity`. */
  readonly subtle: Pick<SubtleCrypto, 'digest'> | undefined;
}

function base64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

/** What a response asks to wait (RFC 9110, 10.2.3), in milliseconds. */
function retryAfterMsOf({ headers }: Response, nowMs: number): number | undefined {
  const text = headers.get('retry-after') ?? '';
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

/** Reads a body of at most `maxBytes`; undefined once it is longer. */
async function read(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const bytes = new Uint8Array(maxBytes);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, length);
    if (length + value.length > maxBytes) {
      void reader.cancel().catch(() => undefined);
      return undefined;
    }
    bytes.set(value, length);
    length += value.length;
  }
}

/**
 * Fetches the entry of a plugin and compares its bytes with what the server verified, so that a failure says which of the
 * two it was. Throws {@link PluginLoadError} with E_FETCH, E_FETCH_TOO_LARGE or E_INTEGRITY.
 */
export async function fetchEntry(plugin: ReadyPlugin, fetcher: EntryFetcher, signal: AbortSignal): Promise<void> {
  const { id: pluginId, entry } = plugin;
  const { fetch, now, subtle } = fetcher;
  let retryAfterMs: number | undefined;
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  try {
    const response = await fetch(entry.url, {
      signal,
      credentials: 'same-origin',
      redirect: 'error',
      ...(subtle === undefined ? { integrity: entry.integrity } : {}),
    });
    retryAfterMs = retryAfterMsOf(response, now());
    if (!response.ok) throw new Error(`the server answers ${String(response.status)}`);
    bytes = await read(response, entry.size);
  } catch (cause) {
    const message = `${entry.url} could not be fetched: ${messageOf(cause)}`;
    throw new PluginLoadError('E_FETCH', message, { pluginId, phase: 'fetch', cause, retryAfterMs });
  }
  if (bytes === undefined) {
    const message = `${entry.url} is larger than the ${String(entry.size)} bytes that the server verified`;
    throw new PluginLoadError('E_FETCH_TOO_LARGE', message, { pluginId, phase: 'fetch' });
  }
  if (subtle === undefined) return;
  const found = `sha384-${base64(await subtle.digest('SHA-384', bytes))}`;
  if (found !== entry.integrity) {
    const message = `the bytes of ${entry.url} are ${found}; the server verified ${entry.integrity}`;
    throw new PluginLoadError('E_INTEGRITY', message, { pluginId, phase: 'verify' });
  }
}
