// The chat's server: rooms whose messages arrive in order and without gaps, and who is there.
import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import {
  brokerFeedName,
  createBrokerChannel,
  createMemoryBroker,
  createServer,
  orgScopeKey,
  validated,
  type ChannelRequest,
  type Identity,
  type Server,
} from '@fleetwire/websocket-core/server';
import * as z from 'zod/mini';

// One organisation for all. Whoever gives a name is who they say: a real server verifies a signed token here.
const orgId = 'chat';
const nameOf = (token: string | undefined): string | undefined => /^[\w-]{1,32}$/.exec(token ?? '')?.[0];

const room = z.string().check(z.regex(/^[\w-]{1,64}$/));
// Not `minLength`: it looks at the `length` of whatever came, which may be an object that cannot be compared.
const text = z.string().check(z.refine(({ length }) => length >= 1 && length <= 2_000));

const broker = createMemoryBroker({ random: Math.random });
const authorize = ({ identity }: ChannelRequest) => ({ scopeKey: orgScopeKey(identity.orgId) });

const server: Server = createServer<Identity>({
  broker,
  authenticate: ({ token }) => {
    const userId = nameOf(token);
    return userId === undefined
      ? { refused: 'invalid', reason: 'expected a name as the token' }
      : { identity: { userId, orgId } };
  },
  channels: [
    // Recoverable: a client that was cut gets what it missed, by position.
    createBrokerChannel({ pattern: 'rooms/{room}', class: 'recoverable', broker, authorize }),
    // State: a client gets who is there, then who comes and goes.
    createBrokerChannel({ pattern: 'people', class: 'state', broker, authorize }),
  ],
  requests: {
    'chat.say': validated(z.object({ room, text }), (params, { identity, idempotencyKey = randomUUID() }) => {
      const message = { id: idempotencyKey, from: identity.userId, text: params.text, at: Date.now() };
      // Said again after a lost connection, with the same key, it is published once.
      return server.publish({ orgId, channel: `rooms/${params.room}` }, message, { idempotencyKey });
    }),
    'chat.history': validated(z.object({ room }), async (params) => {
      const feed = brokerFeedName(orgScopeKey(orgId), `rooms/${params.room}`, undefined);
      const history = await broker.history(feed, undefined, 50);
      return history.kind === 'gone' ? [] : history.entries.map(({ data }) => JSON.parse(data ?? 'null') as unknown);
    }),
  },
  onConnected: ({ id, identity }) => {
    void server.publish({ orgId, channel: 'people' }, { name: identity.userId }, { key: id });
  },
  onDisconnected: ({ id }) => {
    void server.unpublish({ orgId, channel: 'people' }, id);
  },
});

const httpServer = createHttpServer((_request, response) => response.writeHead(404).end('The chat is at /chat.\n'));
server.attach(httpServer, '/chat');
httpServer.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  process.stdout.write(`The chat is at http://127.0.0.1:${String((httpServer.address() as AddressInfo).port)}/chat\n`);
});

process.once('SIGTERM', () => {
  // Asks the clients to leave, then stops; they come back to whoever listens next.
  void server.drain({ deadlineMs: 2_000 }).then(async () => {
    await server.dispose();
    httpServer.close();
  });
});
