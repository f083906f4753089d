import { randomUUID } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { AcceptedSocket } from '../core/accepted-socket.ts';
import type { Broker, BrokerPublishOptions } from '../core/broker.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { FleetwireError } from '../core/errors.ts';
import { createMemoryBroker } from '../core/memory-broker.ts';
import {
  browserLimits,
  queueLimits as defaultQueueLimits,
  type ConnectionLimits,
  type QueueLimits,
} from '../protocol/limits.ts';
import { timings as defaultTimings, type Timings } from '../protocol/timings.ts';
import { brokerFeedName, orgScopeKey, systemScopeKey } from './broker-channel.ts';
import { ClosingSockets } from './closing-sockets.ts';
import { Connection } from './connection.ts';
import { drainConnections, type DrainOptions } from './drain.ts';
import { FeedRegistry } from './feed-registry.ts';
import { FlushScheduler } from './flush-scheduler.ts';
import { guarded, safeLogger } from './guarded.ts';
import { Revocations } from './revocations.ts';
import { selects } from './selector.ts';
import type { EndpointContext, ServerContext } from './server-context.ts';
import { ServerMetrics, type MetricsSink, type ServerGauges, type ServerStats } from './server-metrics.ts';
import { startSweeper } from './sweeper.ts';
import type {
  Authenticate,
  ChannelSource,
  ConnectionHandle,
  ConnectionSelector,
  Identity,
  Logger,
  MessageHandler,
  RequestHandler,
  UpgradeInfo,
} from './types.ts';
import { attachEndpoint, type EndpointOptions } from './upgrade.ts';

export interface ServerOptions<I extends Identity> {
  readonly authenticate: Authenticate<I>;
  /** The first source whose pattern fits a channel serves it. */
  readonly channels?: readonly ChannelSource<I>[] | undefined;
  /** Handlers by method. Methods without a dot and those that start with `auth.` belong to the protocol. */
  readonly requests?: Readonly<Record<string, RequestHandler<I>>> | undefined;
  /** Handlers of one-way messages by name. */
  readonly messages?: Readonly<Record<string, MessageHandler<I>>> | undefined;
  /** Called once a connection is welcomed. What it throws or rejects with is logged. */
  readonly onConnected?: ((connection: ConnectionHandle<I>) => unknown) | undefined;
  /** Called once a connection that was welcomed has ended. What it throws or rejects with is logged. */
  readonly onDisconnected?:
    | ((connection: ConnectionHandle<I>, close: { readonly code: number; readonly reason: string }) => unknown)
    | undefined;
  /** Default: a memory broker of its own. A broker that is given is not disposed with the server. */
  readonly broker?: Broker | undefined;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsSink | undefined;
  /** Limits of endpoints that set none of their own. Default: those for browsers. */
  readonly limits?: Partial<ConnectionLimits> | undefined;
  readonly timings?: Partial<Timings> | undefined;
  readonly queueLimits?: Partial<QueueLimits> | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
}

/** Where a publication goes: a channel of an organisation, or one of the server's own (`sys/…`). */
export type PublishTarget =
  | {
      readonly orgId: string;
      readonly channel: string;
      readonly params?: Readonly<Record<string, unknown>> | undefined;
    }
  | {
      readonly system: true;
      readonly channel: string;
      readonly params?: Readonly<Record<string, unknown>> | undefined;
    };

/** A live server half; mounts on any number of HTTP servers and paths. */
export interface Server {
  readonly broker: Broker;
  /** False from the start of a drain. */
  readonly ready: boolean;
  /** Serves upgrades to `path`; returns its undo. */
  attach(httpServer: HttpServer, path: string, options?: EndpointOptions): () => void;
  /** Takes a socket that is not from an HTTP upgrade, such as one end of a linked pair. */
  accept(socket: AcceptedSocket, upgrade?: Partial<UpgradeInfo>, endpoint?: Partial<EndpointContext>): ConnectionHandle;
  /** Publishes through the broker; resolves with the position. */
  publish(target: PublishTarget, data: unknown, options?: BrokerPublishOptions): Promise<string>;
  /** Deletes a key of a broker-backed state channel. */
  unpublish(target: PublishTarget, key: string): Promise<string>;
  /** Present connections that the selector selects. */
  connections(selector: ConnectionSelector): ConnectionHandle[];
  /** Closes those connections; returns how many. */
  disconnect(selector: ConnectionSelector, close: { readonly code: number; readonly reason: string }): number;
  /** Closes the connections of a user, organisation, token or agent with 4501 on every replica of the broker. */
  revoke(selector: ConnectionSelector): Promise<void>;
  /** Asks the channel sources again about the subscriptions of those connections: the policy changed. */
  authorizeAgain(selector: ConnectionSelector): Promise<void>;
  /** Refuses upgrades, asks connections to leave, closes and cuts the rest by the deadline; resolves when none is left. */
  drain(options?: DrainOptions): Promise<void>;
  stats(): ServerStats;
  /** Cuts what is left and stops every timer. */
  dispose(): Promise<void>;
}

const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A socket says that it has drained only after it held its high-water mark, which is 64 KiB at most in Node. */
const minQueuedBytes = 64 * 1024;

/** Creates a server. Nothing listens until `attach`. Throws a TypeError for reserved method names, a RangeError for bad limits. */
export function createServer<I extends Identity>(options: ServerOptions<I>): Server {
  const clock = options.clock ?? systemClock;
  const timings: Timings = { ...defaultTimings, ...options.timings };
  const limits: ConnectionLimits = { ...browserLimits, ...options.limits };
  const queueLimits: QueueLimits = { ...defaultQueueLimits, ...options.queueLimits };
  if (!(queueLimits.maxQueuedBytes >= minQueuedBytes)) {
    throw new RangeError(
      `queueLimits.maxQueuedBytes: expected at least ${String(minQueuedBytes)}, got ${String(queueLimits.maxQueuedBytes)}`,
    );
  }
  const logger = safeLogger(options.logger ?? silentLogger);
  const metrics = new ServerMetrics();
  const broker = options.broker ?? createMemoryBroker({ clock, random: options.random ?? Math.random });
  const connections = new Set<Connection>();
  const closing = new ClosingSockets();
  const emptyWaiters: (() => void)[] = [];
  const undoAttachments: (() => void)[] = [];
  const scheduler = new FlushScheduler(
    (seconds) => {
      metrics.fannedOut(seconds);
    },
    (connection, error) => {
      connection.fail(error);
    },
  );
  const feeds = new FeedRegistry({
    sources: options.channels ?? [],
    environment: {
      queueLimits,
      recoverableWindowMs: timings.recoverableWindowMs,
      now: () => clock.monotonicNow(),
      wake: (feed) => {
        scheduler.wakeFeed(feed);
      },
      published: (channelClass) => {
        metrics.published(channelClass);
      },
    },
    logger,
    newEpoch: () => randomUUID().slice(0, 8),
    clock,
    openTimeoutMs: timings.subscribeTimeoutMs,
    lingerMs: timings.feedLingerMs,
  });
  const context: ServerContext = {
    clock,
    random: options.random ?? Math.random,
    timings,
    queueLimits,
    logger,
    metrics,
    feeds,
    isRevoked: (identity, startedAtMs, startedAt) => revocations.isRevoked(identity, startedAtMs, startedAt),
    authenticate: options.authenticate,
    requests: new Map(Object.entries(options.requests ?? {})) as unknown as ReadonlyMap<string, RequestHandler>,
    messages: new Map(Object.entries(options.messages ?? {})) as unknown as ReadonlyMap<string, MessageHandler>,
    wake: (connection) => {
      scheduler.wakeConnection(connection);
    },
    welcomed: (connection) => {
      tell(connection, options.onConnected);
    },
    released: (connection, close) => {
      connections.delete(connection);
      closing.add(connection.socket);
      if (connections.size === 0) for (const resolve of emptyWaiters.splice(0)) resolve();
      if (connection.wasWelcomed) tell(connection, options.onDisconnected, close);
    },
    socketClosed: (connection) => {
      closing.delete(connection.socket);
    },
  };
  refuseReservedMethods(context.requests.keys());

  const tell = <Rest extends unknown[]>(
    connection: Connection,
    hook: ((connection: ConnectionHandle<I>, ...rest: Rest) => unknown) | undefined,
    ...rest: Rest
  ): void => {
    guarded(logger, { connectionId: connection.id }, 'a connection hook failed', () =>
      hook?.(connection as unknown as ConnectionHandle<I>, ...rest),
    );
  };

  let draining: Promise<void> | undefined;
  let disposed = false;

  const select = (selector: ConnectionSelector): Connection[] =>
    [...connections].filter((connection) => selects(selector, connection));
  const disconnect: Server['disconnect'] = (selector, close) => {
    const selected = select(selector);
    for (const connection of selected) connection.close(close.code, close.reason);
    return selected.length;
  };
  const revocations = new Revocations({
    broker,
    logger,
    clock,
    // Every authentication ends within the hello's time; a process that stood still may notice that late.
    rememberMs: 2 * timings.helloTimeoutMs,
    retryBaseMs: timings.backoffBaseMs,
    retryMaxMs: timings.backoffMaxMs,
    askTimeoutMs: timings.subscribeTimeoutMs,
    onRevoked: (selector, startedBeforeAt = Infinity) => {
      for (const connection of select(selector)) {
        if (connection.authenticationStartedAt < startedBeforeAt) connection.close(4501, 'the token was revoked');
      }
    },
  });

  const stopSweeper = startSweeper({ clock, timings, connections, feeds, revocations, logger });

  const accept = (socket: AcceptedSocket, upgrade: UpgradeInfo, endpoint: EndpointContext): Connection => {
    const connection = new Connection(`c-${randomUUID()}`, socket, upgrade, endpoint, context);
    connections.add(connection);
    return connection;
  };

  const gauges = (): ServerGauges => {
    let ringBytes = 0;
    let queuedBytes = 0;
    for (const feed of feeds.feeds()) ringBytes += feed.ringBytes + feed.snapshotBytes;
    for (const connection of connections) queuedBytes += connection.socket.queuedBytes + connection.queuedControlBytes;
    return { connections: connections.size, feeds: feeds.size, ringBytes, queuedBytes };
  };
  const stopLagMonitor = options.metrics === undefined ? ignore : monitorInto(options.metrics, metrics, gauges);

  return {
    broker,
    get ready() {
      return draining === undefined && !disposed;
    },
    attach(httpServer, path, endpointOptions) {
      const undo = attachEndpoint(
        httpServer,
        path,
        {
          clock,
          logger,
          refusesFor: () =>
            draining === undefined && !disposed ? undefined : Math.max(1, Math.ceil(timings.backoffBaseMs / 1000)),
          accept,
          refused: (result) => {
            metrics.connected(result);
          },
        },
        { ...endpointOptions, limits: { ...limits, ...endpointOptions?.limits } },
      );
      undoAttachments.push(undo);
      return undo;
    },
    accept: (socket, upgrade, endpoint) =>
      accept(
        socket,
        { path: '/', remoteAddress: '', token: undefined, tokenSource: 'none', ...upgrade },
        { path: upgrade?.path ?? '/', limits, ...endpoint },
      ),
    async publish(target, data, publishOptions) {
      const json = JSON.stringify(data) as string | undefined;
      if (json === undefined)
        throw new FleetwireError('INVALID_ARGUMENT', `publish to ${target.channel}: expected data that JSON can hold`);
      const startedAt = clock.monotonicNow();
      const position = await broker.publish(feedNameOf(target), json, publishOptions);
      metrics.brokerPublished((clock.monotonicNow() - startedAt) / 1000);
      return position;
    },
    unpublish: (target, key) => broker.publish(feedNameOf(target), null, { key }),
    connections: select,
    disconnect,
    revoke: (selector) => revocations.publish(selector),
    async authorizeAgain(selector) {
      await Promise.all(select(selector).map((connection) => connection.subscriptions.authorizeAgain()));
    },
    drain(drainOptions = {}) {
      draining ??= drainConnections(
        {
          clock,
          connections,
          closing,
          untilEmpty: () =>
            connections.size === 0
              ? Promise.resolve()
              : new Promise((resolve) => {
                  emptyWaiters.push(resolve);
                }),
        },
        drainOptions.deadlineMs ?? timings.drainDeadlineMs,
        drainOptions.retryAfterMs ?? 0,
      );
      return draining;
    },
    stats: () => metrics.stats(gauges()),
    async dispose() {
      if (disposed) return;
      disposed = true;
      stopSweeper();
      for (const undo of undoAttachments) undo();
      for (const connection of [...connections]) connection.close(1012, 'the server stops');
      closing.cut();
      feeds.dispose();
      stopLagMonitor();
      await revocations.dispose();
      if (options.broker === undefined) await broker.dispose();
    },
  };
}

function feedNameOf(target: PublishTarget): string {
  const isSystem = target.channel.startsWith('sys/');
  if ('system' in target) {
    if (!isSystem)
      throw new FleetwireError('INVALID_ARGUMENT', `expected a system channel (sys/…), got ${target.channel}`);
    return brokerFeedName(systemScopeKey, target.channel, target.params);
  }
  if (isSystem)
    throw new FleetwireError('INVALID_ARGUMENT', `the system channel ${target.channel} belongs to no organisation`);
  return brokerFeedName(orgScopeKey(target.orgId), target.channel, target.params);
}

function refuseReservedMethods(names: Iterable<string>): void {
  for (const name of names) {
    if (!name.includes('.') || name.startsWith('auth.')) {
      throw new TypeError(
        `request method ${JSON.stringify(name)}: names without a dot and those that start with "auth." belong to the protocol`,
      );
    }
  }
}

/** Node measures the event loop by a timer of this length, and its delays hold the length too. */
const lagResolutionMs = 20;

function monitorInto(sink: MetricsSink, metrics: ServerMetrics, gauges: () => ServerGauges): () => void {
  const histogram = monitorEventLoopDelay({ resolution: lagResolutionMs });
  histogram.enable();
  metrics.register(sink, gauges, () => {
    const seconds = histogram.percentile(99) / 1e9 - lagResolutionMs / 1_000;
    histogram.reset();
    return Math.max(0, seconds);
  });
  return () => {
    histogram.disable();
  };
}

function ignore(): void {
  // nothing to do
}
