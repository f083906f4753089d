import { createServer as createHttpServer } from 'node:http';
import {
  createBrokerChannel,
  createMemoryBroker,
  createServer,
  orgScopeKey,
  type Identity,
} from '@fleetwire/websocket-core/server';
import type { Contender } from './contender.ts';

const identity: Identity = { userId: 'bench', orgId: 'bench' };

/** A server as an application sets it up: verified identity, a recoverable channel, publications through the broker. */
export function createFleetwire(): Contender {
  const httpServer = createHttpServer();
  const broker = createMemoryBroker({ random: Math.random });
  const server = createServer({
    broker,
    authenticate: () => ({ identity }),
    channels: [
      createBrokerChannel({
        pattern: 'bench',
        class: 'recoverable',
        broker,
        authorize: (request) => ({ scopeKey: orgScopeKey(request.identity.orgId) }),
      }),
    ],
    requests: { 'bench.echo': (params) => params },
  });
  server.attach(httpServer, '/fleetwire', {
    // One machine stands for thousands, and one connection asks as fast as it can.
    upgradesPerSecond: 1e6,
    upgradeBurst: 1e6,
    limits: { textFramesPerSecond: 1e6, textFrameBurst: 1e6 },
  });
  const target = { orgId: identity.orgId, channel: 'bench' };
  return {
    httpServer,
    publish(payload) {
      void server.publish(target, payload);
    },
    get subscriberCount() {
      return server.stats().connections;
    },
  };
}
