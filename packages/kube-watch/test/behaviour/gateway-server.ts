import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Identity, type Logger } from '@fleetwire/websocket-core/server';
import { createKubeGateway, type ClusterSource, type KubeGateway } from '../../src/server/index.ts';

const identity: Identity = { userId: 'u-1', orgId: 'o-1' };
const ignore = (): void => {};
const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A Node server with a gateway on it: `/ws` is the Fleetwire socket, `/clusters/{name}/…` the clusters' APIs. */
export interface GatewayServer {
  readonly url: string;
  readonly gateway: KubeGateway<Identity>;
  /** Cuts every Fleetwire socket without a close frame. */
  cutSockets(): void;
  /** Refuses Fleetwire sockets from now on, or takes them again. */
  setSocketsAllowed(allowed: boolean): void;
  close(): Promise<void>;
}

/** Everybody is one user of one organisation, who may do everything. */
export async function startGatewayServer(clusters: ClusterSource): Promise<GatewayServer> {
  const gateway = createKubeGateway<Identity>({
    clusters,
    can: () => true,
    impersonation: () => ({ user: 'u-1', groups: [] }),
    logger: silent,
  });
  const server = createServer<Identity>({ authenticate: () => ({ identity }), channels: gateway.channels });
  const httpServer = createHttpServer((request, response) => {
    const [cluster, path] = placeOf(request);
    gateway.handleRequest(request, response, identity, cluster, path);
  });
  const sockets = new Set<{ destroy(): void }>();
  let isAllowed = true;
  httpServer.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/clusters/') === true) {
      const [cluster, path] = placeOf(request);
      gateway.handleUpgrade(request, socket, head, identity, cluster, path);
    } else if (isAllowed) sockets.add(socket);
    else socket.destroy();
  });
  server.attach(httpServer, '/ws');
  await new Promise<void>((resolve) => {
    httpServer.listen(0, '127.0.0.1', resolve);
  });
  const cutSockets = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: `http://127.0.0.1:${String((httpServer.address() as AddressInfo).port)}`,
    gateway,
    cutSockets,
    setSocketsAllowed(allowed) {
      isAllowed = allowed;
      if (!allowed) cutSockets();
    },
    async close() {
      cutSockets();
      await server.dispose();
      await gateway.dispose();
      httpServer.closeAllConnections();
      await new Promise((resolve) => {
        httpServer.close(resolve);
      });
    },
  };
}

/** `/clusters/{name}/…` taken apart. */
function placeOf({ url = '' }: IncomingMessage): readonly [cluster: string, path: string] {
  const [, cluster = '', path = '/'] = /^\/clusters\/([^/?]+)(.*)$/.exec(url) ?? [];
  return [decodeURIComponent(cluster), path];
}
