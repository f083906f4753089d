import { createFakeKubeApi, type FakeKubeApi, type FakeKubeApiOptions } from '@fleetwire/fake-kube-api';
import { createClient, type Client } from '@fleetwire/websocket-core/client';
import { createKubeWatchClient, type KubeWatchClient, type KubeWatchClientOptions } from '../../src/client/index.ts';
import { createStaticClusters, createStaticConnection } from '../../src/server/index.ts';
import type { KubeObject, WatchTarget } from '../../src/index.ts';
import { createFastClock } from './fast-clock.ts';
import { startGatewayServer, type GatewayServer } from './gateway-server.ts';

/** The ways to a cluster that the behaviour suite runs over. */
export const carriers = ['websocket', 'fetch', 'multiplexed', 'polling'] as const;

export type Carrier = (typeof carriers)[number];

/** A cluster under test, reached over one carrier, with a namespace of the test's own. */
export interface Setup {
  readonly carrier: Carrier;
  readonly cluster: string;
  readonly namespace: string;
  readonly client: KubeWatchClient;
  /** The cluster's API as its administrator has it, past the carrier. */
  readonly admin: KubeWatchClient;
  /** All that the test made. */
  readonly target: WatchTarget;
  create(name: string, data?: Readonly<Record<string, string>>): Promise<KubeObject>;
  update(name: string, patch: unknown): Promise<KubeObject>;
  remove(name: string): Promise<void>;
}

/** The same with the fake API behind it, which can be made to fail. */
export interface FakeSetup extends Setup {
  readonly api: FakeKubeApi;
  readonly gateway: GatewayServer | undefined;
  readonly socket: Client | undefined;
}

export const configMaps = { version: 'v1', resource: 'configmaps' } as const;
const mark = 'kube-watch-behaviour';

/** How much sooner the client's timers run out: a poll comes every half second, a first back-off takes 80 ms at most. */
const fakeFactor = 10;

/** Makes what every setup has of a client and an administrator. */
export function makeSetup(
  carrier: Carrier,
  cluster: string,
  namespace: string,
  client: KubeWatchClient,
  admin: KubeWatchClient,
): Setup {
  const ref = (name: string) => ({ cluster, resource: configMaps, namespace, name });
  const labels = { 'app.kubernetes.io/part-of': mark };
  return {
    carrier,
    cluster,
    namespace,
    client,
    admin,
    // A real cluster puts a ConfigMap of its own into each namespace.
    target: { cluster, resource: configMaps, namespace, labelSelector: `app.kubernetes.io/part-of=${mark}` },
    async create(name, data = {}) {
      const response = await admin.fetch(cluster, `/api/v1/namespaces/${namespace}/configmaps`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data }),
      });
      return (await response.json()) as KubeObject;
    },
    update: (name, patch) => admin.patch(ref(name), patch),
    remove: (name) => admin.delete(ref(name)),
  };
}

/** API servers take WebSockets of their own origin alone, which a browser's page on `kubectl proxy` has, and Node has not. */
class SameOriginWebSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    const headers = { Origin: new URL(url).origin.replace(/^ws/, 'http') };
    super(url, { protocols, headers } as unknown as string[]);
  }
}

/** What a carrier is in options of the client, whose timers run out `factor` times sooner. */
export function carrierOptions(carrier: Carrier, socket: Client | undefined, factor: number): KubeWatchClientOptions {
  const common = {
    flush: 'sync',
    clock: createFastClock(factor),
    client: socket,
    WebSocket: SameOriginWebSocket,
  } as const;
  switch (carrier) {
    case 'websocket':
    case 'fetch':
      return { ...common, transport: 'direct', directTransport: carrier };
    case 'multiplexed':
    case 'polling':
      return { ...common, transport: carrier };
  }
}

/** Undone by `undoAll`, the last first. */
const undos: (() => unknown)[] = [];

export function onUndo(undo: () => unknown): void {
  undos.push(undo);
}

export async function undoAll(): Promise<void> {
  for (const undo of undos.splice(0).reverse()) await undo();
}

/** Where nobody listens. */
const nowhere = 'http://127.0.0.1:9';

let namespaces = 0;

export interface FakeSetupOptions {
  readonly api?: FakeKubeApiOptions | undefined;
  readonly client?: Partial<KubeWatchClientOptions> | undefined;
}

/** A fake API of the test's own; multiplexed watches reach it through a gateway. */
export async function startFake(carrier: Carrier, options: FakeSetupOptions = {}): Promise<FakeSetup> {
  const api = createFakeKubeApi(options.api);
  onUndo(() => api.dispose());
  const { url } = await api.listen();
  const cluster = 'one';
  let gateway: GatewayServer | undefined;
  let socket: Client | undefined;
  if (carrier === 'multiplexed') {
    const connection = createStaticConnection({ server: url });
    gateway = await startGatewayServer(
      createStaticClusters([{ name: cluster, orgs: ['o-1'], identity: 'shared', connection }]),
    );
    onUndo(() => gateway?.close());
    const opened = createClient({ url: `${gateway.url}/ws` });
    onUndo(() => {
      opened.dispose();
    });
    socket = opened;
  }
  const reach =
    gateway === undefined ? { clusterUrl: (name: string) => (name === cluster ? url : nowhere) } : { url: gateway.url };
  const client = createKubeWatchClient({ ...carrierOptions(carrier, socket, fakeFactor), ...reach, ...options.client });
  onUndo(() => {
    client.dispose();
  });
  const admin = createKubeWatchClient({ clusterUrl: () => url, getToken: () => 'admin' });
  onUndo(() => {
    admin.dispose();
  });
  namespaces += 1;
  const namespace = `test-${String(namespaces)}`;
  api.store.create({ group: '', version: 'v1', resource: 'namespaces' }, undefined, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  return { ...makeSetup(carrier, cluster, namespace, client, admin), api, gateway, socket };
}
