import { getRequestListener } from '@hono/node-server';
import { createMemoryBroker, createServer, pathOf, refuseUpgrade, type Logger } from '@fleetwire/websocket-core/server';
import { createIdentityOf } from './access/identity-of.ts';
import { createAccessTokens, type UserIdentity } from './accounts/access-token.ts';
import { openAccountStore } from './accounts/account-store.ts';
import { createFirstAdministrator, type FirstAdministrator } from './accounts/first-administrator.ts';
import { createPasswordHasher } from './accounts/password.ts';
import { createRefreshTokens } from './accounts/refresh-tokens.ts';
import type { Config } from './config/schema.ts';
import { openDataFolder } from './data-folder.ts';
import { createHostCheck } from './http/allowed-hosts.ts';
import { createApp } from './http/app.ts';
import { isSameOrigin } from './http/same-origin.ts';
import { findWebApp } from './http/web-app.ts';
import { createConnectionDirectory, plainAddress } from './live/connections.ts';
import { createEventLog } from './live/events.ts';
import { createHealthChannel, createHealthMonitor } from './live/health.ts';
import { closeListener, createListener, listen } from './listeners.ts';
import { createMetrics } from './metrics.ts';
import type { PartContext, ServerPart } from './parts.ts';

const socketPath = '/ws';

/** A server that listens. */
export interface RunningServer {
  /** Where it can be reached, with its true port. */
  readonly url: string;
  /** The administrator, when this start made one. */
  readonly administrator: FirstAdministrator | undefined;
  /** Moves the connections away, finishes what is under way, stops; at the deadline in any case. */
  drain(): Promise<void>;
  /** Stops at once. */
  dispose(): Promise<void>;
}

/** Opens the data folder, joins the parts, listens. Gives back what it took when it fails. */
export async function startServer(config: Config, logger: Logger, version: string): Promise<RunningServer> {
  const folder = openDataFolder(config.dataDir);
  const undo: (() => unknown)[] = [
    () => {
      folder.dispose();
    },
  ];
  const dispose = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const store = openAccountStore(folder.path, Date.now);
    const hasher = createPasswordHasher();
    const accessTokens = createAccessTokens(store, Date.now);
    const broker = createMemoryBroker({ random: Math.random });
    undo.push(() => broker.dispose());
    const metrics = createMetrics();
    const connections = createConnectionDirectory();
    const events = createEventLog(broker, logger);
    const health = createHealthMonitor({ version, connections: () => live.stats().connections });
    undo.push(() => {
      health.dispose();
    });

    const isAllowedHost = createHostCheck(config.host, config.allowedHosts);
    const context: PartContext = {
      config,
      logger,
      orgIdOf: (name) => (name === store.organisation.name ? store.organisation.id : undefined),
      isAllowedHost,
      identityOf: createIdentityOf(accessTokens),
    };
    const parts = await createParts(context);
    undo.push(...parts.map((part) => () => part.dispose()));

    const live = createServer<UserIdentity>({
      authenticate: ({ token }) => accessTokens.verify(token),
      channels: [
        createHealthChannel(health),
        connections.channel,
        events.channel,
        ...parts.flatMap(({ channels }) => channels),
      ],
      broker,
      logger,
      metrics: metrics.sink,
      onConnected(connection) {
        const { identity, peer, remoteAddress } = connection;
        connections.add(connection);
        events.record(identity.orgId, {
          kind: 'connected',
          username: identity.username,
          remoteAddress: plainAddress(remoteAddress),
          peer,
        });
      },
      onDisconnected(connection, close) {
        const { identity, peer, remoteAddress } = connection;
        connections.remove(connection);
        events.record(identity.orgId, {
          kind: 'disconnected',
          username: identity.username,
          remoteAddress: plainAddress(remoteAddress),
          peer,
          close,
        });
      },
    });

    const app = createApp({
      auth: {
        store,
        hasher,
        accessTokens,
        refreshTokens: createRefreshTokens(store, Date.now),
        record: (user, kind, remoteAddress) => {
          events.record(user.orgId, { kind, username: user.username, remoteAddress });
        },
        endSession: ({ user, sessionId }) => live.revoke({ orgId: user.orgId, userId: user.id, jti: sessionId }),
      },
      server: { accessTokens, health, connections, events },
      metrics,
      logger,
      isReady: () => live.ready,
      webFolder: findWebApp(),
      isAllowedHost,
    });
    const respond = getRequestListener(app.fetch);
    const httpServer = createListener({
      onRequest(request, response) {
        const isServed =
          isAllowedHost(request.headers.host) && parts.some((part) => part.handleRequest?.(request, response) === true);
        if (!isServed) void respond(request, response);
      },
      onUpgrade(request, stream, head) {
        if (pathOf(request.url ?? '') === socketPath) return;
        const { host, origin } = request.headers;
        if (!isAllowedHost(host) || (origin !== undefined && !isSameOrigin(origin, host))) {
          refuseUpgrade(stream, 403, 'this origin is not allowed');
        } else if (!parts.some((part) => part.handleUpgrade?.(request, stream, head) === true)) {
          refuseUpgrade(stream, 404, 'there is no socket at this path');
        }
      },
    });
    live.attach(httpServer, socketPath, {
      allowedOrigins: (origin, { headers: { host } }) => isAllowedHost(host) && isSameOrigin(origin, host),
    });
    undo.push(async () => {
      const closed = closeListener(httpServer);
      await live.dispose();
      await closed;
    });
    const url = await listen(httpServer, 'http', { host: config.host, port: config.port, portFlag: '--port' }, logger);
    folder.note(url);
    const administrator = await createFirstAdministrator(store, hasher, config.adminPassword);

    return {
      url,
      administrator,
      async drain() {
        // Keeps listening meanwhile, so that `/readyz` says why; what stays open at the end is cut.
        await live.drain({ deadlineMs: config.drainDeadlineMs });
        await dispose();
      },
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The parts beside the server's own. */
async function createParts(_context: PartContext): Promise<readonly ServerPart[]> {
  return [];
}
