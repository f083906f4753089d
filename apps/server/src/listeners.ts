import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server as HttpServer,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { pathOf, refuseUpgrade, type Logger, type Server } from '@fleetwire/websocket-core/server';
import type { Config } from './config/schema.ts';
import type { HostCheck } from './http/allowed-hosts.ts';
import type { ClientOf } from './http/client-of.ts';
import { createRequestGate, type RequestGate } from './http/request-gate.ts';
import type { OriginCheck } from './http/same-origin.ts';
import type { ServerPart } from './parts.ts';
import type { KeyedCertificate } from './tls/authority.ts';
import { certificateNames, loadServerCertificate } from './tls/server-certificate.ts';

const socketPath = '/ws';

/** A listener failed; the message says which and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** The listeners of a server, for plain HTTP and for TLS. */
export interface Listeners {
  readonly url: string;
  /** Undefined where TLS is off. */
  readonly tls: { readonly url: string; readonly caCert: string | undefined } | undefined;
  /** Lets no more requests begin but those of probes; resolves when none is under way, or at the deadline. */
  drain(deadlineMs: number): Promise<void>;
  /** Stops to listen; resolves when nothing is open. */
  dispose(): Promise<void>;
}

/** What listeners need. */
export interface ListenerOptions {
  readonly config: Pick<Config, 'host' | 'port' | 'tlsPort' | 'tlsCert' | 'tlsKey' | 'allowedHosts'>;
  /** The data folder. */
  readonly folder: string;
  readonly app: Hono;
  readonly live: Server;
  readonly parts: readonly ServerPart[];
  readonly isAllowedHost: HostCheck;
  readonly isOwnOrigin: OriginCheck;
  readonly clientOf: ClientOf;
  readonly logger: Logger;
}

/** A certificate that is about to expire is made anew while the server runs. */
const certificateCheckMs = 12 * 3_600_000;

/** Serves the same on both listeners. Throws a {@link ListenError}, or a CertificateError. */
export async function startListeners(options: ListenerOptions): Promise<Listeners> {
  const { config, folder, logger } = options;
  const gate = createRequestGate();
  const undo: (() => unknown)[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(undo.splice(0).map((step) => step()));
  };
  const serve = (server: HttpServer): void => {
    attach(server, gate, options);
    const sockets = socketsOf(server);
    undo.push(() => closeListener(server, sockets));
  };
  try {
    let tls: Listeners['tls'];
    if (config.tlsPort !== 'off') {
      const load = () =>
        loadServerCertificate({
          tlsCert: config.tlsCert,
          tlsKey: config.tlsKey,
          folder: join(folder, 'tls'),
          names: certificateNames(config.host, config.allowedHosts),
          now: Date.now,
        });
      const certificate = await load();
      const server = createHttpsServer({ ...serverOptions, cert: certificate.cert, key: certificate.key });
      serve(server);
      const url = await listen(server, { scheme: 'https', host: config.host, port: config.tlsPort }, logger);
      undo.push(renewing(server, load, logger));
      tls = { url, caCert: certificate.caCert };
    }
    const server = createHttpServer(serverOptions);
    serve(server);
    const url = await listen(server, { scheme: 'http', host: config.host, port: config.port }, logger);
    return { url, tls, drain: (deadlineMs) => gate.close(deadlineMs), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const serverOptions = {
  // Some HTTP clients offer h2c with their first request (RFC 9113 section 3.1): they get their answer in HTTP/1.1.
  // kubectl of before 1.31 asks for SPDY when it executes.
  shouldUpgradeCallback: ({ headers }: IncomingMessage): boolean =>
    /^(?:websocket|spdy\/3\.1)$/i.test(headers.upgrade ?? ''),
};

/** Serves the parts, the socket and the application on a server. */
function attach(server: HttpServer, gate: RequestGate, options: ListenerOptions): void {
  const { app, live, parts, isAllowedHost, isOwnOrigin, clientOf } = options;
  const respond = getRequestListener(app.fetch);
  const onRequest: RequestListener = (request, response) => {
    if (!gate.admit(request, response)) return;
    const part = isAllowedHost(request.headers.host)
      ? parts.find((each) => each.handleRequest?.(request, response) === true)
      : undefined;
    // What a part is read for may be a watch or a log, which has no end.
    if (part === undefined || part.endsItsAnswers === true || request.method !== 'GET') gate.track(response);
    if (part === undefined) void respond(request, response);
  };
  const isOriginAllowed = (request: IncomingMessage): boolean =>
    isAllowedHost(request.headers.host) && isOwnOrigin(request);
  server.on('request', onRequest);
  live.attach(server, socketPath, {
    allowedOrigins: (_origin, request) => isOriginAllowed(request),
    remoteAddress: (request) => clientOf(request).address,
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (pathOf(request.url ?? '') === socketPath) return;
    const retryAfterSeconds = gate.refusesUpgradesFor();
    if (retryAfterSeconds !== undefined) refuseUpgrade(stream, 503, 'the server is about to stop', retryAfterSeconds);
    else if (!isOriginAllowed(request)) refuseUpgrade(stream, 403, 'this origin is not allowed');
    else if (!parts.some((part) => part.handleUpgrade?.(request, stream, head) === true)) {
      refuseUpgrade(stream, 404, 'there is no socket at this path');
    }
  });
}

/** Reads the certificate again now and then: the server's own is made anew before it expires, the operator's may change. */
function renewing(server: HttpsServer, load: () => Promise<KeyedCertificate>, logger: Logger): () => void {
  let cert: string | undefined;
  const timer = setInterval(() => {
    load().then(
      (certificate) => {
        if (certificate.cert === cert) return;
        cert = certificate.cert;
        server.setSecureContext({ cert: certificate.cert, key: certificate.key });
      },
      (error: unknown) => {
        logger.error({ err: error }, 'the certificate could not be read again');
      },
    );
  }, certificateCheckMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

interface ListenAt {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

/** Listens; resolves with the URL. */
async function listen(server: HttpServer, at: ListenAt, logger: Logger): Promise<string> {
  const { scheme, host, port } = at;
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(listenError(error, at));
    };
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve();
    });
  });
  server.on('error', (error) => {
    logger.error({ err: error }, 'a connection could not be accepted');
  });
  const address = server.address() as AddressInfo;
  // An address that stands for all of them is none that a browser can open.
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${shown}:${String(address.port)}`;
}

function listenError(error: NodeJS.ErrnoException, { scheme, host, port }: ListenAt): Error {
  const where = `${host} port ${String(port)}`;
  const flag = scheme === 'http' ? '--port' : '--tls-port';
  if (error.code === 'EADDRINUSE') {
    const off = scheme === 'http' ? '' : ', or off for no TLS';
    return new ListenError(`${where} is in use by another program: give another ${flag}, or 0 for a free one${off}`, {
      cause: error,
    });
  }
  if (error.code === 'EACCES')
    return new ListenError(`${where} is not allowed to this user: give a ${flag} above 1023`, { cause: error });
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(error.code ?? '')) {
    return new ListenError(`${host} is not an address of this machine: give another --host`, { cause: error });
  }
  return error;
}

/** How long answers under way may take once the connections have left; then their sockets are cut. */
const lastAnswersMs = 2_000;

function closeListener(server: HttpServer, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      // Those that were upgraded too, which `closeAllConnections` does not know any more.
      for (const socket of sockets) socket.destroy();
    }, lastAnswersMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** The sockets that are open on a server. */
function socketsOf(server: HttpServer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
}
