import { withoutQuery } from '../../core/url-rules.ts';
import { PluginError, type PluginPhase } from '../../protocol/error.ts';
import type { OpenedResponse } from './exchange.ts';
import { networkError } from './fetch-error.ts';
import { parseRetryAfter } from './retries.ts';

/** Statuses that may be gone a moment later (RFC 9110, RFC 6585, RFC 8470). */
const passing: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Where an answer came from, for messages. */
export function lastUrl({ urlChain }: OpenedResponse): string {
  return withoutQuery(urlChain.at(-1) ?? '');
}

/**
 * Refuses an answer by its status: one that may pass always, others unless `isExpected`.
 *
 * @throws PluginError `E_HTTP_STATUS`.
 */
export function checkStatus(
  response: OpenedResponse,
  isExpected: (status: number) => boolean,
  now: number,
  phase: PluginPhase,
): void {
  const { status, headers } = response;
  const retryable = passing.has(status);
  if (!retryable && isExpected(status)) return;
  const url = lastUrl(response);
  throw new PluginError('E_HTTP_STATUS', `${url} answers with status ${status}`, {
    phase,
    retryable,
    retryAfterMs: parseRetryAfter(headers['retry-after'], now),
    details: { url, status },
  });
}

/** The size that an answer declares, undefined where it does not. */
export function declaredBytes({ headers }: OpenedResponse): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/**
 * Reads a body piece by piece; the next is read when `onChunk` is done with the last.
 *
 * @throws PluginError `E_RESPONSE_TOO_LARGE` (before anything is read, where the size is declared),
 * `E_RESPONSE_TRUNCATED`, `E_RESPONSE_TIMEOUT`, `E_NETWORK`; and what `onChunk` throws.
 */
export async function receive(
  response: OpenedResponse,
  maxBytes: number,
  phase: PluginPhase,
  onChunk: (chunk: Uint8Array) => Promise<void> | void,
): Promise<void> {
  const url = lastUrl(response);
  const declared = declaredBytes(response);
  const tooLarge = (found: string): PluginError =>
    new PluginError('E_RESPONSE_TOO_LARGE', `expected at most ${maxBytes} bytes from ${url}, got ${found}`, {
      phase,
      details: { url, maxBytes, declaredBytes: declared },
    });
  if (declared !== undefined && declared > maxBytes) throw tooLarge(`${declared}`);
  let bytes = 0;
  try {
    for await (const chunk of response.body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge('more');
      await onChunk(chunk);
    }
  } catch (error) {
    throw networkError(error, url, true, phase);
  }
  if (declared !== undefined && bytes < declared) {
    const message = `expected ${declared} bytes from ${url}, got ${bytes}`;
    throw new PluginError('E_RESPONSE_TRUNCATED', message, { phase, details: { url, declaredBytes: declared, bytes } });
  }
}

/**
 * Refuses a web page where an archive was expected (a login form, an error page with status 200), by its first bytes; the
 * content type alone says little, as some servers send archives as `text/html`.
 *
 * @throws PluginError `E_ARCHIVE_FORMAT`.
 */
export function checkNoPage(response: OpenedResponse, firstChunk: Uint8Array, phase: PluginPhase): void {
  const text = Buffer.from(firstChunk.subarray(0, 64)).toString('latin1');
  const type = response.headers['content-type'] ?? '';
  const isPage = /^(?:\u00ef\u00bb\u00bf)?\s*<[!?a-z]/iu.test(text);
  const isGzip = firstChunk[0] === 0x1f;
  if (!isPage && (isGzip || !/^\s*(?:text\/html|application\/xhtml\+xml)/i.test(type))) return;
  const url = lastUrl(response);
  throw new PluginError('E_ARCHIVE_FORMAT', `expected a gzip of a tar from ${url}, got a page (${type})`, {
    phase,
    details: { url, contentType: type },
  });
}
