// A gateway as an application mounts it, for one cluster. First argument: the URL of its API.
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import process from 'node:process';
import { createKubeGateway, createStaticClusters } from '@fleetwire/kube-watch/server';
import { createMemoryBroker, createServer, type Identity } from '@fleetwire/websocket-core/server';
import { answerCalls } from '../child-calls.ts';

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const gateway = createKubeGateway<Identity>({
  clusters: createStaticClusters(
    process.argv.slice(2).map((server, index) => ({
      name: `cluster-${String(index)}`,
      orgs: ['acme'],
      identity: 'shared' as const,
      connection: {
        server,
        identityKey: server,
        requestOptions: () => Promise.resolve({ headers: {} }),
        refreshCredentials: () => Promise.resolve(false),
      },
    })),
  ),
  can: () => true,
  impersonation: ({ userId }) => ({ user: userId, groups: [] }),
  logger,
});
const live = createServer<Identity>({
  authenticate: () => ({ identity: { userId: 'bench', orgId: 'acme' } }),
  channels: gateway.channels,
  broker: createMemoryBroker({ random: Math.random }),
  logger,
});
const httpServer = createHttpServer((request, response) => {
  const [, , cluster = '', ...rest] = (request.url ?? '').split('/');
  gateway.handleRequest(request, response, { userId: 'bench', orgId: 'acme' }, cluster, `/${rest.join('/')}`);
});
live.attach(httpServer, '/ws');
const webSockets = new Set<Duplex>();
httpServer.on('upgrade', (_request, socket) => {
  webSockets.add(socket);
  socket.on('close', () => webSockets.delete(socket));
});
let cpuBefore = process.cpuUsage();

answerCalls({
  listen: () =>
    new Promise<number>((resolve) => {
      httpServer.listen(0, '127.0.0.1', () => {
        resolve((httpServer.address() as AddressInfo).port);
      });
    }),
  startCpu() {
    cpuBefore = process.cpuUsage();
  },
  cpuSeconds() {
    const { user, system } = process.cpuUsage(cpuBefore);
    return (user + system) / 1e6;
  },
  cutWebSockets() {
    for (const socket of webSockets) socket.destroy();
  },
  rssBytes: () => process.memoryUsage.rss(),
  stats: () => ({ ...gateway.stats }),
});
