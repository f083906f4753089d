import { createMemoryBroker, createServer, type Logger } from '@fleetwire/websocket-core/server';
import { guardChannel } from './access/channel-access.ts';
import { createIdentityOf } from './access/identity-of.ts';
import { keepAudit } from './access/keep-audit.ts';
import { openAccess } from './access/open-access.ts';
import { openOrganisations } from './access/organisations.ts';
import type { UserIdentity } from './accounts/access-token.ts';
import { createFirstAdministrator, type FirstAdministrator } from './accounts/first-administrator.ts';
import type { PasswordHasher } from './accounts/password.ts';
import { createApi } from './api/create-api.ts';
import { createIdempotency } from './api/idempotency.ts';
import { createLocalCheck } from './api/local-routes.ts';
import { mountRoutes } from './api/mount-routes.ts';
import type { Route } from './api/route.ts';
import { createSealing } from './clusters/sealing.ts';
import { openSecretKey } from './clusters/secret-key.ts';
import type { Config } from './config/schema.ts';
import { openDataFolder } from './data-folder.ts';
import { startDatabase } from './database/start-database.ts';
import { createHostCheck } from './http/allowed-hosts.ts';
import { createApp } from './http/app.ts';
import { createClientOf } from './http/client-of.ts';
import { createOriginCheck } from './http/same-origin.ts';
import { openPage } from './http/page.ts';
import { findWebApp } from './http/web-app.ts';
import { startListeners, type Listeners } from './listeners.ts';
import { createConnectionDirectory } from './live/connections.ts';
import { createEventLog, recordConnections } from './live/events.ts';
import { createHealthChannel, createHealthMonitor } from './live/health.ts';
import { newLocalSecret, writeLocalAdmin } from './local-admin.ts';
import { createMetrics } from './metrics.ts';
import { createParts, type ServerPart } from './parts.ts';

/** Everything that a server can be asked for. */
export interface Surface {
  /** Routes that declare their access. */
  readonly routes: readonly Route[];
  /** Method and path of every handler that is mounted, declared or not. */
  readonly mounted: readonly { readonly method: string; readonly path: string }[];
  /** Patterns of the channels. */
  readonly channels: readonly string[];
}

/** A server that listens. */
export interface RunningServer {
  /** Where it can be reached, with its true port. */
  readonly url: string;
  /** The same by TLS; undefined where that is off. */
  readonly tlsUrl: string | undefined;
  /** The administrator, when this start made one. */
  readonly administrator: FirstAdministrator | undefined;
  /** What it serves, for the test that walks all of it with every role. */
  readonly surface: Surface;
  /** Resolves when another server has taken the database: this one must stop. */
  readonly databaseTaken: Promise<void>;
  /** Moves the connections away, finishes what is under way, stops; at the deadline in any case. */
  drain(): Promise<void>;
  /** Stops at once. */
  dispose(): Promise<void>;
}

/** Opens the data folder, joins the parts, listens. Gives back what it took when it fails. */
export async function startServer(
  config: Config,
  logger: Logger,
  version: string,
  hasher?: PasswordHasher,
): Promise<RunningServer> {
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
    let onTaken = (): void => undefined;
    const databaseTaken = new Promise<void>((resolve) => {
      onTaken = resolve;
    });
    const database = await startDatabase(config, folder.path, logger, () => {
      onTaken();
    });
    undo.push(() => database.dispose());
    const access = await openAccess(database.database, folder.path, logger, Date.now, hasher);
    undo.push(keepAudit(access.audit, config.auditRetentionDays, logger));
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
    const clientOf = createClientOf(config.trustedProxies);
    const isOwnOrigin = createOriginCheck(clientOf);
    const organisations = await openOrganisations(access.store);
    const { all: parts, page } = await createParts({
      config,
      version,
      folder: folder.path,
      database: database.database,
      logger,
      organisations,
      isAllowedHost,
      isOwnOrigin,
      clientOf,
      audit: access.audit,
      identityOf: createIdentityOf(access.accessTokens),
      isAlive: (identity) => access.accessTokens.isAlive(identity),
    });
    undo.push(...parts.map((part) => () => part.dispose()));
    const webFolder = findWebApp();
    const web = webFolder === undefined ? undefined : { folder: webFolder, page: await openPage(webFolder, page) };

    const channels = [
      createHealthChannel(health),
      connections.channel,
      events.channel,
      ...parts.flatMap((part) => part.channels),
    ].map(guardChannel);
    const live = createServer<UserIdentity>({
      authenticate: ({ token }) => access.accessTokens.verify(token),
      channels,
      broker,
      logger,
      metrics: metrics.sink,
      ...recordConnections(connections, events),
    });
    undo.push(() => live.dispose());

    let tls: Listeners['tls'] = undefined;
    const ownRoutes = createApi({
      access,
      live: {
        async revoke(selector) {
          for (const part of parts) part.accessChanged?.(selector);
          await live.revoke(selector);
        },
        async authorizeAgain(selector) {
          for (const part of parts) part.accessChanged?.(selector);
          await live.authorizeAgain(selector);
        },
      },
      clientOf,
      events,
      server: { health, connections, events },
      clusters: { clustersOf: (viewer) => parts.flatMap((part) => part.clustersOf?.(viewer) ?? []) },
      tls: () => tls,
      organisationAdded: () => organisations.reload(),
    });
    const routes = [...ownRoutes, ...parts.flatMap((part) => part.routes ?? [])];
    const localSecret = newLocalSecret();
    const secretKey = openSecretKey(config.secretKey, folder.path);
    const app = createApp({
      routes,
      api: mountRoutes(routes, {
        accessTokens: access.accessTokens,
        checkLocal: createLocalCheck(localSecret, clientOf),
        isOwnOrigin,
        audit: access.audit,
        isOfFirstOrganisation: (identity) => organisations.isFirst(identity),
        idempotency: createIdempotency(database.database, secretKey, createSealing(secretKey), Date.now),
      }),
      version,
      metrics,
      logger,
      readiness: {
        isDraining: () => !live.ready,
        checks: {
          database: () => database.check(),
          broker: () => ({ ok: true, kind: 'memory' }),
          ...Object.fromEntries(
            parts.flatMap(({ name, readiness }) => (readiness === undefined ? [] : [[name, readiness]])),
          ),
        },
      },
      web,
      isAllowedHost,
    });
    const listeners = await startListeners({
      config,
      folder: folder.path,
      app,
      live,
      parts,
      isAllowedHost,
      isOwnOrigin,
      clientOf,
      logger,
    });
    undo.push(async () => {
      const closed = listeners.dispose();
      // What holds the sockets lets them go meanwhile.
      await live.dispose();
      await Promise.all(parts.map((part) => part.dispose()));
      await closed;
    });
    ({ tls } = listeners);
    const { url } = listeners;
    folder.note(url);
    undo.push(writeLocalAdmin(folder.path, { url, secret: localSecret }));
    // Last: a start that fails after it would take the password with it, which is told once.
    const administrator = await createFirstAdministrator(access.store, access.hasher, config.adminPassword);

    return {
      url,
      tlsUrl: tls?.url,
      administrator,
      surface: {
        routes,
        mounted: app.routes.map(({ method, path }) => ({ method, path })),
        channels: channels.map(({ pattern }) => pattern),
      },
      databaseTaken,
      async drain() {
        // Keeps listening meanwhile, so that `/readyz` says why; what stays open at the end is cut.
        const deadlineMs = config.drainDeadlineMs;
        await Promise.all([live.drain({ deadlineMs }), listeners.drain(deadlineMs), drainParts(parts, deadlineMs)]);
        await dispose();
      },
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Waits for what the parts have under way, for as long as the deadline lets it. */
async function drainParts(parts: readonly ServerPart[], deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs);
  });
  await Promise.race([Promise.all(parts.flatMap((part) => part.drain?.() ?? [])), deadline]);
  clearTimeout(timer);
}
