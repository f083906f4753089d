import { shown } from '../../core/check-shape.ts';
import { invalidResponse } from '../../core/invalid-response.ts';
import { PluginError } from '../../protocol/error.ts';
import type { Fetcher, Metadata } from '../fetch/create-fetcher.ts';

/** How sources fetch: bounded, by policy, and with no state of theirs. */
export type MetadataFetcher = Pick<Fetcher, 'metadata'>;

/** What {@link fetchJson} asks for. */
export interface JsonRequest {
  readonly fetcher: MetadataFetcher;
  readonly url: string;
  readonly maxBytes: number;
  readonly isLocal: boolean;
  readonly signal: AbortSignal;
  readonly pluginId?: string | undefined;
  /** What is not there when the server says 404. */
  readonly what: string;
}

/** A parsed answer, and what it came with. */
export interface JsonResponse {
  readonly value: unknown;
  readonly headers: Metadata['headers'];
}

/** The text as JSON. Throws E_RESPONSE_INVALID that shows how the text begins. */
export function parseJson(text: string, where: string, pluginId?: string, type = ''): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const found = `${type === '' ? '' : `${type} that begins with `}${shown(text.slice(0, 60))}`;
    throw invalidResponse(where, { expected: 'expected JSON', found, path: '' }, pluginId);
  }
}

/**
 * Fetches JSON from the host of the URL; a redirect to another host is refused by the fetcher. Throws E_NOT_FOUND for
 * 404, E_URL_INVALID for a text that is no URL, E_HTTP_STATUS for any other status but 200, E_RESPONSE_INVALID for what is no JSON.
 */
export async function fetchJson(request: JsonRequest): Promise<JsonResponse> {
  const { fetcher, url, maxBytes, isLocal, signal, pluginId, what } = request;
  if (!URL.canParse(url))
    throw new PluginError('E_URL_INVALID', `expected the URL of a source, got ${shown(url)}`, {
      phase: 'resolve',
      pluginId,
    });
  const policy = { hosts: [new URL(url).host], redirectHosts: [], isLocal };
  const headers = { accept: 'application/json' };
  const response = await fetcher.metadata({ url, maxBytes, policy, signal, headers });
  const { status } = response;
  if (status === 404) {
    throw new PluginError('E_NOT_FOUND', `${what} is not there: ${url} answered 404`, {
      phase: 'resolve',
      pluginId,
      details: { url, status },
    });
  }
  if (status !== 200) {
    throw new PluginError('E_HTTP_STATUS', `${url}: expected status 200, got ${String(status)}`, {
      phase: 'resolve',
      pluginId,
      retryable: status === 429 || status >= 500,
      details: { url, status },
    });
  }
  const type = response.headers['content-type'];
  return {
    value: parseJson(response.text, url, pluginId, type),
    headers: response.headers,
  };
}
