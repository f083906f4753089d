import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { builtinResources } from '../core/resources/builtin-resources.ts';
import { createKubeStore } from '../core/store/create-kube-store.ts';
import type { ApiContext } from './api-context.ts';
import { createStats } from './api-stats.ts';
import { runCrdController } from './crd-controller.ts';
import { createFaultBox } from './fault-box.ts';
import { createPodLogs } from './pod-logs.ts';
import { createEventLines } from './representations.ts';
import { serveHttp } from './serve-http.ts';
import { createWebSocketSurface } from './serve-websocket.ts';
import type { FakeKubeApi, FakeKubeApiOptions } from './types.ts';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' } as const;
const INITIAL_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

// Longer than clients keep idle connections (client-go: 90 s), so that they never send into one that just closed.
const KEEP_ALIVE_MS = 120_000;

/** A version 4 UUID (RFC 9562) by this source of randomness. */
function uuidOf(random: () => number): string {
  const digits = Array.from({ length: 30 }, () => Math.floor(random() * 16).toString(16)).join('');
  const variant = '89ab'.charAt(Math.floor(random() * 4));
  const group = (from: number, to: number): string => digits.slice(from, to);
  return `${group(0, 8)}-${group(8, 12)}-4${group(12, 15)}-${variant}${group(15, 18)}-${group(18, 30)}`;
}

/**
 * Creates an API server with the built-in types, the usual empty namespaces and nothing else. It listens when told to;
 * `dispose` closes it and stops everything.
 *
 * @throws RangeError for a `firstResourceVersion` that is none.
 */
export function createFakeKubeApi(options: FakeKubeApiOptions = {}): FakeKubeApi {
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  const { watchWindow, firstResourceVersion } = options;
  const store = createKubeStore({
    definitions: builtinResources,
    now,
    random,
    uid: options.random ? () => uuidOf(random) : randomUUID,
    watchWindow,
    firstResourceVersion,
  });
  for (const name of INITIAL_NAMESPACES) {
    store.create(NAMESPACES, undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const stopCrds = runCrdController(store, now);
  const context: ApiContext = {
    store,
    logs: createPodLogs(store, now),
    faults: createFaultBox(),
    stats: createStats(),
    now,
    random,
    authenticate: options.authenticate,
    authorize: options.authorize ?? (() => true),
    linesFor: createEventLines(now),
    bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000,
    noWatchList: options.noWatchList ?? false,
  };
  const { handleUpgrade } = createWebSocketSurface(context);
  const handleRequest = (message: IncomingMessage, response: ServerResponse): void => {
    serveHttp(context, message, response);
  };

  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const close = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    context.faults.cutOpen();
    if (!closing) return;
    const closed = new Promise((resolve) => closing.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  return {
    store,
    faults: context.faults,
    stats: context.stats,
    async listen({ host = '127.0.0.1', port = 0, tls } = {}) {
      if (server) throw new Error('the server listens already; close() it first');
      const { clientCa, ...keys } = tls ?? {};
      // Clients without a certificate may still come with a token.
      const certificates = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false };
      const listening = tls
        ? createTlsServer({ ...keys, ...certificates }, handleRequest)
        : createServer(handleRequest);
      listening.keepAliveTimeout = KEEP_ALIVE_MS;
      listening.on('upgrade', handleUpgrade);
      listening.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      });
      server = listening;
      try {
        await new Promise<void>((resolve, reject) => {
          listening.once('error', reject);
          listening.listen(port, host, resolve);
        });
      } catch (error) {
        server = undefined;
        throw error;
      }
      const address = listening.address() as AddressInfo;
      const shownHost = host.includes(':') ? `[${host}]` : host;
      return { url: `${tls ? 'https' : 'http'}://${shownHost}:${String(address.port)}`, port: address.port };
    },
    close,
    handleRequest,
    handleUpgrade,
    appendLog(pod, line) {
      context.logs.append(pod, line);
    },
    async dispose() {
      stopCrds();
      context.logs.dispose();
      await close();
    },
  };
}
