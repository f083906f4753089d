import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { randomUUID } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { builtinResources } from '../core/resources/builtin-resources.ts';
import { noSuchResource } from '../core/status-errors.ts';
import { createKubeStore } from '../core/store/create-kube-store.ts';
import { negotiate } from './negotiate.ts';
import { readBody } from './read-body.ts';
import { createEventLines } from './representations.ts';
import { parseResourcePath, type ResourceRequest } from './request-info.ts';
import { runVerb, selectionOf } from './resource-verbs.ts';
import { send, statusAnswer, statusOf } from './respond.ts';
import type { FakeKubeApi, FakeKubeApiOptions } from './types.ts';
import { planWatch, runWatch } from './watch-stream.ts';

const INITIAL_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Creates an API server with the built-in types and the usual empty namespaces. It listens when told to. */
export function createFakeKubeApi(options: FakeKubeApiOptions = {}): FakeKubeApi {
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  const store = createKubeStore({
    definitions: builtinResources,
    now,
    random,
    uid: randomUUID,
    watchWindow: options.watchWindow,
  });
  for (const name of INITIAL_NAMESPACES) {
    store.create({ group: '', version: 'v1', resource: 'namespaces' }, undefined, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    });
  }
  const linesFor = createEventLines(now);
  const sockets = new Set<Socket>();
  let server: Server | undefined;

  const watch = (
    request: ResourceRequest,
    query: URLSearchParams,
    message: IncomingMessage,
    response: ServerResponse,
  ): void => {
    const definition = store.definition(request);
    if (!definition) throw noSuchResource();
    const { representation } = negotiate(message.headers.accept, query);
    const plan = planWatch(definition, selectionOf(request, query), query, {
      random,
      noWatchList: options.noWatchList ?? false,
    });
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    response.flushHeaders();
    const stop = runWatch(
      store,
      plan,
      linesFor(definition, representation),
      {
        send: (line) => {
          response.write(line);
        },
        end: () => {
          response.end();
        },
      },
      options.bookmarkIntervalMs ?? 60_000,
    );
    response.on('close', stop);
  };

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(message.url ?? '/', 'http://localhost');
    const request = parseResourcePath(message.method ?? 'GET', url.pathname, url.searchParams);
    if (!request) throw noSuchResource();
    if (request.isWatch) {
      watch(request, url.searchParams, message, response);
      return;
    }
    const definition = store.definition(request);
    if (!definition) throw noSuchResource();
    const body = await readBody(message);
    send(
      response,
      runVerb({
        store,
        definition,
        request,
        query: url.searchParams,
        accept: message.headers.accept,
        userAgent: message.headers['user-agent'],
        body,
        nowMs: now(),
      }),
    );
  };

  const handleRequest = (message: IncomingMessage, response: ServerResponse): void => {
    handle(message, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, statusAnswer(statusOf(error)));
    });
  };

  const close = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    if (!closing) return;
    const closed = new Promise((resolve) => closing.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  return {
    store,
    faults: { add: () => () => undefined, clear: () => undefined, cutOpen: () => 0 },
    stats: { openWatches: 0, requests: [], reset: () => undefined },
    async listen({ host = '127.0.0.1', port = 0, tls } = {}) {
      const listening = tls ? createTlsServer(tls, handleRequest) : createServer(handleRequest);
      listening.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      });
      server = listening;
      await new Promise<void>((resolve, reject) => {
        listening.once('error', reject);
        listening.listen(port, host, resolve);
      });
      const address = listening.address() as AddressInfo;
      return { url: `${tls ? 'https' : 'http'}://${host}:${String(address.port)}`, port: address.port };
    },
    close,
    handleRequest,
    handleUpgrade: (_request, socket) => {
      socket.destroy();
    },
    appendLog: () => undefined,
    dispose: close,
  };
}
