import { expect, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Config } from '../config/schema.ts';
import type { RunningServer } from '../start.ts';
import { newFolder } from './new-folder.ts';
import { callAs, signIn, startTestServer } from './running.ts';
import { startSecureCluster, type SecureCluster } from './secure-cluster.ts';

/** The token of the clusters that are added. */
export const secret = 'hush-hush-hush';

/** Where the tests ask a cluster. */
export const podsPath = '/api/v1/namespaces/default/pods';

/** A cluster as the API tells its user. */
export interface OwnItem {
  readonly id: string;
  readonly name: string;
  readonly server?: string;
  readonly problem?: string;
}

/** Starts a cluster until the end of the test. */
export async function startCluster(): Promise<SecureCluster> {
  const cluster = await startSecureCluster(secret);
  onTestFinished(() => cluster.api.dispose());
  return cluster;
}

/** Starts a server until the end of the test, one that lets users have clusters on loopback, and what it logs. */
export async function start(
  config: Partial<Config> = {},
): Promise<{ server: RunningServer; dataDir: string; log: string[] }> {
  const dataDir = config.dataDir ?? newFolder();
  const log: string[] = [];
  const write = (fields: object, message: string): void => {
    const err: unknown = 'err' in fields ? fields.err : undefined;
    log.push(JSON.stringify([message, fields, err instanceof Error ? [err.stack, err.cause] : undefined]));
  };
  const logger = { debug: write, info: write, warn: write, error: write };
  const server = await startTestServer({ ownClusterNetworks: ['loopback'], ...config, dataDir }, logger);
  onTestFinished(() => server.dispose());
  return { server, dataDir, log };
}

/** Makes a user and signs it in. */
export async function addMember(
  server: RunningServer,
  username: string,
  role = 'viewer',
): Promise<{ id: string; token: string }> {
  const admin = (await signIn(server.url)).accessToken;
  const password = 'another password';
  const { body } = await callAs(admin, 'POST', `${server.url}/api/v1/users`, { username, password, role });
  return {
    id: (body as { readonly id: string }).id,
    token: (await signIn(server.url, username, password)).accessToken,
  };
}

/** Where a user's own clusters are, or one of them. */
export const own = (server: RunningServer, id = '') => `${server.url}/api/v1/me/clusters${id === '' ? '' : `/${id}`}`;

/** Adds clusters, which succeeds. */
export async function add(
  server: RunningServer,
  token: string,
  kubeconfig: string,
  contexts?: object[],
): Promise<readonly OwnItem[]> {
  const { status, body } = await callAs(token, 'POST', own(server), { kubeconfig, contexts });
  expect([status, body]).toEqual([201, body]);
  return (body as { readonly items: readonly OwnItem[] }).items;
}

/** The clusters that a user has added. */
export async function list(server: RunningServer, token: string): Promise<readonly OwnItem[]> {
  return ((await callAs(token, 'GET', own(server))).body as { readonly items: readonly OwnItem[] }).items;
}

/** The names of all clusters that a user sees. */
export async function names(server: RunningServer, token: string): Promise<readonly string[]> {
  const { body } = await callAs(token, 'GET', `${server.url}/api/v1/clusters`);
  return (body as { readonly items: readonly { readonly key: string }[] }).items.map(({ key }) => key);
}

/** Asks a cluster through the server. */
export const ask = (server: RunningServer, token: string, cluster: string, path = podsPath) =>
  callAs(token, 'GET', `${server.url}/clusters/${encodeURIComponent(cluster)}${path}`);

/** Makes a pod, behind the server's back. */
export function createPod(cluster: SecureCluster, name: string): void {
  const spec = { containers: [{ name: 'main', image: 'x' }] };
  cluster.api.store.create({ group: '', version: 'v1', resource: 'pods' }, 'default', { metadata: { name }, spec });
}

/** A connection to the socket that collects what comes. */
export async function openSocket(server: RunningServer, token: string) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`, 'fleetwire.v1');
  onTestFinished(() => {
    socket.terminate();
  });
  const frames: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>));
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send(JSON.stringify({ type: 'hello', protocol: 1, token, peer: { name: 'test', version: '1' } }));
  await vi.waitFor(() => expect(frames[0]?.['type']).toBe('welcome'));
  let id = 0;
  return {
    frames,
    async subscribe(item: object): Promise<string | undefined> {
      id += 1;
      const asked = id;
      socket.send(JSON.stringify({ type: 'request', id: asked, method: 'subscribe', params: { items: [item] } }));
      const response = await vi.waitFor(
        () =>
          frames.find((frame) => frame['type'] === 'response' && frame['id'] === asked) ??
          Promise.reject(new Error(JSON.stringify(frames))),
        10_000,
      );
      const { items } = response['result'] as {
        readonly items: readonly { readonly error?: { readonly code: string } }[];
      };
      return items[0]?.error?.code;
    },
  };
}
