import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createFakeKubeApi, type FakeKubeApi } from '@fleetwire/fake-kube-api';
import type { RunningServer } from '../start.ts';
import type { Config } from '../config/schema.ts';
import { createImpersonation } from './impersonation.ts';
import { addOrganisation, fetchKubeconfig } from '../local-commands.ts';
import { newFolder } from '../testing/new-folder.ts';
import { callAs, signIn, startTestServer } from '../testing/running.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const podsPath = '/clusters/east/api/v1/pods';

/** A server with one cluster of its own, `east`. */
async function start(
  settings: Partial<Config['clusters'][string]> = {},
): Promise<{ api: FakeKubeApi; server: RunningServer; dataDir: string }> {
  const api = createFakeKubeApi();
  undo.push(() => api.dispose());
  const { url } = await api.listen();
  const path = join(newFolder(), 'config');
  writeFileSync(
    path,
    JSON.stringify({
      clusters: [{ name: 'east', cluster: { server: url } }],
      users: [{ name: 'robot', user: {} }],
      contexts: [{ name: 'east', context: { cluster: 'east', user: 'robot' } }],
    }),
  );
  const clusters = { east: { orgs: ['default'], identity: 'shared' as const, ...settings } };
  const dataDir = newFolder();
  const server = await startTestServer({ kubeconfig: [path], clusters, dataDir });
  undo.push(() => server.dispose());
  return { api, server, dataDir };
}

/** Makes a user and signs it in. */
async function member(server: RunningServer, username: string, role: string): Promise<{ id: string; token: string }> {
  const admin = (await signIn(server.url)).accessToken;
  const password = 'another password';
  const { body } = await callAs(admin, 'POST', `${server.url}/api/v1/users`, { username, password, role });
  const { id } = body as { readonly id: string };
  return { id, token: (await signIn(server.url, username, password)).accessToken };
}

/** Opens a watch; resolves when its head is there, with a promise of its end. */
async function watch(server: RunningServer, token: string): Promise<{ readonly ended: Promise<unknown> }> {
  const response = await fetch(`${server.url}${podsPath}?watch=1`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  return { ended: response.text().catch((error: unknown) => error) };
}

describe('what runs on a cluster ends with the right to it', () => {
  it.each([
    ['is removed', 'DELETE', undefined],
    ['gets another role', 'PATCH', { role: 'operator' }],
  ])('when its user %s, and nobody else’s does', async (_what, method, body) => {
    const { api, server } = await start();
    const { id, token } = await member(server, 'vera', 'viewer');
    const admin = (await signIn(server.url)).accessToken;
    const hers = await watch(server, token);
    const others = await watch(server, admin);
    let isOtherOver = false;
    void others.ended.then(() => (isOtherOver = true));
    expect(api.stats.openWatches).toBe(2);
    const { status } = await callAs(admin, method, `${server.url}/api/v1/users/${id}`, body);
    expect(status).toBeLessThan(300);
    await hers.ended;
    await vi.waitFor(() => expect(api.stats.openWatches).toBe(1));
    expect(isOtherOver).toBe(false);
  });

  it('when its token is taken back', async () => {
    const { api, server } = await start();
    const admin = (await signIn(server.url)).accessToken;
    const made = await callAs(admin, 'POST', `${server.url}/api/v1/tokens`, { name: 'script' });
    const { id, token } = made.body as { readonly id: string; readonly token: string };
    const { ended } = await watch(server, token);
    await callAs(admin, 'DELETE', `${server.url}/api/v1/tokens/${id}`);
    await ended;
    await vi.waitFor(() => expect(api.stats.openWatches).toBe(0));
  });
});

describe('a watch through the server', () => {
  it('ends when its personal token expires', async () => {
    const { api, server } = await start();
    const admin = (await signIn(server.url)).accessToken;
    const expiresAt = Date.now() + 500;
    const made = await callAs(admin, 'POST', `${server.url}/api/v1/tokens`, { name: 'script', expiresAt });
    const { ended } = await watch(server, (made.body as { readonly token: string }).token);
    await ended;
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    await vi.waitFor(() => expect(api.stats.openWatches).toBe(0));
  });

  it('ends when the token of its kubeconfig makes room for another', async () => {
    const { api, server, dataDir } = await start();
    const token = async () => {
      const text = await fetchKubeconfig(dataDir, { cluster: undefined, user: undefined, url: 'https://x.example' });
      return /token: (\S+)/.exec(text)?.[1] ?? '';
    };
    const { ended } = await watch(server, await token());
    for (let count = 0; count < 20; count += 1) await token();
    await ended;
    await vi.waitFor(() => expect(api.stats.openWatches).toBe(0));
    const audit = await callAs((await signIn(server.url)).accessToken, 'GET', `${server.url}/api/v1/audit`);
    expect(audit.body).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ action: 'token.remove' })]) as unknown[],
    });
  });
});

describe('a request for a cluster', () => {
  it.each(['http', 'x'])('may name the server in its target, as one through a proxy does: %s', async (scheme) => {
    const { server } = await start();
    const { accessToken } = await signIn(server.url);
    const { host, hostname, port } = new URL(server.url);
    const status = await new Promise((resolve, reject) => {
      request(
        {
          hostname,
          port,
          path: `${scheme}://${host}${podsPath}?limit=1`,
          headers: { authorization: `Bearer ${accessToken}` },
          agent: false,
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  it('is answered with a Status when it proves nobody, comes from another page, or names no cluster', async () => {
    const { server } = await start();
    const admin = (await signIn(server.url)).accessToken;
    const ask = async (path: string, headers: Record<string, string> = {}): Promise<unknown> => {
      const response = await fetch(`${server.url}${path}`, { headers });
      const { kind, code } = (await response.json()) as { readonly kind: string; readonly code: number };
      return [response.status, kind, code];
    };
    const authorization = `Bearer ${admin}`;
    expect(await ask(podsPath)).toEqual([401, 'Status', 401]);
    expect(await ask(podsPath, { authorization: 'Bearer nonsense' })).toEqual([401, 'Status', 401]);
    expect(await ask(podsPath, { authorization, origin: 'https://elsewhere.example' })).toEqual([403, 'Status', 403]);
    expect(await ask('/clusters/%E0/api', { authorization })).toEqual([400, 'Status', 400]);
    expect(await ask('/clusters/west/api', { authorization })).toEqual([404, 'Status', 404]);
    expect(await ask(podsPath, { authorization: `Basic ${btoa(`token:${admin}`)}` })).toEqual([
      200,
      'PodList',
      undefined,
    ]);
  });

  it('runs as the user of its organisation where the cluster is to see who asks', async () => {
    const { api, server } = await start({ identity: 'impersonate' });
    const { token } = await member(server, 'system:admin', 'viewer');
    expect((await callAs(token, 'GET', `${server.url}${podsPath}`)).status).toBe(200);
    expect(api.stats.requests.at(-1)).toMatchObject({ path: '/api/v1/pods', user: 'fleetwire:default:system:admin' });
  });

  it('is for the namespace of its organisation alone, of one that was added just now too', async () => {
    const { server, dataDir } = await start({
      orgs: ['default', 'crew', 'forgotten'],
      namespaces: { default: 'default', crew: 'kube-system' },
    });
    const status = async (token: string, namespace: string) =>
      (await callAs(token, 'GET', `${server.url}/clusters/east/api/v1/namespaces/${namespace}/pods`)).status;
    const admin = (await signIn(server.url)).accessToken;
    expect(await status(admin, 'default')).toBe(200);
    expect(await status(admin, 'kube-system')).toBe(403);
    const add = async (name: string, username: string) => {
      const password = await addOrganisation(dataDir, name, { username, isExistingUser: false });
      return (await signIn(server.url, username, password)).accessToken;
    };
    const carl = await add('crew', 'carl');
    expect([await status(carl, 'default'), await status(carl, 'kube-system')]).toEqual([403, 200]);
    const fred = await add('forgotten', 'fred');
    expect([await status(fred, 'default'), await status(fred, 'kube-system')]).toEqual([404, 404]);
  });
});

describe('the audit log', () => {
  it('tells who changed what on a cluster, went into a pod or read secrets, and who was not let', async () => {
    const { server } = await start();
    const { token } = await member(server, 'vera', 'viewer');
    const admin = (await signIn(server.url)).accessToken;
    const base = `${server.url}/clusters/east/api/v1/namespaces/default`;
    await callAs(admin, 'GET', `${base}/pods`);
    await callAs(admin, 'GET', `${base}/secrets?limit=1`);
    await callAs(admin, 'DELETE', `${base}/pods/none`);
    await callAs(admin, 'POST', `${base}/pods/none/exec?command=hush`);
    await callAs(token, 'DELETE', `${base}/pods/none`);
    const { body } = await callAs(admin, 'GET', `${server.url}/api/v1/audit`);
    const { items } = body as { readonly items: readonly { readonly action: string }[] };
    const path = 'east /api/v1/namespaces/default';
    expect(items.filter(({ action }) => action.startsWith('cluster.'))).toMatchObject([
      { username: 'vera', action: 'cluster.delete', target: `${path}/pods/none`, detail: { denied: true } },
      { username: 'admin', action: 'cluster.connect', target: `${path}/pods/none/exec` },
      { username: 'admin', action: 'cluster.delete', target: `${path}/pods/none` },
      { username: 'admin', action: 'cluster.list', target: `${path}/secrets` },
    ]);
    expect(JSON.stringify(items)).not.toContain('hush');
  });

  it('tells nothing of a cluster that is not there', async () => {
    const { server } = await start();
    const { token } = await member(server, 'vera', 'viewer');
    const admin = (await signIn(server.url)).accessToken;
    const at = (cluster: string) => `${server.url}/clusters/${cluster}/api/v1/namespaces/default/pods/none`;
    for (const cluster of ['none', 'x'.repeat(12_000)])
      for (const each of [admin, token]) expect((await callAs(each, 'DELETE', at(cluster))).status).toBe(404);
    const { body } = await callAs(admin, 'GET', `${server.url}/api/v1/audit`);
    expect(JSON.stringify(body)).not.toContain('cluster.');
  });

  it('tells who watches secrets over the socket, once for each subscription', async () => {
    const { server } = await start();
    const { token } = await member(server, 'vera', 'viewer');
    const admin = (await signIn(server.url)).accessToken;
    const path = '/api/v1/namespaces/default/secrets';
    const subscribe = async (accessToken: string, refresh = false): Promise<void> => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`, 'fleetwire.v1');
      undo.push(() => {
        socket.close();
      });
      const items = [path, '/api/v1/pods'].map((each) => ({
        channel: 'kube/east',
        params: { path: each },
        since: '5',
      }));
      const frames = [
        { type: 'hello', protocol: 1, token: accessToken, peer: { name: 'test', version: '1' } },
        { type: 'request', id: 1, method: 'subscribe', params: { items } },
        ...(refresh ? [{ type: 'request', id: 2, method: 'auth.refresh', params: { token: accessToken } }] : []),
      ];
      await new Promise<void>((resolve, reject) => {
        socket.onerror = () => {
          reject(new Error('the socket failed'));
        };
        socket.onopen = () => {
          socket.send(JSON.stringify(frames.shift()));
        };
        socket.onmessage = ({ data }) => {
          const { type } = JSON.parse(String(data)) as { readonly type: string };
          if (type !== 'welcome' && type !== 'response') return;
          const next = frames.shift();
          if (next === undefined) resolve();
          else socket.send(JSON.stringify(next));
        };
      });
    };
    await subscribe(admin, true);
    await subscribe(token);
    const { body } = await callAs(admin, 'GET', `${server.url}/api/v1/audit`);
    const { items } = body as { readonly items: readonly { readonly action: string }[] };
    expect(items.filter(({ action }) => action.startsWith('cluster.'))).toMatchObject([
      { username: 'admin', action: 'cluster.watch', target: `east ${path}` },
    ]);
  });

  it('takes no request for an upgrade that only names one', async () => {
    const { api, server } = await start();
    const { accessToken } = await signIn(server.url);
    const ask = (method: string, path: string) =>
      new Promise<void>((resolve, reject) => {
        const headers = { authorization: `Bearer ${accessToken}`, upgrade: 'x', connection: 'close' };
        request(`${server.url}/clusters/east/api/v1/namespaces/default/${path}`, { method, headers }, (response) => {
          response.resume().once('end', resolve);
        })
          .on('error', reject)
          .end();
      });
    await ask('DELETE', 'pods/none');
    await ask('GET', 'secrets/none');
    expect(api.stats.requests.filter(({ path }) => path.endsWith('/none')).length).toBe(2);
    const { body } = await callAs(accessToken, 'GET', `${server.url}/api/v1/audit`);
    const { items } = body as { readonly items: readonly { readonly action: string }[] };
    expect(items.map(({ action }) => action).filter((action) => action.startsWith('cluster.'))).toEqual([
      'cluster.get',
      'cluster.delete',
    ]);
  });
});

describe('whom the cluster sees', () => {
  const runsAs = (org: string, username: string) =>
    createImpersonation({ nameOf: () => org })({ orgId: 'o', username, role: 'admin' });

  it('is a user of one organisation, in a group of it', () => {
    expect(runsAs('team', 'alice@corp.example')).toEqual({
      user: 'fleetwire:team:alice@corp.example',
      groups: ['fleetwire:team:admin'],
    });
    expect(runsAs('a', 'b:c').user).not.toBe(runsAs('a:b', 'c').user);
    expect(runsAs('a%3Ab', 'c').user).not.toBe(runsAs('a:b', 'c').user);
  });

  it('is nobody of an organisation that is not there', () => {
    const impersonation = createImpersonation({ nameOf: () => undefined });
    expect(() => impersonation({ orgId: 'o', username: 'x', role: 'admin' })).toThrow(/no organisation/);
  });
});

describe('a server in a pod', () => {
  it('has the cluster of its service account, and no demo cluster beside it', async () => {
    vi.stubEnv('HOME', newFolder());
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '127.0.0.1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '1');
    undo.push(() => vi.unstubAllEnvs());
    const server = await startTestServer({ kubeconfig: [], demo: 'auto' });
    undo.push(() => server.dispose());
    const { body } = await callAs((await signIn(server.url)).accessToken, 'GET', `${server.url}/api/v1/clusters`);
    expect(body).toMatchObject({ items: [{ key: 'in-cluster' }] });
  });
});
