import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { FleetwireError } from '@fleetwire/websocket-core';
import type { ClusterConnection } from './types.ts';

/** The kernel asks a silent peer after so long, then each second, and gives it up after ten questions. */
export const keepAliveMs = 10_000;

/** Idle connections that are kept for the next request; watches hold theirs. */
const maxFreeSockets = 16;

/** Largest body that is read whole: `/version`, a Status. Hundreds of watches may each be answered with one. */
const maxBodyBytes = 64 * 1024;

/** Headers in the form of `node:http`; several values of one name are an array. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

/** A request to a cluster, whose body the caller writes. */
export interface ClusterRequest {
  readonly method: string;
  /** Below the cluster, with query. */
  readonly path: string;
  readonly headers: RequestHeaders;
  /** Who it runs as in place of the connection's own identity. */
  readonly impersonate?: Impersonation | undefined;
  /** The caller takes the socket over (an upgrade): it comes from no pool. */
  readonly isUpgrade?: boolean | undefined;
}

/** Kubernetes documentation, Authenticating, § User impersonation. */
export interface Impersonation {
  readonly user: string;
  readonly groups: readonly string[];
}

/** A request without body. */
export interface ClusterGet {
  readonly headers: RequestHeaders;
  readonly impersonate?: Impersonation | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Requests to one cluster with the credentials of the moment, over connections that are kept alive. */
export class ClusterHttp {
  readonly connection: ClusterConnection;
  readonly #server: URL | undefined;
  readonly #agent: HttpAgent;

  constructor(connection: ClusterConnection) {
    this.connection = connection;
    const server = URL.parse(connection.server);
    this.#server = server !== null && /^https?:$/.test(server.protocol) ? server : undefined;
    const options = { keepAlive: true, keepAliveMsecs: keepAliveMs, maxFreeSockets };
    this.#agent = this.isSecure ? new HttpsAgent(options) : new HttpAgent(options);
  }

  get isSecure(): boolean {
    return this.#server?.protocol === 'https:';
  }

  /** `https://10.0.0.1:6443`: what an API server takes for its own in a WebSocket's `Origin`. */
  get origin(): string | undefined {
    return this.#server?.origin;
  }

  /** Path and query below the cluster that a `Location` of its leads to; undefined for elsewhere. */
  pathOf(location: string, requestPath: string): string | undefined {
    if (this.#server === undefined) return undefined;
    const { origin, pathname } = this.#server;
    const base = pathname.replace(/\/+$/, '');
    const url = URL.parse(location, origin + base + requestPath);
    if (url?.origin !== origin || !url.pathname.startsWith(`${base}/`)) return undefined;
    return url.pathname.slice(base.length) + url.search + url.hash;
  }

  /**
   * Starts a request; the caller writes its body and ends it. Rejects when the credentials cannot be had, or when the
   * server's address is none: one cluster that is configured badly stops no other.
   */
  async start(request: ClusterRequest): Promise<ClientRequest> {
    const server = this.#server;
    if (server === undefined) {
      // Its address is for whoever configures it, not for users.
      throw new FleetwireError('INVALID_ARGUMENT', 'what is configured as its server is no http or https URL');
    }
    const { headers, tls, agent } = await this.connection.requestOptions();
    const options: RequestOptions = {
      ...(this.isSecure ? tls : {}),
      hostname: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port === '' ? (this.isSecure ? 443 : 80) : Number(server.port),
      method: request.method,
      path: server.pathname.replace(/\/+$/, '') + request.path,
      headers: headersOf(request, headers),
      ...(this.connection.lookup === undefined ? {} : { lookup: this.connection.lookup }),
      agent: (agent as HttpAgent | undefined) ?? (request.isUpgrade === true ? false : this.#agent),
    };
    const started = this.isSecure ? httpsRequest(options) : httpRequest(options);
    // Whoever waits for it hears of a failure; one that nobody waits for any more must not end the process.
    return started.on('error', () => undefined);
  }

  /**
   * Sends a request without body; resolves at the head of the answer. `timeoutMs` covers everything until then. A kept
   * connection that the server has just closed is no failure: another one is taken.
   */
  async get(path: string, options: ClusterGet): Promise<IncomingMessage> {
    for (;;) {
      try {
        return await this.#getOnce(path, options);
      } catch (error) {
        if (!(error instanceof StaleConnectionError)) throw error;
      }
    }
  }

  async #getOnce(path: string, options: ClusterGet): Promise<IncomingMessage> {
    const { signal, timeoutMs, headers, impersonate } = options;
    let request: ClientRequest | undefined;
    let giveUp: (error: Error) => void = () => undefined;
    const given = new Promise<never>((_resolve, reject) => (giveUp = reject));
    const timer = setTimeout(() => {
      giveUp(new FleetwireError('TIMEOUT', `no answer within ${String(timeoutMs)} ms`));
    }, timeoutMs);
    const abort = (): void => {
      giveUp(new FleetwireError('ABORTED', 'the request was given up'));
    };
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    let isOver = false;
    let isConnected = false;
    const answer = this.start({ method: 'GET', path, headers, impersonate }).then((started) => {
      request = started;
      if (isOver) started.destroy();
      return new Promise<IncomingMessage>((resolve, reject) => {
        started.once('response', resolve);
        started.on('error', (error) => {
          reject(isStale(started, error) ? new StaleConnectionError() : error);
        });
        started.once('socket', (socket) => socket.setKeepAlive(true, keepAliveMs));
        onConnected(started, () => (isConnected = true));
        // A server that switches protocols unasked says nothing that could be read.
        started.once('upgrade', (_response, socket) => {
          socket.destroy();
          reject(new Error('the server switched protocols'));
        });
        started.end();
      });
    });
    answer.catch(() => undefined);
    given.catch(() => undefined);
    try {
      const response = await Promise.race([answer, given]);
      // From here the caller hears of it through the response.
      const cut = (): void => void response.destroy();
      signal.addEventListener('abort', cut);
      response.once('close', () => {
        signal.removeEventListener('abort', cut);
      });
      return response;
    } catch (error) {
      isOver = true;
      request?.destroy();
      if (request !== undefined && !isConnected) connectionFailures.add(error as Error);
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  /** The same, with the body. */
  async getText(path: string, options: ClusterGet): Promise<{ response: IncomingMessage; text: string }> {
    const endsAt = performance.now() + options.timeoutMs;
    const response = await this.get(path, options);
    return { response, text: await bodyOf(response, Math.max(1, endsAt - performance.now())) };
  }

  /** No new requests come: ends the idle connections, and those in use when they are done. */
  retire(): void {
    this.#agent.maxFreeSockets = 0;
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  /** Cuts what is open. */
  dispose(): void {
    this.#agent.destroy();
  }
}

/** Calls once, when the request has a connection that stands, its TLS included. */
export function onConnected(request: ClientRequest, listener: () => void): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) listener();
    else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', listener);
  });
}

const connectionFailures = new WeakSet<Error>();

/**
 * Whether a {@link ClusterHttp.get} came to nothing because there was no connection: that is the cluster's failure. What
 * is slow behind a connection may be one service of many, and a request that could not be made never left.
 */
export function isConnectionFailure(error: unknown): boolean {
  return error instanceof Error && connectionFailures.has(error);
}

class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
}

/** Whether a request failed because the server closed the kept connection that it was sent on. */
export function isStale(request: ClientRequest, error: unknown): boolean {
  return request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
}

/** Reads a body whole. Rejects when it is too large, too slow or cut. */
export async function bodyOf(response: IncomingMessage, timeoutMs: number): Promise<string> {
  const timer = setTimeout(() => {
    response.destroy(new FleetwireError('TIMEOUT', 'the answer did not end in time'));
  }, timeoutMs);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBodyBytes) throw new FleetwireError('PAYLOAD_TOO_LARGE', 'the answer is too large');
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
    response.destroy();
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

/**
 * What the connection brings wins over the caller's, and impersonation over both: nobody speaks for another. `Via` alone
 * is added to (RFC 9110 section 7.6.3).
 */
function headersOf(request: ClusterRequest, own: Readonly<Record<string, string>>): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = value as string | string[];
  for (const [name, value] of Object.entries(own)) headers[name.toLowerCase()] = value;
  const { via: before } = request.headers;
  if (before !== undefined && headers['via'] !== before)
    headers['via'] = [before, headers['via'] ?? []].flat(2).join(', ');
  if (request.impersonate === undefined) return headers;
  for (const name of Object.keys(headers)) if (name.startsWith('impersonate-')) delete headers[name];
  headers['impersonate-user'] = headerText(request.impersonate.user);
  if (request.impersonate.groups.length > 0) headers['impersonate-group'] = request.impersonate.groups.map(headerText);
  return headers;
}

/** API servers read the bytes of names as UTF-8; `node:http` writes one byte for each character. */
function headerText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
