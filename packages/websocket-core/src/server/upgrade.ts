import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { AcceptedSocket } from '../core/accepted-socket.ts';
import type { Clock } from '../core/clock.ts';
import { browserLimits, type ConnectionLimits } from '../protocol/limits.ts';
import { PROTOCOL_NAME } from '../protocol/version.ts';
import { addressBlockOf } from './address-block.ts';
import { credentialsOf, protocolsOf } from './credentials.ts';
import { NodeSocket } from './node-socket.ts';
import type { EndpointContext } from './server-context.ts';
import type { ConnectResult } from './server-metrics.ts';
import { TokenBucket } from '../core/token-bucket.ts';
import type { Logger, UpgradeInfo } from './types.ts';
import { listenForUpgrades, type UpgradeListener } from './upgrade-listener.ts';

/** Options of one endpoint. */
export interface EndpointOptions {
  /** Told in `welcome`; defaults are those for browsers. */
  readonly limits?: Partial<ConnectionLimits> | undefined;
  /**
   * Origins that may connect beside the server's own (scheme, host and port, as browsers send them), or a verdict on
   * each. Requests without `Origin` do not come from a browser's page and are let through.
   */
  readonly allowedOrigins?: readonly string[] | ((origin: string, request: IncomingMessage) => boolean) | undefined;
  /** Cookie that may carry the token. Default: none does. */
  readonly cookieName?: string | undefined;
  /** Upgrades that one address may make: sustained and at once. Default 50 a second, 500 at once. */
  readonly upgradesPerSecond?: number | undefined;
  readonly upgradeBurst?: number | undefined;
  /** Address of the client; behind a trusted proxy, read its header here. Default: the socket's. */
  readonly remoteAddress?: ((request: IncomingMessage) => string) | undefined;
}

/** What an endpoint asks of its server. */
export interface EndpointHost {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seconds for `Retry-After` when upgrades are refused, else undefined. */
  refusesFor(): number | undefined;
  accept(socket: AcceptedSocket, upgrade: UpgradeInfo, endpoint: EndpointContext): void;
  refused(result: ConnectResult): void;
}

/** Addresses whose upgrade rate is remembered; at the bound those that have calmed down are forgotten. */
const maxAddresses = 10_000;

const reasonPhrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/**
 * Serves upgrades to `path` on an HTTP server; returns its undo. Upgrades to other paths are left to others; where nobody
 * else listens they are answered with 404, for nobody would.
 */
export function attachEndpoint(
  httpServer: HttpServer,
  path: string,
  host: EndpointHost,
  options: EndpointOptions = {},
): () => void {
  const limits: ConnectionLimits = { ...browserLimits, ...options.limits };
  const endpoint: EndpointContext = { path, limits };
  const webSocketServer = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxPayloadBytes,
    handleProtocols: () => PROTOCOL_NAME,
  });
  const buckets = new Map<string, TokenBucket>();

  const withinRate = (remoteAddress: string): { readonly ok: boolean; readonly waitMs: number } => {
    const nowMs = host.clock.monotonicNow();
    const address = addressBlockOf(remoteAddress);
    let bucket = buckets.get(address);
    if (bucket === undefined) {
      if (buckets.size >= maxAddresses) forgetCalm(buckets, nowMs);
      bucket = new TokenBucket(options.upgradesPerSecond ?? 50, options.upgradeBurst ?? 500, nowMs);
      buckets.set(address, bucket);
    }
    return { ok: bucket.take(nowMs), waitMs: bucket.waitMs(nowMs) };
  };

  const serve: UpgradeListener = (request, stream, head) => {
    const refuse = (status: number, result: ConnectResult, message: string, retryAfterSeconds?: number): void => {
      host.refused(result);
      refuseUpgrade(stream, status, message, retryAfterSeconds);
    };
    const retryAfterSeconds = host.refusesFor();
    if (retryAfterSeconds !== undefined)
      return refuse(503, 'refused_draining', 'the server is about to stop', retryAfterSeconds);
    const remoteAddress = options.remoteAddress?.(request) ?? request.socket.remoteAddress ?? '';
    const rate = withinRate(remoteAddress);
    if (!rate.ok)
      return refuse(429, 'refused_rate', 'too many connection attempts', Math.max(1, Math.ceil(rate.waitMs / 1000)));
    if (!isOriginAllowed(request, options.allowedOrigins))
      return refuse(403, 'refused_origin', 'this origin is not allowed');
    if (!protocolsOf(request).includes(PROTOCOL_NAME)) {
      return refuse(400, 'refused_protocol', `expected the sub-protocol ${PROTOCOL_NAME}`);
    }
    const { token, source } = credentialsOf(request, { cookieName: options.cookieName });
    const upgrade: UpgradeInfo = { path, remoteAddress, token, tokenSource: source };
    webSocketServer.handleUpgrade(request, stream, head, (webSocket) => {
      host.accept(new NodeSocket(webSocket, stream), upgrade, endpoint);
    });
  };

  const unlisten = listenForUpgrades(httpServer, path, {
    serve(request, stream, head) {
      try {
        serve(request, stream, head);
      } catch (error) {
        host.logger.error({ path, err: error }, 'an upgrade could not be served');
        host.refused('failed');
        refuseUpgrade(stream, 500, 'the server failed to serve this');
      }
    },
    unknownPath(stream) {
      host.refused('refused_path');
      refuseUpgrade(stream, 404, 'there is no socket at this path');
    },
  });
  return () => {
    unlisten();
    webSocketServer.close();
  };
}

/** Answers an upgrade with an HTTP error and ends the socket. */
export function refuseUpgrade(stream: Duplex, status: number, message: string, retryAfterSeconds?: number): void {
  const headers = [
    `HTTP/1.1 ${String(status)} ${reasonPhrases[status] ?? 'Error'}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${String(Buffer.byteLength(message))}`,
    ...(retryAfterSeconds === undefined ? [] : [`Retry-After: ${String(retryAfterSeconds)}`]),
  ];
  stream.on('error', () => stream.destroy());
  stream.end(`${headers.join('\r\n')}\r\n\r\n${message}`, () => stream.destroy());
}

function isOriginAllowed(request: IncomingMessage, allowed: EndpointOptions['allowedOrigins']): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (typeof allowed === 'function') return allowed(origin, request);
  if (allowed?.includes(origin) === true) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

function forgetCalm(buckets: Map<string, TokenBucket>, nowMs: number): void {
  for (const [address, bucket] of buckets) if (bucket.isFull(nowMs)) buckets.delete(address);
  // Everyone is busy: forget the one that came first, for the bound holds in any case.
  if (buckets.size >= maxAddresses) for (const address of buckets.keys()) return void buckets.delete(address);
}
