import type { ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import { failure } from '../core/status-errors.ts';
import { type Status, StatusError } from '../protocol/status.ts';

/** One whole answer. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer with a JSON or YAML body. */
export function bodyAnswer(status: number, body: unknown, format: 'json' | 'yaml' = 'json'): Answer {
  return format === 'json'
    ? { status, contentType: 'application/json', body: `${JSON.stringify(body)}\n` }
    : { status, contentType: 'application/yaml', body: stringify(body, { aliasDuplicateObjects: false }) };
}

/** An answer that carries a Status. */
export function statusAnswer(status: Status): Answer {
  const answer = bodyAnswer(status.code ?? 500, status);
  const retryAfter = status.details?.retryAfterSeconds;
  return retryAfter === undefined ? answer : { ...answer, headers: { 'retry-after': String(retryAfter) } };
}

/** The Status of whatever was thrown; what is no StatusError is a 500 of this server. */
export function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status;
  const message = error instanceof Error ? error.message : String(error);
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** Sends an answer. */
export function send(response: ServerResponse, answer: Answer): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': body.byteLength,
    'cache-control': 'no-cache, private',
    ...answer.headers,
  });
  response.end(body);
}
