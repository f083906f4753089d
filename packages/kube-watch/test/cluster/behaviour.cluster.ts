import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { KubeConfig } from '@kubernetes/client-node';
import { createClient, type Client } from '@fleetwire/websocket-core/client';
import { afterAll, beforeAll } from 'vitest';
import { createKubeWatchClient } from '../../src/client/index.ts';
import { createKubeconfigClusters, type ClusterSource } from '../../src/server/index.ts';
import { behaviourSuite } from '../behaviour/behaviour.suite.ts';
import { startGatewayServer, type GatewayServer } from '../behaviour/gateway-server.ts';
import { carrierOptions, carriers, makeSetup, onUndo, type Carrier, type Setup } from '../behaviour/setup.ts';

const paths = (process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config')).split(delimiter);
const namespaces = { version: 'v1', resource: 'namespaces' } as const;
const ignore = (): void => {};

let source: ClusterSource | undefined;
let gateway: GatewayServer | undefined;
let cluster = '';

beforeAll(async () => {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromDefault();
  cluster = process.env['FLEETWIRE_TEST_CONTEXT'] ?? kubeconfig.getCurrentContext();
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  source = await createKubeconfigClusters({ paths, orgsOf: () => ['o-1'], logger });
  gateway = await startGatewayServer(source);
});

afterAll(async () => {
  await gateway?.close();
  source?.dispose();
});

/** A namespace of the test's own in the cluster, all of it through the gateway, which has the credentials. */
async function start(carrier: Carrier): Promise<Setup> {
  if (gateway === undefined) throw new Error('the gateway was not started');
  const { url } = gateway;
  let socket: Client | undefined;
  if (carrier === 'multiplexed') {
    const opened = createClient({ url: `${url}/ws` });
    onUndo(() => {
      opened.dispose();
    });
    socket = opened;
  }
  const admin = createKubeWatchClient({ url });
  const client = createKubeWatchClient({ ...carrierOptions(carrier, socket, carrier === 'polling' ? 10 : 1), url });
  const namespace = `kube-watch-test-${randomUUID().slice(0, 8)}`;
  await admin.fetch(cluster, '/api/v1/namespaces', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
  });
  onUndo(async () => {
    await admin.delete({ cluster, resource: namespaces, name: namespace });
    admin.dispose();
  });
  onUndo(() => {
    client.dispose();
  });
  return makeSetup(carrier, cluster, namespace, client, admin);
}

for (const carrier of carriers) behaviourSuite(carrier, start);
