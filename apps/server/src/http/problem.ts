import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** A request that cannot be served, told as problem details (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: ContentfulStatusCode;
  /** A wire error code, so that a failure has one name on the socket and off it, or that of the part that failed. */
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  /** Members of its own (RFC 9457 section 3.2). */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    status: ContentfulStatusCode,
    code: string,
    detail: string,
    retryAfterMs?: number,
    extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.extensions = extensions;
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** Answers with `application/problem+json`. */
export function problemResponse(context: Context, problem: Problem): Response {
  const { status, code, message, retryAfterMs, extensions } = problem;
  context.header('Cache-Control', 'no-store');
  if (retryAfterMs !== undefined) context.header('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  // RFC 6750 section 3: a 401 of a Bearer-protected resource says so.
  if (status === 401) context.header('WWW-Authenticate', 'Bearer realm="fleetwire"');
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  const title = titles[status] ?? 'Error';
  const body = { ...extensions, type: 'about:blank', title, status, detail: message, code, ...retry };
  return context.body(JSON.stringify(body), status, { 'Content-Type': 'application/problem+json' });
}
