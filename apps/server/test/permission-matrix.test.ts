import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { channelAccess } from '../src/access/channel-access.ts';
import { can, permissions, permissionsOf, roles, type Permission, type Role } from '../src/access/permissions.ts';
import { openAccountStore } from '../src/accounts/account-store.ts';
import { createPasswordHasher } from '../src/accounts/password.ts';
import { openDatabase } from '../src/database/open-database.ts';
import type { RunningServer } from '../src/start.ts';
import type { Access } from '../src/api/route.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import { callAs, signIn, startTestServer } from '../src/testing/running.ts';

// Who may do what, asked of a server that runs: each route, channel and request to a cluster, with every role, as a
// stranger, and from another organisation.

/** Who asks. The foreigner is an administrator, of another organisation. */
type Caller = Role | 'anonymous' | 'foreigner';
const callers: readonly Caller[] = [...roles, 'anonymous', 'foreigner'];

/** What a role may do, as the product documents it; the table of the server is held equal to it. */
const documented: Readonly<Record<Permission, readonly Role[]>> = {
  'kube.read': ['viewer', 'operator', 'admin'],
  'kube.secrets': ['admin'],
  'kube.write': ['operator', 'admin'],
  'kube.exec': ['operator', 'admin'],
  'vm.read': ['viewer', 'operator', 'admin'],
  'vm.console.read': ['viewer', 'operator', 'admin'],
  'vm.console.write': ['operator', 'admin'],
  'vm.power': ['operator', 'admin'],
  'agent.read': ['viewer', 'operator', 'admin'],
  'agent.manage': ['admin'],
  'session.read': ['viewer', 'operator', 'admin'],
  'session.create': ['operator', 'admin'],
  'session.manage': ['operator', 'admin'],
  'session.share': ['operator', 'admin'],
  'plugin.manage': ['admin'],
  'audit.read': ['admin'],
  'org.manage': ['admin'],
};

/** What each route asks of its caller; the server's own table is held equal to it. */
const documentedRoutes: Readonly<Record<string, Access>> = {
  'POST /api/v1/auth/login': 'public',
  'POST /api/v1/auth/refresh': 'public',
  'POST /api/v1/auth/logout': 'public',
  'GET /api/v1/me': 'signed-in',
  'PUT /api/v1/me/password': 'signed-in',
  'GET /api/v1/organisations': 'signed-in',
  'GET /api/v1/tokens': 'signed-in',
  'POST /api/v1/tokens': 'signed-in',
  'DELETE /api/v1/tokens/{id}': 'signed-in',
  'GET /api/v1/audit': 'audit.read',
  'GET /api/v1/users': 'org.manage',
  'POST /api/v1/users': 'org.manage',
  'GET /api/v1/users/{id}': 'org.manage',
  'PATCH /api/v1/users/{id}': 'org.manage',
  'DELETE /api/v1/users/{id}': 'org.manage',
  'PUT /api/v1/users/{id}/password': 'org.manage',
  'GET /api/v1/users/{id}/tokens': 'org.manage',
  'DELETE /api/v1/users/{id}/tokens/{token}': 'org.manage',
  'GET /api/v1/clusters': 'kube.read',
  'GET /api/v1/me/clusters': 'kube.read',
  'POST /api/v1/me/clusters': 'kube.read',
  'PATCH /api/v1/me/clusters/{id}': 'kube.read',
  'DELETE /api/v1/me/clusters/{id}': 'kube.read',
  'GET /api/v1/server/health': 'signed-in',
  'GET /api/v1/server/connections': 'signed-in',
  'GET /api/v1/server/events': 'signed-in',
  'GET /api/v1/plugins': 'signed-in',
  'GET /api/v1/plugins/runtime': 'signed-in',
  'GET /api/v1/plugins/{id}': 'signed-in',
  'POST /api/v1/plugins': 'plugin.manage',
  'POST /api/v1/plugins/repair': 'plugin.manage',
  'POST /api/v1/plugins/{id}/update': 'plugin.manage',
  'POST /api/v1/plugins/{id}/rollback': 'plugin.manage',
  'POST /api/v1/plugins/{id}/repair': 'plugin.manage',
  'POST /api/v1/plugins/{id}/enable': 'plugin.manage',
  'POST /api/v1/plugins/{id}/disable': 'plugin.manage',
  'POST /api/v1/plugins/{id}/pin': 'plugin.manage',
  'POST /api/v1/plugins/{id}/verify': 'plugin.manage',
  'DELETE /api/v1/plugins/{id}': 'plugin.manage',
  'GET /api/v1/plugin-updates': 'plugin.manage',
  'POST /api/v1/plugin-updates': 'plugin.manage',
  'GET /api/v1/plugin-catalog/sources': 'signed-in',
  'GET /api/v1/plugin-catalog/search': 'plugin.manage',
  'GET /api/v1/plugin-catalog/{source}/{repo}/{name}': 'plugin.manage',
  'GET /api/v1/plugin-catalog/{source}/{repo}/{name}/{version}': 'plugin.manage',
  'GET /api/v1/plugin-operations/{id}': 'plugin.manage',
  'DELETE /api/v1/plugin-operations/{id}': 'plugin.manage',
  'POST /api/v1/local/kubeconfig': 'local',
  'POST /api/v1/local/organisations': 'local',
  'POST /api/v1/local/password': 'local',
};

/** What only the first organisation has: an administrator of another one is refused, and told so. */
const isOfFirst = (method: string, path: string): boolean =>
  path.startsWith('/api/v1/plugin') && documentedRoutes[`${method} ${path}`] === 'plugin.manage';

/** Handlers that declare no access since they are nobody's: probes, the description of the API, the dashboard. */
const open: readonly string[] = [
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /ws',
  'GET /api/v1/openapi.json',
  'GET /api/docs',
];

/** Subscriptions, each with what it needs. Every channel of the server must be among them. */
const channels: readonly {
  readonly pattern: string;
  readonly channel: string;
  readonly params?: object;
  readonly since?: string;
  readonly needs: 'signed-in' | Permission;
  /** What an administrator of another organisation gets: its own view, or nothing. */
  readonly foreigner: 'own' | 'UNKNOWN_CHANNEL' | 'FORBIDDEN';
}[] = [
  { pattern: 'server/health', channel: 'server/health', needs: 'signed-in', foreigner: 'own' },
  { pattern: 'server/connections', channel: 'server/connections', needs: 'signed-in', foreigner: 'own' },
  { pattern: 'server/events', channel: 'server/events', needs: 'signed-in', foreigner: 'own' },
  { pattern: 'clusters', channel: 'clusters', needs: 'kube.read', foreigner: 'own' },
  { pattern: 'plugins', channel: 'plugins', needs: 'signed-in', foreigner: 'own' },
  { pattern: 'plugins/ops/{id}', channel: 'plugins/ops/{operation}', needs: 'plugin.manage', foreigner: 'FORBIDDEN' },
  {
    pattern: 'kube/{cluster}',
    channel: 'kube/demo',
    params: { path: '/api/v1/pods' },
    since: '1',
    needs: 'kube.read',
    foreigner: 'UNKNOWN_CHANNEL',
  },
  {
    pattern: 'kube/{cluster}',
    channel: 'kube/demo',
    params: { path: '/api/v1/secrets' },
    since: '1',
    needs: 'kube.secrets',
    foreigner: 'UNKNOWN_CHANNEL',
  },
];

/** Requests to a cluster, each with all that it needs. */
const proxied: readonly {
  readonly method: string;
  readonly path: string;
  readonly needs: readonly Permission[];
  readonly upgrade?: boolean;
}[] = [
  { method: 'GET', path: '/version', needs: ['kube.read'] },
  { method: 'GET', path: '/apis', needs: ['kube.read'] },
  { method: 'GET', path: '/api/v1/pods', needs: ['kube.read'] },
  { method: 'GET', path: '/api/v1/namespaces/default/pods/none', needs: ['kube.read'] },
  { method: 'GET', path: '/api/v1/namespaces/default/pods/none/log', needs: ['kube.read'] },
  { method: 'GET', path: '/api/v1/secrets', needs: ['kube.secrets'] },
  { method: 'GET', path: '/api/v1/namespaces/default/secrets/none', needs: ['kube.secrets'] },
  { method: 'POST', path: '/api/v1/namespaces/default/pods', needs: ['kube.write'] },
  { method: 'PUT', path: '/api/v1/namespaces/default/pods/none', needs: ['kube.write'] },
  { method: 'PATCH', path: '/api/v1/namespaces/default/pods/none', needs: ['kube.write'] },
  { method: 'DELETE', path: '/api/v1/namespaces/default/pods/none', needs: ['kube.write'] },
  { method: 'POST', path: '/api/v1/namespaces/default/secrets', needs: ['kube.secrets', 'kube.write'] },
  { method: 'DELETE', path: '/api/v1/namespaces/default/secrets/none', needs: ['kube.secrets', 'kube.write'] },
  { method: 'PATCH', path: '/apis/apps/v1/namespaces/default/deployments/none/scale', needs: ['kube.write'] },
  { method: 'POST', path: '/api/v1/namespaces/default/pods/none/exec?command=sh', needs: ['kube.exec'] },
  { method: 'GET', path: '/api/v1/namespaces/default/pods/none/exec?command=sh', needs: ['kube.exec'], upgrade: true },
  { method: 'GET', path: '/api/v1/namespaces/default/pods/none/attach', needs: ['kube.exec'], upgrade: true },
  { method: 'GET', path: '/api/v1/namespaces/default/pods/none/portforward', needs: ['kube.exec'], upgrade: true },
  { method: 'GET', path: '/api/v1/pods?watch=1', needs: ['kube.read'], upgrade: true },
  { method: 'GET', path: '/api/v1/secrets?watch=1', needs: ['kube.secrets'], upgrade: true },
  {
    method: 'POST',
    path: '/api/v1/namespaces/default/serviceaccounts/none/token',
    needs: ['kube.secrets', 'kube.write'],
  },
];

let server: RunningServer;
const tokens = new Map<Caller, string>();
/** Of an operation on a plugin. */
let operationId: string;
/** Ids of things of the first organisation, by the parameter's place in a path. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  const dataDir = newFolder();
  const pluginPolicy = join(newFolder(), 'policy.yaml');
  writeFileSync(pluginPolicy, 'sources: []\n');
  server = await startTestServer({ dataDir, demo: 'on', ownClusterNetworks: ['loopback'], pluginPolicy });
  const database = await openDatabase({ sqlite: join(dataDir, 'fleetwire.db') }, (error) => {
    throw error;
  });
  const store = await openAccountStore(database, Date.now);
  await database.insertInto('organisations').values({ id: 'other', name: 'other', created_at: Date.now() }).execute();
  const password = 'a password for all';
  const passwordHash = await createPasswordHasher({ ln: 4, r: 8, p: 1 }).hash(password);
  for (const role of ['viewer', 'operator'] as const)
    await store.addMember(store.home.id, { username: role, passwordHash, role });
  const victim = await store.addMember(store.home.id, { username: 'victim', passwordHash, role: 'viewer' });
  await store.addMember('other', { username: 'foreigner', passwordHash, role: 'admin' });
  // An organisation keeps an administrator, so that the foreigner could remove or demote where it may.
  await store.addMember('other', { username: 'second', passwordHash, role: 'admin' });
  await database.destroy();
  tokens.set('admin', (await signIn(server.url)).accessToken);
  for (const caller of ['viewer', 'operator', 'foreigner'] as const)
    tokens.set(caller, (await signIn(server.url, caller, password)).accessToken);
  const made = await callAs(tokens.get('admin'), 'POST', `${server.url}/api/v1/tokens`, { name: 'x' });
  const added = await callAs(tokens.get('admin'), 'POST', `${server.url}/api/v1/me/clusters`, {
    kubeconfig: JSON.stringify({
      clusters: [{ name: 'own', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'me', user: { token: 'hush' } }],
      contexts: [{ name: 'own', context: { cluster: 'own', user: 'me' } }],
    }),
  });
  ids['/api/v1/me/clusters/{id}'] = (added.body as { readonly items: readonly [{ readonly id: string }] }).items[0].id;
  ids['/api/v1/users/{id}'] = victim.id;
  // No source but the demo's own: nothing of the Internet.
  const installed = await callAs(
    tokens.get('admin'),
    'POST',
    `${server.url}/api/v1/plugins`,
    { id: 'demo:demo/clock' },
    { 'idempotency-key': 'x' },
  );
  ({ operationId } = installed.body as { readonly operationId: string });
  ids['/api/v1/plugins/{id}'] = 'demo~demo~clock';
  ids['/api/v1/plugin-catalog/{source}'] = 'demo';
  ids['/api/v1/plugin-operations/{id}'] = operationId;
  ids['/api/v1/tokens/{id}'] = (made.body as { readonly id: string }).id;
});
afterAll(() => server.dispose());

/** The route's path with an id of the first organisation in its place. */
function pathOf(path: string): string {
  const collection = /^.*?\{\w+\}/.exec(path)?.[0];
  if (collection === undefined) return path;
  const id = ids[collection];
  if (id === undefined) throw new Error(`the matrix has no id for ${collection}: add one`);
  return path.replace(/\{\w+\}/, id);
}

describe('the table of permissions', () => {
  it('is what the product documents', () => {
    expect(Object.keys(documented).toSorted()).toEqual([...permissions].toSorted());
    for (const role of roles) {
      const expected = permissions.filter((permission) => documented[permission].includes(role));
      expect([role, [...permissionsOf[role]].toSorted()]).toEqual([role, expected.toSorted()]);
      for (const permission of permissions) expect(can({ role }, permission)).toBe(expected.includes(permission));
    }
    expect(can({ role: 'nobody' as Role }, 'kube.read')).toBe(false);
  });
});

describe('the REST surface', () => {
  it('has no handler below /api that declares no access', () => {
    const declared = new Set(
      server.surface.routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const undeclared = server.surface.mounted
      // What ends in a star is middleware, the 404 of a reserved path, or a file of the dashboard.
      .filter(({ path }) => !path.endsWith('*'))
      .map(({ method, path }) => `${method} ${path}`)
      .filter((each) => !declared.has(each) && !open.includes(each));
    expect(undeclared).toEqual([]);
    expect(declared.size).toBe(server.surface.routes.length);
  });

  it('asks of each route what the product documents', () => {
    const asked = server.surface.routes.map(({ method, path, access }) => [`${method} ${path}`, access] as const);
    expect(Object.fromEntries(asked)).toEqual(documentedRoutes);
  });

  it.each(callers)('lets %s through where its permission does, and nowhere else', async (caller) => {
    // The order matters: what removes comes last.
    const routes = server.surface.routes.toSorted(
      (a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'),
    );
    for (const { method, path, access } of routes) {
      if (access === 'public') continue;
      // Without a body: access is decided before anything else is looked at, so that nothing is changed here.
      const { status } = await callAs(tokens.get(caller), method, server.url + pathOf(path));
      const name = `${caller}: ${method} ${path}`;
      if (access === 'local' || caller === 'anonymous') expect([name, status]).toEqual([name, 401]);
      else if (caller === 'foreigner' && isOfFirst(method, path)) expect([name, status]).toEqual([name, 403]);
      else if (caller === 'foreigner') {
        // Its own organisation is open to it; what is another's is not there.
        // What is installed is everybody's: it runs in their own pages.
        const isOfOne = path.includes('{') && path !== '/api/v1/plugins/{id}';
        const expected = isOfOne ? (/PATCH|PUT/.test(method) ? [400, 404] : [404]) : [200, 400];
        expect([name, expected.includes(status), status]).toEqual([name, true, status]);
      } else if (access !== 'signed-in' && !documented[access].includes(caller)) {
        expect([name, status]).toEqual([name, 403]);
      } else {
        expect([name, [401, 403].includes(status)]).toEqual([name, false]);
      }
    }
  });

  it('names the sources of plugins to those who may manage them, and tells all others that they may not', async () => {
    for (const caller of callers) {
      if (caller === 'anonymous') continue;
      const { body } = await callAs(tokens.get(caller), 'GET', `${server.url}/api/v1/plugin-catalog/sources`);
      const canManage = caller !== 'foreigner' && documented['plugin.manage'].includes(caller);
      const items = canManage ? [{ name: 'demo', kind: 'index' }] : [];
      expect([caller, body]).toEqual([caller, { items, canManage }]);
    }
  });

  it('shows and changes nothing of the first organisation to the foreigner, with bodies that fit', async () => {
    const token = tokens.get('foreigner');
    const users = `${server.url}/api/v1/users`;
    const victim = await addVictim();
    const me = await callAs(tokens.get('admin'), 'GET', `${server.url}/api/v1/me`);
    const { id: homeId } = (me.body as { readonly organisation: { readonly id: string } }).organisation;
    const bodies: readonly (readonly [string, string, object?])[] = [
      ['GET', `${users}/${victim}`],
      ['PATCH', `${users}/${victim}`, { role: 'admin' }],
      ['PUT', `${users}/${victim}/password`, { password: 'taken over by me' }],
      ['GET', `${users}/${victim}/tokens`],
      ['DELETE', `${users}/${victim}/tokens/x`],
      ['DELETE', `${users}/${victim}`],
    ];
    for (const [method, url, body] of bodies) expect((await callAs(token, method, url, body)).status).toBe(404);
    expect((await callAs(tokens.get('admin'), 'GET', `${users}/${victim}`)).body).toMatchObject({ role: 'viewer' });
    const seen = await Promise.all(
      ['users', 'audit', 'tokens', 'organisations', 'me', 'server/connections', 'server/events'].map(async (name) =>
        JSON.stringify((await callAs(token, 'GET', `${server.url}/api/v1/${name}`)).body),
      ),
    );
    expect(seen.join('\n')).not.toContain(victim);
    expect(seen.join('\n')).not.toContain(homeId);
    expect(seen.join('\n')).not.toContain('"operator"');
  });
});

/** A viewer of the first organisation. */
async function addVictim(): Promise<string> {
  const body = { username: `victim-${String(Math.random())}`, password: 'a password of mine', role: 'viewer' };
  const made = await callAs(tokens.get('admin'), 'POST', `${server.url}/api/v1/users`, body);
  return (made.body as { readonly id: string }).id;
}

describe('the channels', () => {
  it('are all in the matrix, each with its access declared', () => {
    expect([...new Set(channels.map(({ pattern }) => pattern))].toSorted()).toEqual(server.surface.channels.toSorted());
    expect(Object.keys(channelAccess).toSorted()).toEqual(server.surface.channels.toSorted());
  });

  it.each(callers)('let %s through where its permission does, and nowhere else', async (caller) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`, 'fleetwire.v1');
    const frames: Record<string, unknown>[] = [];
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>));
    await new Promise((resolve) => socket.on('open', resolve));
    const peer = { name: 'matrix', version: '1' };
    socket.send(JSON.stringify({ type: 'hello', protocol: 1, token: tokens.get(caller), peer }));
    if (caller === 'anonymous') {
      expect(await closed).toBe(4501);
      return;
    }
    const find = (predicate: (frame: Record<string, unknown>) => boolean) =>
      vi.waitFor(() => frames.find(predicate) ?? Promise.reject(new Error(JSON.stringify(frames))));
    await find((frame) => frame['type'] === 'welcome');
    for (const [id, { channel, params, since, needs, foreigner }] of channels.entries()) {
      const name = `${caller}: ${channel} ${JSON.stringify(params)}`;
      const item = {
        channel: channel.replace('{operation}', operationId),
        ...(params === undefined ? {} : { params }),
        ...(since === undefined ? {} : { since }),
      };
      socket.send(JSON.stringify({ type: 'request', id: id + 1, method: 'subscribe', params: { items: [item] } }));
      const response = await find((frame) => frame['type'] === 'response' && frame['id'] === id + 1);
      const [answer] = (
        response['result'] as { readonly items: readonly { readonly error?: { readonly code: string } }[] }
      ).items;
      const code = answer?.error?.code;
      if (caller === 'foreigner') expect([name, code]).toEqual([name, foreigner === 'own' ? undefined : foreigner]);
      else if (needs === 'signed-in' || documented[needs].includes(caller))
        expect([name, code]).toEqual([name, undefined]);
      else expect([name, code]).toEqual([name, 'FORBIDDEN']);
    }
    socket.close();
    await closed;
  });
});

/** Status of a request to the demo cluster; of one that asks for an upgrade too, 101 where it is made. */
function askCluster(caller: Caller, method: string, path: string, upgrade = false): Promise<number> {
  const token = tokens.get(caller);
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(upgrade
      ? {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          'sec-websocket-protocol': 'v4.channel.k8s.io',
        }
      : {}),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}/clusters/demo${path}`, { method, headers, agent: false }, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });
}

describe('requests to a cluster', () => {
  it.each(callers)('let %s through where its permission does, and nowhere else', async (caller) => {
    for (const { method, path, needs, upgrade } of proxied) {
      const status = await askCluster(caller, method, path, upgrade);
      const name = `${caller}: ${method} ${path}${upgrade === true ? ' (upgrade)' : ''}`;
      if (caller === 'anonymous') expect([name, status]).toEqual([name, 401]);
      else if (caller === 'foreigner') expect([name, status]).toEqual([name, 404]);
      else if (needs.every((permission) => documented[permission].includes(caller)))
        expect([name, [401, 403].includes(status)]).toEqual([name, false]);
      else expect([name, status]).toEqual([name, 403]);
    }
  });

  it('are known again by Basic with the user name token, as git and kubectl send it', async () => {
    const { body } = await callAs(tokens.get('admin'), 'POST', `${server.url}/api/v1/tokens`, { name: 'basic' });
    const { token } = body as { readonly token: string };
    const authorization = `Basic ${Buffer.from(`token:${token}`).toString('base64')}`;
    const response = await fetch(`${server.url}/clusters/demo/version`, { headers: { authorization } });
    expect(response.status).toBe(200);
  });
});
