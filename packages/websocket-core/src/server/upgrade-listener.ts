import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { pathOf } from './credentials.ts';

export type UpgradeListener = (request: IncomingMessage, stream: Duplex, head: Buffer) => void;

/** What one endpoint does with upgrades. Neither may throw. */
export interface UpgradeEndpoint {
  readonly serve: UpgradeListener;
  /** No endpoint has the path, and nobody else listens. */
  unknownPath(stream: Duplex): void;
}

interface Dispatcher {
  readonly endpoints: Map<string, UpgradeEndpoint>;
  readonly listener: UpgradeListener;
}

/** One listener for all endpoints of an HTTP server, so that it can tell whether anybody else listens. */
const dispatchers = new WeakMap<HttpServer, Dispatcher>();

/** Gives upgrades to `path` to an endpoint; returns its undo. Throws a TypeError where the path is taken. */
export function listenForUpgrades(httpServer: HttpServer, path: string, endpoint: UpgradeEndpoint): () => void {
  const dispatcher = dispatchers.get(httpServer) ?? createDispatcher(httpServer);
  const { endpoints, listener } = dispatcher;
  if (endpoints.has(path)) throw new TypeError(`the path ${path} of this HTTP server is attached already`);
  endpoints.set(path, endpoint);
  return () => {
    if (endpoints.get(path) !== endpoint) return;
    endpoints.delete(path);
    if (endpoints.size > 0) return;
    httpServer.off('upgrade', listener);
    dispatchers.delete(httpServer);
  };
}

function createDispatcher(httpServer: HttpServer): Dispatcher {
  const endpoints = new Map<string, UpgradeEndpoint>();
  const listener: UpgradeListener = (request, stream, head) => {
    const endpoint = endpoints.get(pathOf(request.url ?? ''));
    if (endpoint !== undefined) endpoint.serve(request, stream, head);
    else if (httpServer.listenerCount('upgrade') === 1)
      for (const any of endpoints.values()) return void any.unknownPath(stream);
  };
  const dispatcher: Dispatcher = { endpoints, listener };
  dispatchers.set(httpServer, dispatcher);
  httpServer.on('upgrade', listener);
  return dispatcher;
}
