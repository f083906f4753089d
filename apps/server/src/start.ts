import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createMemoryBroker, createServer, pathOf, refuseUpgrade, type Logger } from '@fleetwire/websocket-core/server';
import { createAccessTokens, type UserIdentity } from './accounts/access-token.ts';
import { openAccountStore } from './accounts/account-store.ts';
import { createFirstAdministrator, type FirstAdministrator } from './accounts/first-administrator.ts';
import { createPasswordHasher } from './accounts/password.ts';
import { createRefreshTokens } from './accounts/refresh-tokens.ts';
import type { Config } from './config.ts';
import { openDataFolder } from './data-folder.ts';
import { createHostCheck } from './http/allowed-hosts.ts';
import { createApp } from './http/app.ts';
import { isSameOrigin } from './http/same-origin.ts';
import { findWebApp } from './http/web-app.ts';
import { createConnectionDirectory, plainAddress } from './live/connections.ts';
import { createEventLog } from './live/events.ts';
import { createHealthChannel, createHealthMonitor } from './live/health.ts';
import { createMetrics } from './metrics.ts';

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

    const live = createServer<UserIdentity>({
      authenticate: ({ token }) => accessTokens.verify(token),
      channels: [createHealthChannel(health), connections.channel, events.channel],
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

    const isAllowedHost = createHostCheck(config.host, config.allowedHosts);
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
    const httpServer = createAdaptorServer({
      fetch: app.fetch,
      // Some HTTP clients offer h2c with their first request (RFC 9113 section 3.1): they get their answer in HTTP/1.1.
      serverOptions: { shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket' },
    }) as HttpServer;
    live.attach(httpServer, socketPath, {
      allowedOrigins: (origin, { headers: { host } }) => isAllowedHost(host) && isSameOrigin(origin, host),
    });
    httpServer.on('upgrade', (request, stream) => {
      if (pathOf(request.url ?? '') !== socketPath) refuseUpgrade(stream, 404, 'there is no socket at this path');
    });
    undo.push(async () => {
      const closed = close(httpServer);
      await live.dispose();
      await closed;
    });
    const url = await listen(httpServer, config);
    httpServer.on('error', (error) => {
      logger.error({ err: error }, 'a connection could not be accepted');
    });
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

/** A listener failed; the message says which and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

async function listen(httpServer: HttpServer, { host, port }: Config): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(listenError(error, host, port));
    };
    httpServer.once('error', onError);
    httpServer.listen(port, host, () => {
      httpServer.off('error', onError);
      resolve();
    });
  });
  const address = httpServer.address() as AddressInfo;
  // An address that stands for all of them is none that a browser can open.
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${shown}:${String(address.port)}`;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const where = `${host} port ${String(port)}`;
  if (error.code === 'EADDRINUSE')
    return new ListenError(`${where} is in use by another program: give another --port, or 0 for a free one`, {
      cause: error,
    });
  if (error.code === 'EACCES')
    return new ListenError(`${where} is not allowed to this user: give a --port above 1023`, { cause: error });
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(error.code ?? '')) {
    return new ListenError(`${host} is not an address of this machine: give another --host`, { cause: error });
  }
  return error;
}

/** How long answers under way may take once the connections have left; then their sockets are cut. */
const lastAnswersMs = 2_000;

function close(httpServer: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      httpServer.closeAllConnections();
    }, lastAnswersMs);
    httpServer.close(() => {
      clearTimeout(timer);
      resolve();
    });
    httpServer.closeIdleConnections();
  });
}
