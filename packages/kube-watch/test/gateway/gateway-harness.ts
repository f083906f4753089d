import { createServer as createHttpServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import { createFakeKubeApi, type FakeKubeApi, type FakeKubeApiOptions } from '@fleetwire/fake-kube-api';
import { createClient, type Client } from '@fleetwire/websocket-core/client';
import {
  createServer,
  credentialsOf,
  type ChannelGrant,
  type FeedHistory,
  type FeedSink,
  type Identity,
  type Logger,
  type OpenedFeed,
} from '@fleetwire/websocket-core/server';
import { afterEach, vi } from 'vitest';
import type { KubePublication } from '../../src/protocol/channel.ts';
import { createKubeGateway } from '../../src/server/create-kube-gateway.ts';
import { createStaticClusters, createStaticConnection, type StaticClusters } from '../../src/server/static-clusters.ts';
import type {
  ClusterConnection,
  ClusterDefinition,
  KubeGateway,
  KubeGatewayOptions,
  KubePermission,
} from '../../src/server/types.ts';

/** Who asks in these tests; a token is its JSON. */
export interface Caller extends Identity {
  readonly permissions: readonly KubePermission[];
  readonly namespace?: string;
}

const everything: readonly KubePermission[] = ['kube.read', 'kube.secrets', 'kube.write', 'kube.exec'];

export function caller(more: Partial<Caller> = {}): Caller {
  return { userId: 'ada', orgId: 'acme', permissions: everything, ...more };
}

/** The caller as a token, for `Authorization` and for the socket. */
export function tokenOf(identity: Caller): string {
  return Buffer.from(JSON.stringify(identity)).toString('base64url');
}

export function callerOf(token: string | undefined): Caller | undefined {
  return token === undefined ? undefined : (JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Caller);
}

const cleanups: (() => unknown)[] = [];

/** Runs after the test, the last first. */
export function cleanUp(action: () => unknown): void {
  cleanups.push(action);
}

afterEach(async () => {
  for (const action of cleanups.splice(0).reverse()) await action();
});

export const pods = { group: '', version: 'v1', resource: 'pods' } as const;
export const podsPath = '/api/v1/namespaces/default/pods';

export interface TestApi {
  readonly api: FakeKubeApi;
  readonly url: string;
  /** Creates a pod in `default`; its resourceVersion. */
  addPod(name: string, more?: { readonly labels?: Record<string, string>; readonly padding?: number }): string;
  touchPod(name: string): string;
  /** Watches that were asked for, by query. */
  watches(): readonly Readonly<Record<string, string>>[];
}

/** `port`: a steady one for a cluster that goes and comes back. */
export async function startApi(options: FakeKubeApiOptions = {}, port = 0): Promise<TestApi> {
  const api = createFakeKubeApi(options);
  cleanUp(() => api.dispose());
  const { url } = await api.listen({ port });
  return {
    api,
    url,
    addPod(name, more = {}) {
      const annotations = more.padding === undefined ? {} : { padding: 'x'.repeat(more.padding) };
      const pod = api.store.create(pods, 'default', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels: more.labels ?? {}, annotations },
        spec: { containers: [{ name: 'main', image: 'app:1' }] },
      });
      return pod.metadata.resourceVersion;
    },
    touchPod(name) {
      const patch = { metadata: { annotations: { touched: String(Math.random()) } } };
      return api.store.patch(pods, 'default', name, 'merge', patch).object.metadata.resourceVersion;
    },
    watches: () => api.stats.requests.filter(({ isWatch }) => isWatch).map(({ query }) => query),
  };
}

export interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

export function recordingLogger(lines: LogLine[] = []): Logger & { readonly lines: readonly LogLine[] } {
  const log = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  return { lines, debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

export function cluster(
  name: string,
  server: string | ClusterConnection,
  more: Partial<ClusterDefinition> = {},
): ClusterDefinition {
  const connection = typeof server === 'string' ? createStaticConnection({ server }) : server;
  return { name, orgs: ['acme'], identity: 'shared', connection, ...more };
}

export interface TestGateway {
  readonly gateway: KubeGateway<Caller>;
  readonly clusters: StaticClusters;
  readonly logs: readonly LogLine[];
  /** Subscribes as the server of the socket does, without one. */
  open(channel: string, params: Record<string, unknown>, since: string | undefined, identity?: Caller): RecordingFeed;
  authorize(channel: string, params: Record<string, unknown>, identity?: Caller): ChannelGrant;
}

export function startGateway(
  definitions: readonly ClusterDefinition[],
  options: Partial<KubeGatewayOptions<Caller>> = {},
): TestGateway {
  const clusters = createStaticClusters(definitions);
  const logger = recordingLogger();
  const gateway = createKubeGateway<Caller>({
    clusters,
    can: (identity, permission) => identity.permissions.includes(permission),
    impersonation: ({ userId, orgId }) => ({ user: userId, groups: [`org:${orgId}`] }),
    confinedTo: (identity) => identity.namespace,
    logger,
    // The upper end of each draw: waits are as long as they may be, and never longer.
    random: () => 0.5,
    ...options,
  });
  cleanUp(() => gateway.dispose());
  const source = gateway.channels.find(({ pattern }) => pattern.startsWith('kube/'));
  if (source === undefined) throw new Error('no channel kube/{cluster}');
  const segmentsOf = (channel: string) => ({ cluster: channel.slice('kube/'.length) });
  const authorize: TestGateway['authorize'] = (channel, params, identity = caller()) =>
    source.authorize({ identity, channel, segments: segmentsOf(channel), params }) as ChannelGrant;
  return {
    gateway,
    clusters,
    logs: logger.lines,
    authorize,
    open(channel, params, since, identity = caller()) {
      const grant = authorize(channel, params, identity);
      if ('denied' in grant) throw new Error(`${grant.denied}: ${grant.reason ?? ''}`);
      const feed = new RecordingFeed();
      const { userId } = identity;
      const request = { channel, segments: segmentsOf(channel), params, scopeKey: grant.scopeKey, userId, since };
      feed.opened = source.open(request, feed) as OpenedFeed;
      cleanUp(() => {
        feed.dispose();
      });
      return feed;
    },
  };
}

interface RecordedPublication {
  readonly data: KubePublication | { readonly columns: readonly unknown[] };
  readonly json: string;
  readonly position: string | undefined;
}

/** A feed that keeps what it was published. */
export class RecordingFeed implements FeedSink {
  readonly publications: RecordedPublication[] = [];
  /** What it says that its ring holds. */
  ringBytes = 0;
  error: Error | undefined;
  opened: OpenedFeed | undefined;
  #isOver = false;

  publish({
    json = '',
    position,
  }: {
    readonly json?: string | undefined;
    readonly position?: string | undefined;
  }): void {
    if (this.#isOver) return;
    this.publications.push({ data: JSON.parse(json) as KubePublication, json, position });
  }
  change(): void {
    throw new Error('this is no state feed');
  }
  replace(): void {
    throw new Error('this is no state feed');
  }
  end(error: Error): void {
    this.error = error;
    this.dispose();
  }
  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.opened?.dispose();
  }

  get events(): readonly WatchedEvent[] {
    return eventsOf(this.publications.map(({ data }) => data));
  }
  get names(): readonly string[] {
    return this.events.map(({ object }) => object.metadata.name);
  }
  /** `live`, `reconnecting`, `gone`, `error 403`, `bookmark`, `columns`, in order. */
  get markers(): readonly string[] {
    return this.publications.flatMap(({ data }) => markerOf(data));
  }
  history(since: string): Promise<FeedHistory> {
    if (this.opened?.history === undefined) throw new Error('no history');
    return this.opened.history(since, 1_000);
  }
  async until(marker: string): Promise<void> {
    await vi.waitFor(
      () => {
        if (!this.markers.includes(marker)) throw new Error(`no ${marker} among ${this.markers.join(', ')}`);
      },
      { interval: 10 },
    );
  }
}

export interface WatchedEvent {
  readonly type: string;
  readonly object: { readonly metadata: { readonly name: string; readonly resourceVersion: string } };
}

export function eventsOf(publications: readonly unknown[]): WatchedEvent[] {
  return publications.flatMap((data) => (data as { events?: WatchedEvent[] }).events ?? []);
}

export function markerOf(data: unknown): string[] {
  const publication = data as Record<string, unknown>;
  if ('state' in publication) return [publication['state'] as string];
  if ('error' in publication) return [`error ${String((publication['error'] as { code: number }).code)}`];
  return Object.keys(publication).filter((key) => key !== 'events');
}

/** A server of `node:http` with the proxy and the socket of a gateway; its URL. */
export async function serve(gateway: KubeGateway<Caller>): Promise<string> {
  const live = createServer<Caller>({
    channels: gateway.channels,
    authenticate: ({ token }) => {
      const identity = callerOf(token);
      return identity === undefined ? { refused: 'invalid' } : { identity };
    },
  });
  const split = (request: IncomingMessage): [Caller, string, string] | undefined => {
    const [, name, path] = /^\/clusters\/([^/?]+)([^]*)$/.exec(request.url ?? '') ?? [];
    const identity = callerOf(credentialsOf(request).token);
    return name === undefined || identity === undefined ? undefined : [identity, name, path ?? ''];
  };
  const server = createHttpServer((request, response) => {
    const target = split(request);
    if (target === undefined) response.writeHead(401).end();
    else gateway.handleRequest(request, response, ...target);
  });
  server.on('upgrade', (request, socket, head) => {
    const target = split(request);
    if (target !== undefined) gateway.handleUpgrade(request, socket, head, ...target);
  });
  live.attach(server, '/ws');
  cleanUp(() => live.dispose());
  return listen(server);
}

/** Listens on a free port until the end of the test; its URL. */
export async function listen(server: HttpServer | TcpServer): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        for (const socket of sockets) socket.destroy();
      }),
  );
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

export function connect(url: string, identity: Caller = caller()): Client {
  const client = createClient({ url: `${url.replace('http', 'ws')}/ws`, getToken: () => tokenOf(identity) });
  cleanUp(() => {
    client.dispose();
  });
  return client;
}
