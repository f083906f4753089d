import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { PluginList, PluginOperationView, PluginRuntime, PluginSummary } from '@fleetwire/plugin-manager';
import { createPluginManager, parsePolicy } from '@fleetwire/plugin-manager/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openAccountStore } from '../src/accounts/account-store.ts';
import { createPasswordHasher } from '../src/accounts/password.ts';
import { openDatabase } from '../src/database/open-database.ts';
import type { RunningServer } from '../src/start.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import { pluginArchive, startTestCatalog, watchChannel, type TestCatalog } from '../src/testing/plugins.ts';
import { callAs, signIn, startTestServer } from '../src/testing/running.ts';

// Plugins of a server that runs, from a catalog that speaks Artifact Hub's API.

const password = 'a password for all';
let server: RunningServer;
let dataDir: string;
let catalog: TestCatalog;
let admin: string;
let viewer: string;
let foreigner: string;

beforeAll(async () => {
  catalog = await startTestCatalog();
  dataDir = newFolder();
  server = await startTestServer({ dataDir, ...catalog.config });
  const database = await openDatabase({ sqlite: join(dataDir, 'fleetwire.db') }, (error) => {
    throw error;
  });
  const store = await openAccountStore(database, Date.now);
  await database.insertInto('organisations').values({ id: 'other', name: 'other', created_at: Date.now() }).execute();
  const passwordHash = await createPasswordHasher({ ln: 4, r: 8, p: 1 }).hash(password);
  await store.addMember(store.home.id, { username: 'viewer', passwordHash, role: 'viewer' });
  await store.addMember('other', { username: 'foreigner', passwordHash, role: 'admin' });
  await database.destroy();
  admin = (await signIn(server.url)).accessToken;
  viewer = (await signIn(server.url, 'viewer', password)).accessToken;
  foreigner = (await signIn(server.url, 'foreigner', password)).accessToken;
});
afterAll(async () => {
  await server.dispose();
  await catalog.dispose();
});

const api = (path: string) => `${server.url}/api/v1/${path}`;

/** Calls the API; an answer that is not what OpenAPI says of it, in all its members, is a failure. */
async function call(...[token, method, url, body, headers]: Parameters<typeof callAs>) {
  const answer = await callAs(token, method, url, body, headers);
  const path = new URL(url).pathname;
  const route = server.surface.routes.find(
    (each) => each.method === method && new RegExp(`^${each.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  if (answer.status < 300 && route?.response !== undefined)
    expect([path, route.response.parse(answer.body)]).toEqual([path, answer.body]);
  return answer;
}

const get = async <T>(path: string, token = admin): Promise<T> => (await call(token, 'GET', api(path))).body as T;

/** Asks for a change as the dashboard does. */
function change(
  method: 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  {
    token = admin,
    key = randomUUID(),
    headers = {},
  }: { token?: string; key?: string; headers?: Record<string, string> } = {},
) {
  return call(token, method, api(path), body, { 'idempotency-key': key, ...headers });
}

async function begin(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<string> {
  const answer = await change(method, path, body);
  expect([answer.status, answer.body]).toEqual([202, { operationId: expect.any(String) as string }]);
  return (answer.body as { readonly operationId: string }).operationId;
}

/** Waits for the end of an operation. */
async function ended(operationId: string): Promise<PluginOperationView> {
  return vi.waitFor(async () => {
    const view = await get<PluginOperationView>(`plugin-operations/${operationId}`);
    expect(view.endedAt).toBeDefined();
    return view;
  });
}

const newestFirst = (name: string, versions: readonly string[]) => {
  const [newest = '', ...older] = versions.map((version) => ({ version, archive: pluginArchive(name, version) }));
  return { repo: 'tests', name, versions: [newest, ...older] } as Parameters<TestCatalog['put']>[0];
};

describe('the life of a plugin', () => {
  const path = 'plugins/hub~tests~life';

  it('is installed with progress on its channel, served with its digest, disabled, updated, rolled back, removed', async () => {
    catalog.put(newestFirst('life', ['1.0.0']));
    const store = watchChannel(server.url, admin, 'plugins');
    await vi.waitFor(() => expect(store.values()).toHaveProperty('store'));
    const { generation } = await get<PluginList>('plugins', viewer);

    const release = catalog.fail('/api/v1/packages/headlamp/tests/life', { kind: 'held' });
    const operationId = await begin('POST', 'plugins', { id: 'hub:tests/life' });
    const progress = watchChannel(server.url, admin, `plugins/ops/${operationId}`);
    await vi.waitFor(() => expect(progress.values()['operation']).toMatchObject({ state: 'running' }));
    release();
    await vi.waitFor(() => expect(progress.values()['operation']).toMatchObject({ state: 'done' }));
    const views = progress.seen('operation') as PluginOperationView[];
    expect(views.map(({ percentage }) => percentage)).toEqual(
      views.map(({ percentage }) => percentage).toSorted((a, b) => a - b),
    );
    expect(views.at(-1)).toMatchObject({
      action: 'install',
      pluginId: 'hub:tests/life',
      percentage: 100,
      progress: { type: 'success', message: 'Plugin Installed', percentage: 100 },
      version: '1.0.0',
      startedBy: 'admin',
    });
    progress.dispose();
    expect(await ended(operationId)).toEqual(views.at(-1));
    await vi.waitFor(() => {
      expect((store.values()['store'] as { readonly generation: number }).generation).toBeGreaterThan(generation);
      expect(store.values()[`operation/${operationId}`]).toMatchObject({ state: 'done', pluginId: 'hub:tests/life' });
    });
    expect(store.values()[`operation/${operationId}`]).not.toHaveProperty('startedBy');

    expect(await get(path, viewer)).toMatchObject({
      provenance: { files: [{ path: 'package.json' }, { path: 'dist/index.js' }] },
    });
    const [ready] = (await get<PluginRuntime>('plugins/runtime', viewer)).plugins;
    if (ready?.status !== 'ready') throw new Error(JSON.stringify(ready));
    const file = await fetch(server.url + ready.entry.url);
    const text = await file.text();
    expect([file.status, file.headers.get('content-type'), file.headers.get('cache-control')]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ]);
    expect(ready.entry.integrity).toBe(`sha384-${createHash('sha384').update(text).digest('base64')}`);
    expect(await importMapOfPage()).toMatchObject({ integrity: { [ready.entry.url]: ready.entry.integrity } });

    const before = (store.values()['store'] as { readonly generation: number }).generation;
    expect(await change('POST', `${path}/disable`)).toMatchObject({ status: 200, body: { isEnabled: false } });
    expect((await get<PluginRuntime>('plugins/runtime', viewer)).plugins).toMatchObject([{ status: 'disabled' }]);
    expect(await importMapOfPage()).not.toMatchObject({ integrity: { [ready.entry.url]: ready.entry.integrity } });
    await vi.waitFor(() => {
      expect((store.values()['store'] as { readonly generation: number }).generation).toBeGreaterThan(before);
    });
    expect(await change('POST', `${path}/enable`)).toMatchObject({ status: 200, body: { isEnabled: true } });

    catalog.put(newestFirst('life', ['1.1.0', '1.0.0']));
    expect(await get('plugin-updates')).toEqual({
      items: [{ id: 'hub:tests/life', installedVersion: '1.0.0', state: 'available', version: '1.1.0' }],
    });
    expect(await change('POST', `${path}/pin`, {})).toMatchObject({ status: 200, body: { isPinned: true } });
    expect(await change('POST', `${path}/update`)).toMatchObject({ status: 409, body: { code: 'E_PINNED' } });
    expect(await change('POST', `${path}/pin`, { isPinned: false })).toMatchObject({ body: { isPinned: false } });
    expect(await change('POST', `${path}/rollback`)).toMatchObject({ status: 409, body: { code: 'E_NO_ROLLBACK' } });
    expect(await ended(await begin('POST', `${path}/update`))).toMatchObject({
      state: 'done',
      version: '1.1.0',
      progress: { message: 'Plugin Updated' },
    });
    // The files of the version before are served to tabs that still have it.
    expect((await fetch(server.url + ready.entry.url)).status).toBe(200);
    expect(await ended(await begin('POST', `${path}/rollback`))).toMatchObject({ state: 'done', version: '1.0.0' });
    expect(await change('POST', `${path}/verify`)).toMatchObject({
      status: 200,
      body: { isIntact: true, changed: [] },
    });
    expect(await ended(await begin('POST', `${path}/repair`))).toMatchObject({ state: 'done', version: '1.0.0' });
    expect(await ended(await begin('DELETE', path))).toMatchObject({ state: 'done', action: 'uninstall' });
    expect(await callAs(viewer, 'GET', api(path))).toMatchObject({ status: 404, body: { code: 'E_NOT_INSTALLED' } });
    expect((await fetch(server.url + ready.entry.url)).status).toBe(404);
    store.dispose();
  });

  it('leaves who did what, and what came of it, in the audit log of the first organisation', async () => {
    const { items } = await get<{ readonly items: readonly { readonly action: string; readonly username: string }[] }>(
      'audit?limit=200',
    );
    const actions = items.filter(({ action }) => action.startsWith('plugin.'));
    for (const action of ['install', 'update', 'rollback', 'repair', 'uninstall'])
      for (const entry of [`plugin.${action}`, `plugin.${action}.done`])
        expect(actions.map((each) => each.action)).toContain(entry);
    for (const action of ['enable', 'disable', 'pin', 'unpin', 'verify.done'])
      expect(actions.map((each) => each.action)).toContain(`plugin.${action}`);
    expect(new Set(actions.map(({ username }) => username))).toEqual(new Set(['admin']));
    expect(JSON.stringify(await get('audit', foreigner))).not.toContain('plugin.');
  });
});

/** The import map of the page, as a browser reads it. */
async function importMapOfPage(): Promise<{ readonly integrity: Readonly<Record<string, string>> }> {
  const page = await (await fetch(`${server.url}/plugins`)).text();
  const [, json = ''] = /<script type="importmap" nonce="[^"]+">(.*?)<\/script>/s.exec(page) ?? [];
  return JSON.parse(json) as { readonly integrity: Readonly<Record<string, string>> };
}

describe('an operation', () => {
  it('is there for a page that was loaded again in the middle, and is cancelled from it', async () => {
    catalog.put(newestFirst('slow', ['1.0.0']));
    const undo = catalog.fail('/archives/tests/slow', { kind: 'silent' });
    const operationId = await begin('POST', 'plugins', { id: 'hub:tests/slow', version: '1.0.0' });
    const { accessToken } = await signIn(server.url);
    const list = watchChannel(server.url, accessToken, 'plugins');
    const one = watchChannel(server.url, accessToken, `plugins/ops/${operationId}`);
    await vi.waitFor(() => {
      expect(list.values()[`operation/${operationId}`]).toMatchObject({ state: 'running', action: 'install' });
      expect(one.values()['operation']).toMatchObject({ state: 'running', phase: 'download' });
    });
    expect(await get(`plugin-operations/${operationId}`)).toMatchObject({
      action: 'install',
      pluginId: 'hub:tests/slow',
      percentage: 5,
      progress: { type: 'info', message: 'Downloading Plugin' },
    });
    const cancelled = await callAs(accessToken, 'DELETE', api(`plugin-operations/${operationId}`));
    expect(cancelled).toMatchObject({
      status: 200,
      body: { id: operationId, action: 'install', pluginId: 'hub:tests/slow' },
    });
    expect(await ended(operationId)).toMatchObject({
      state: 'cancelled',
      progress: { type: 'error', message: 'Download cancelled' },
    });
    await vi.waitFor(() => expect(one.values()['operation']).toMatchObject({ state: 'cancelled' }));
    expect((await get<PluginList>('plugins')).items).toEqual([]);
    // Again changes nothing.
    expect(await callAs(admin, 'DELETE', api(`plugin-operations/${operationId}`))).toMatchObject({
      status: 200,
      body: { state: 'cancelled' },
    });
    undo();
    for (const each of [list, one]) each.dispose();
  });

  it('that fails says why with its code, and leaves nothing', async () => {
    const wrong = { 'headlamp/plugin/archive-checksum': `SHA256:${'0'.repeat(64)}` };
    const archive = pluginArchive('wrong', '1.0.0');
    catalog.put({ repo: 'tests', name: 'wrong', versions: [{ version: '1.0.0', archive, annotations: wrong }] });
    expect(await ended(await begin('POST', 'plugins', { id: 'hub:tests/wrong' }))).toMatchObject({
      state: 'failed',
      progress: { type: 'error' },
      failure: { code: 'E_INTEGRITY', phase: 'integrity', retryable: false },
    });
    expect((await get<PluginList>('plugins')).items).toEqual([]);
  });

  it('of an unknown id is not found, by REST and on its channel', async () => {
    for (const method of ['GET', 'DELETE'])
      expect(await callAs(admin, method, api('plugin-operations/none'))).toMatchObject({ status: 404 });
    const channel = watchChannel(server.url, admin, 'plugins/ops/none');
    await vi.waitFor(() => expect(channel.refusal()).toBe('NOT_FOUND'));
    channel.dispose();
  });

  it('is not begun twice by a request that comes again', async () => {
    catalog.put(newestFirst('once', ['1.0.0']));
    const body = { id: 'hub:tests/once' };
    const first = await change('POST', 'plugins', body, { key: 'the-same' });
    const again = await change('POST', 'plugins', body, { key: 'the-same' });
    expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([202, first.body, 'true']);
    expect(await change('POST', 'plugins', { id: 'hub:tests/other' }, { key: 'the-same' })).toMatchObject({
      status: 422,
    });
    await ended((first.body as { readonly operationId: string }).operationId);
    const removal = await change('DELETE', 'plugins/hub~tests~once', undefined, { key: 'gone' });
    expect(removal.status).toBe(202);
    await ended((removal.body as { readonly operationId: string }).operationId);
    // The plugin is gone by now; the answer is the one of before.
    expect(await change('DELETE', 'plugins/hub~tests~once', undefined, { key: 'gone' })).toMatchObject({
      status: 202,
      body: removal.body,
    });
  });

  it('updates all that have one at once, and is one for each', async () => {
    for (const name of ['all-a', 'all-b', 'all-c']) {
      catalog.put(newestFirst(name, ['1.0.0']));
      await ended(await begin('POST', 'plugins', { id: `hub:tests/${name}` }));
      if (name !== 'all-c') catalog.put(newestFirst(name, ['2.0.0', '1.0.0']));
    }
    const { status, body } = await change('POST', 'plugin-updates');
    const { operationIds } = body as { readonly operationIds: readonly string[] };
    expect([status, operationIds.length]).toEqual([202, 2]);
    for (const id of operationIds) expect(await ended(id)).toMatchObject({ state: 'done', version: '2.0.0' });
    const { items } = await get<PluginList>('plugins');
    for (const item of items) await ended(await begin('DELETE', `plugins/${(item as PluginSummary).folderName}`));
  });
});

describe('a change by another program', () => {
  it('reaches open tabs, and what the page loads', async () => {
    catalog.put(newestFirst('beside', ['1.0.0']));
    await ended(await begin('POST', 'plugins', { id: 'hub:tests/beside' }));
    const tab = watchChannel(server.url, viewer, 'plugins');
    const generation = () => (tab.values()['store'] as { readonly generation: number } | undefined)?.generation ?? 0;
    await vi.waitFor(() => expect(generation()).toBeGreaterThan(0));
    const before = generation();
    const other = createPluginManager({
      root: join(dataDir, 'plugins'),
      host: { product: 'fleetwire', version: '0.1.0', distro: 'web', sdkVersion: '1.0.0' },
      policy: parsePolicy({}),
      sources: [],
    });
    await other.setEnabled('hub:tests/beside', false);
    await vi.waitFor(() => expect(generation()).toBeGreaterThan(before));
    expect(await get('plugins/runtime', viewer)).toMatchObject({ plugins: [{ status: 'disabled' }] });
    await other.dispose();
    tab.dispose();
    await ended(await begin('DELETE', 'plugins/hub~tests~beside'));
  });
});

describe('the address of a view', () => {
  it.each([
    ['/plugins/', '/plugins'],
    ['/plugins/catalog/?q=a%20b', '/plugins/catalog?q=a%20b'],
    ['/plugins/hub~tests~life/', '/plugins/hub~tests~life'],
  ])('%s leads to %s', async (path, view) => {
    const { status, headers } = await fetch(server.url + path, { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([308, view]);
    expect((await fetch(server.url + path)).headers.get('content-type')).toContain('text/html');
  });

  it.each(['/plugins//', '/plugins/a/b/', '/plugins//evil.example/'])('%s is none', async (path) => {
    expect((await fetch(server.url + path, { redirect: 'manual' })).status).toBe(404);
  });
});

describe('the catalog', () => {
  it('is searched and described, with what fits and what does not', async () => {
    const annotations = { 'fleetwire/plugin/version-compat': '>=99.0.0' };
    const archive = pluginArchive('late', '2.0.0');
    catalog.put({
      repo: 'tests',
      name: 'late',
      title: 'A late one',
      versions: [
        { version: '2.0.0', archive, annotations },
        { version: '1.0.0', archive: pluginArchive('late', '1.0.0') },
      ],
    });
    expect(await get('plugin-catalog/search?query=late&source=hub&limit=5')).toMatchObject({
      items: [{ id: 'hub:tests/late', title: 'A late one', version: '2.0.0' }],
      total: 1,
      failures: [],
    });
    expect(await get('plugin-catalog/hub/tests/late')).toMatchObject({
      id: 'hub:tests/late',
      newestCompatible: '1.0.0',
      passedOver: [{ version: '2.0.0', reason: expect.stringContaining('>=99.0.0') as string }],
      versions: [{ version: '2.0.0' }, { version: '1.0.0' }],
    });
    expect(await get('plugin-catalog/hub/tests/late/2.0.0')).toMatchObject({
      compatibility: { state: 'incompatible' },
      publisher: 'first-install',
    });
  });

  it.each<[string, number, string]>([
    ['plugin-catalog/hub/tests/none', 404, 'E_NOT_FOUND'],
    ['plugin-catalog/hub/tests/late/9.9.9', 404, 'E_NOT_FOUND'],
    ['plugin-catalog/elsewhere/tests/late', 422, 'E_SOURCE_DENIED'],
    ['plugin-catalog/search?source=elsewhere', 422, 'E_SOURCE_DENIED'],
    ['plugin-catalog/hub/tests/..%2f', 400, 'E_NAME_INVALID'],
    ['plugin-catalog/search?limit=61', 400, 'BAD_REQUEST'],
    ['plugins/Not~an~Id', 400, 'E_NAME_INVALID'],
    ['plugins/a', 400, 'E_NAME_INVALID'],
    ['plugins/hub~tests~none', 404, 'E_NOT_INSTALLED'],
    ['plugins/hub%3Atests%2Fnone', 404, 'E_NOT_INSTALLED'],
  ])('answers %s with %i and the code %s', async (path, status, code) => {
    const answer = await callAs(admin, 'GET', api(path));
    expect([answer.status, answer.body]).toEqual([status, expect.objectContaining({ status, code }) as object]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('that fails is told as the failure of the source, with when to ask again', async () => {
    const undo = catalog.fail('/api/v1/packages/headlamp/tests/late', { kind: 'not-json' });
    expect(await callAs(admin, 'GET', api('plugin-catalog/hub/tests/late'))).toMatchObject({
      status: 502,
      body: { code: 'E_RESPONSE_INVALID', phase: 'resolve', retryable: false },
    });
    undo();
  });
});

describe('whoever changes plugins', () => {
  const changes: readonly (readonly ['POST' | 'DELETE', string, object?])[] = [
    ['POST', 'plugins', { id: 'hub:tests/life' }],
    ['POST', 'plugins/hub~tests~life/update', {}],
    ['POST', 'plugins/hub~tests~life/rollback'],
    ['POST', 'plugins/hub~tests~life/repair'],
    ['POST', 'plugins/hub~tests~life/enable'],
    ['POST', 'plugins/hub~tests~life/disable'],
    ['POST', 'plugins/hub~tests~life/pin', {}],
    ['DELETE', 'plugins/hub~tests~life'],
    ['POST', 'plugin-updates'],
  ];

  it('names the request, so that it is not made twice', async () => {
    for (const [method, path, body] of changes) {
      const { status, body: problem } = await callAs(admin, method, api(path), body);
      expect([path, status, (problem as { readonly detail: string }).detail]).toEqual([
        path,
        400,
        expect.stringContaining('Idempotency-Key') as string,
      ]);
    }
  });

  it('does so from a page of this server, holding the permission, in the first organisation', async () => {
    for (const [method, path, body] of changes) {
      const statusOf = async (options: Parameters<typeof change>[3]) =>
        (await change(method, path, body, options)).status;
      expect([path, await statusOf({ headers: { origin: 'http://127.0.0.1:1' } })]).toEqual([path, 403]);
      expect([path, await statusOf({ token: viewer })]).toEqual([path, 403]);
      const answer = await change(method, path, body, { token: foreigner });
      expect([path, answer.status, answer.body]).toEqual([
        path,
        403,
        expect.objectContaining({ detail: expect.stringContaining('first organisation') as string }) as object,
      ]);
    }
    for (const token of [viewer, foreigner])
      expect((await callAs(token, 'GET', api('plugin-catalog/search'))).status).toBe(403);
    for (const token of [viewer, foreigner]) {
      const channel = watchChannel(server.url, token, 'plugins/ops/any');
      await vi.waitFor(() => expect(channel.refusal()).toBe('FORBIDDEN'));
      channel.dispose();
    }
  });

  it.each<[unknown]>([
    [undefined],
    [{}],
    [{ id: 7 }],
    [{ id: { length: { valueOf: 1 } } }],
    [{ id: '' }],
    [{ id: 'hub:tests/../x' }],
    [{ id: '__proto__' }],
    [{ id: 'hub:tests/life', version: '' }],
    [{ id: 'hub:tests/life', version: 'x'.repeat(201) }],
    [{ id: 'hub:tests/life', isEnabled: 'yes' }],
  ])('gets 400 for the body %j', async (body) => {
    expect((await change('POST', 'plugins', body)).status).toBe(400);
  });

  it('is told in words what was expected and what came', async () => {
    expect((await change('POST', 'plugins', {})).body).toMatchObject({ detail: 'id: expected a text, got nothing' });
    const { body } = await callAs(admin, 'GET', api('plugin-catalog/search?limit=100'));
    expect(body).toMatchObject({ detail: 'limit: expected at most 60, got 100' });
  });

  it('gets 400 for what is no JSON, also where a body may be left out', async () => {
    const headers = { authorization: `Bearer ${admin}`, 'idempotency-key': 'x', 'content-type': 'application/json' };
    const { status } = await fetch(api('plugins/hub~tests~life/update'), {
      method: 'POST',
      headers,
      body: '{"version": ',
    });
    expect(status).toBe(400);
  });
});
