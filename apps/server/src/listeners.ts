import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server as HttpServer,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@fleetwire/websocket-core/server';

/** A listener failed; the message says which and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Certificate chain and private key of a listener, in PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** What one listener serves. */
export interface ListenerOptions {
  readonly onRequest: RequestListener;
  readonly onUpgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) => void;
  readonly tls?: TlsIdentity | undefined;
}

/** Creates an HTTP server, or one for HTTPS; it does not listen yet. */
export function createListener({ onRequest, onUpgrade, tls }: ListenerOptions): HttpServer {
  // Some HTTP clients offer h2c with their first request (RFC 9113 section 3.1): they get their answer in HTTP/1.1.
  // kubectl of before 1.31 asks for SPDY when it executes.
  const shouldUpgradeCallback = ({ headers }: IncomingMessage): boolean =>
    /^(?:websocket|spdy\/3\.1)$/i.test(headers.upgrade ?? '');
  const server =
    tls === undefined
      ? createHttpServer({ shouldUpgradeCallback }, onRequest)
      : createHttpsServer({ ...tls, shouldUpgradeCallback, ALPNProtocols: ['http/1.1'] }, onRequest);
  server.on('upgrade', onUpgrade);
  return server;
}

/** Where to listen, and how to say what to do when that fails. */
export interface ListenAt {
  readonly host: string;
  readonly port: number;
  readonly portFlag: '--port' | '--tls-port';
}

/** Listens; resolves with the URL. Throws a {@link ListenError}. */
export async function listen(
  server: HttpServer,
  scheme: 'http' | 'https',
  { host, port, portFlag }: ListenAt,
  logger: Logger,
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(listenError(error, { host, port, portFlag }));
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

function listenError(error: NodeJS.ErrnoException, { host, port, portFlag }: ListenAt): Error {
  const where = `${host} port ${String(port)}`;
  if (error.code === 'EADDRINUSE') {
    const off = portFlag === '--tls-port' ? ', or off for none' : '';
    return new ListenError(
      `${where} is in use by another program: give another ${portFlag}, or 0 for a free one${off}`,
      { cause: error },
    );
  }
  if (error.code === 'EACCES')
    return new ListenError(`${where} is not allowed to this user: give a ${portFlag} above 1023`, { cause: error });
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(error.code ?? '')) {
    return new ListenError(`${host} is not an address of this machine: give another --host`, { cause: error });
  }
  return error;
}

/** How long answers under way may take once the connections have left; then their sockets are cut. */
const lastAnswersMs = 2_000;

/** Stops to listen; resolves when nothing is open. */
export function closeListener(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
    }, lastAnswersMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
