import { ApiError, type AuthSession } from '../../../auth/auth-session.ts';

/** A request of the plugins' API. */
export interface PluginsRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What {@link sendRequest} needs of the page; tests give their own. */
export interface RequestPorts {
  readonly fetch: typeof fetch;
  readonly createKey: () => string;
  readonly wait: (delayMs: number) => Promise<void>;
}

/** Before each further attempt: a change that nobody knows the outcome of is asked for again, with its key. */
const retryDelaysMs = [500, 2_000] as const;

/** Answers of something between here and the server, and of a server that begins or ends. */
const passingStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

const pagePorts: RequestPorts = {
  fetch: (input, init) => fetch(input, init),
  createKey: createIdempotencyKey,
  wait: (delayMs) =>
    new Promise((resolve) => {
      setTimeout(resolve, delayMs);
    }),
};

/**
 * Sends a request and gives the JSON of its answer. A change carries an `Idempotency-Key` and is sent again with it when
 * the answer is lost, so that it happens once. Throws an {@link ApiError} with the server's code and words.
 */
export async function sendRequest(
  session: Pick<AuthSession, 'token'>,
  request: PluginsRequest,
  ports: RequestPorts = pagePorts,
): Promise<unknown> {
  if (request.method === 'GET') return attempt(session, request, undefined, ports);
  const key = ports.createKey();
  for (const delayMs of retryDelaysMs) {
    try {
      return await attempt(session, request, key, ports);
    } catch (error) {
      if (!(error instanceof LostAnswer)) throw error;
      await ports.wait(delayMs);
    }
  }
  return attempt(session, request, key, ports);
}

/** Nobody knows what became of the request. */
class LostAnswer extends ApiError {}

async function attempt(
  session: Pick<AuthSession, 'token'>,
  { method, path, body, signal }: PluginsRequest,
  key: string | undefined,
  ports: RequestPorts,
): Promise<unknown> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (key !== undefined) headers['idempotency-key'] = key;
  headers['authorization'] = `Bearer ${await session.token()}`;
  let response: Response;
  try {
    const text = body === undefined ? null : JSON.stringify(body);
    response = await ports.fetch(path, { method, headers, body: text, signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new LostAnswer('UNREACHABLE', 'The server cannot be reached.');
  }
  if (response.status === 204) return undefined;
  const json: unknown = await response.json().catch(() => undefined);
  if (response.ok && json !== undefined) return json;
  const problem = (json ?? {}) as { readonly code?: string; readonly detail?: string; readonly retryAfterMs?: number };
  const { code = 'UNREACHABLE', detail = `The server answered ${String(response.status)}.`, retryAfterMs } = problem;
  // 409 with a time: the same request is still under way (draft-ietf-httpapi-idempotency-key-header).
  const isUnderWay = response.status === 409 && retryAfterMs !== undefined;
  const isLost = response.ok || isUnderWay || passingStatuses.has(response.status);
  throw isLost ? new LostAnswer(code, detail, retryAfterMs) : new ApiError(code, detail, retryAfterMs);
}

/** `crypto.randomUUID` is there in secure contexts alone; a dashboard on a plain-http address in a LAN is none. */
function createIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
