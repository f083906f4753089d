import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { steadyPort } from '@fleetwire/config/steady-port';
import { createFakeKubeApi, type FakeKubeApi } from '@fleetwire/fake-kube-api';

/** Clusters of the test's own, and a kubeconfig that names them. */
export interface Fleet {
  readonly kubeconfig: string;
  api(cluster: string): FakeKubeApi;
  /** Writes the kubeconfig anew, with these clusters. They listen already. */
  configure(clusters: readonly string[]): void;
  /** Stops to answer, as a machine that goes down; `restart` brings the same cluster back. */
  stop(cluster: string): Promise<void>;
  restart(cluster: string): Promise<void>;
  dispose(): Promise<void>;
}

const pods = { group: '', version: 'v1', resource: 'pods' };

/** Starts API servers of these names; the kubeconfig has the first `configured` of them. */
export async function startFleet(names: readonly string[], configured = names.length): Promise<Fleet> {
  const kubeconfig = join(mkdtempSync(join(tmpdir(), 'fleetwire-fleet-')), 'config');
  const clusters = new Map<string, { readonly api: FakeKubeApi; port: number }>();
  for (const name of names) {
    const api = createFakeKubeApi();
    const { port } = await api.listen({ port: await steadyPort() });
    clusters.set(name, { api, port });
  }
  const of = (name: string) => {
    const cluster = clusters.get(name);
    if (cluster === undefined) throw new Error(`no cluster ${name}`);
    return cluster;
  };
  const fleet: Fleet = {
    kubeconfig,
    api: (name) => of(name).api,
    configure(wanted) {
      const text = JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: wanted.map((name) => ({
          name,
          cluster: { server: `http://127.0.0.1:${String(of(name).port)}` },
        })),
        users: [{ name: 'test', user: {} }],
        contexts: wanted.map((name) => ({ name, context: { cluster: name, user: 'test' } })),
        'current-context': wanted[0],
      });
      // As editors save: whole, and in the place of the old one.
      writeFileSync(`${kubeconfig}.new`, text);
      renameSync(`${kubeconfig}.new`, kubeconfig);
    },
    stop: (name) => of(name).api.close(),
    async restart(name) {
      const { api, port } = of(name);
      await api.listen({ port });
    },
    async dispose() {
      await Promise.all([...clusters.values()].map(({ api }) => api.dispose()));
    },
  };
  fleet.configure(names.slice(0, configured));
  return fleet;
}

/** Makes a pod that says that it runs. */
export function addPod(api: FakeKubeApi, name: string, namespace = 'default'): void {
  api.store.create(pods, namespace, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name.replace(/-\d+$/, '') } },
    spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'registry.example/web:1.0' }] },
  });
  setPhase(api, name, 'Running', namespace);
}

/** Changes what a pod says of itself. */
export function setPhase(api: FakeKubeApi, name: string, phase: string, namespace = 'default'): void {
  api.store.patch(pods, namespace, name, 'merge', { status: { phase } }, { subresource: 'status' });
}

/** Takes a pod away at once. */
export function removePod(api: FakeKubeApi, name: string, namespace = 'default'): void {
  api.store.delete(pods, namespace, name, { gracePeriodSeconds: 0 });
}
