import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createRandom } from '../../src/core/scenario/random.ts';
import { createFakeKubeApi, type FakeKubeApiOptions } from '../../src/server/index.ts';
import { CERTIFICATE, KEY } from './certificate.ts';
import { namespaceBody, podBody, startServer } from './client.ts';
import { fixture, type ListBody } from './fixtures.ts';

const PODS = '/api/v1/namespaces/default/pods';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

test('health, version and unknown paths are answered', async () => {
  const { call } = await startServer();
  for (const path of ['/healthz', '/livez', '/readyz', '/readyz/ping']) {
    expect(await call('GET', path)).toMatchObject({ status: 200, text: 'ok' });
  }
  const { body: version } = await call('GET', '/version');
  expect(Object.keys(version)).toEqual(Object.keys(fixture('version.json')));
  expect(version).toMatchObject({ major: '1', minor: '36' });
  expect(await call('GET', '/api/v1/nothings')).toMatchObject({ status: 404, text: '404 page not found\n' });
  expect(await call('GET', '/nothing')).toMatchObject({ status: 404, text: '404 page not found\n' });
  expect(await call('PUT', PODS, { body: {} })).toMatchObject({ status: 405, body: { reason: 'MethodNotAllowed' } });
});

test('bodies may be YAML; other types are answered 415, what cannot be read 400, too much 413', async () => {
  const { call } = await startServer();
  const yaml = 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers: [{name: main, image: a}]\n';
  const post = (body: string, contentType: string) =>
    call('POST', PODS, { body, headers: { 'content-type': contentType } });
  expect((await post(yaml, 'application/yaml')).status).toBe(201);
  expect(await post('text', 'text/plain')).toMatchObject({
    status: 415,
    body: { reason: 'UnsupportedMediaType' },
  });
  expect((await post('{', 'application/json')).status).toBe(400);
  expect((await post('[1]', 'application/json')).status).toBe(400);
  expect((await post(`"${'x'.repeat(4_000_000)}"`, 'application/json')).status).toBe(413);
  const read = await call('GET', `${PODS}/x`, { headers: { accept: 'application/yaml' } });
  expect(read.text).toContain('name: x\n');
});

test('of the accepted types the first that can be served is chosen, none is answered 406', async () => {
  const { call, watch } = await startServer();
  await call('POST', PODS, { body: podBody('x') });
  const get = (accept: string) => call('GET', PODS, { headers: { accept } });
  expect((await get('application/vnd.kubernetes.protobuf')).status).toBe(406);
  const kubectl =
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
  expect((await get(kubectl)).body).toMatchObject({ kind: 'Table' });
  expect((await get('application/vnd.kubernetes.protobuf,application/json')).body).toMatchObject({ kind: 'PodList' });
  const one = await call('GET', `${PODS}/x`, {
    headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' },
  });
  expect(one.body).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'x' } });
  expect(one.body['spec']).toBeUndefined();

  const tables = await watch(`${PODS}?watch=1`, { accept: kubectl });
  await call('POST', PODS, { body: podBody('y') });
  await vi.waitFor(() => {
    expect(tables.lines).toHaveLength(2);
  });
  const [first, second] = tables.events.map(
    ({ object }) => object as unknown as { kind: string; rows: unknown[]; columnDefinitions?: unknown[] | null },
  );
  expect([first?.kind, second?.kind]).toEqual(['Table', 'Table']);
  expect(first?.columnDefinitions?.length).toBeGreaterThan(0);
  expect(second?.columnDefinitions ?? []).toHaveLength(0);
  expect([first?.rows.length, second?.rows.length]).toEqual([1, 1]);
});

test('options of lists and watches that do not go together are answered 422', async () => {
  const { call } = await startServer({ noWatchList: true });
  for (const query of [
    'resourceVersionMatch=Exact',
    'resourceVersionMatch=Other&resourceVersion=1',
    'resourceVersionMatch=Exact&resourceVersion=0',
    'sendInitialEvents=true',
    'watch=1&sendInitialEvents=true',
    'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    'watch=1&resourceVersionMatch=NotOlderThan',
  ]) {
    expect(await call('GET', `${PODS}?${query}`), query).toMatchObject({
      status: 422,
      body: { reason: 'Invalid', details: { group: 'meta.k8s.io', kind: 'ListOptions' } },
    });
  }
  expect((await call('GET', `${PODS}?labelSelector=a%20b`)).status).toBe(400);
  expect((await call('GET', `${PODS}?watch=1&fieldSelector=no=1`)).status).toBe(400);
});

test('deletions answer with a Status or the object, many at once with their list', async () => {
  const { call } = await startServer();
  const maps = '/api/v1/namespaces/default/configmaps';
  for (const name of ['a', 'b', 'c']) {
    await call('POST', maps, { body: { metadata: { name, labels: { keep: name === 'c' ? 'yes' : 'no' } } } });
  }
  expect((await call('DELETE', `${maps}/a?dryRun=All`)).status).toBe(200);
  expect((await call('DELETE', `${maps}/a`)).body).toMatchObject({
    kind: 'Status',
    status: 'Success',
    details: { name: 'a', kind: 'configmaps' },
  });
  const { body } = await call<ListBody>('DELETE', `${maps}?labelSelector=keep=no`);
  expect(body.items.map(({ metadata }) => metadata.name)).toEqual(['b']);
  const { body: left } = await call<ListBody>('GET', maps);
  expect(left.items.map(({ metadata }) => metadata.name)).toEqual(['c']);
  await call('POST', PODS, { body: podBody('x') });
  expect((await call('DELETE', `${PODS}/x`)).body).toMatchObject({ kind: 'Pod', metadata: { name: 'x' } });
});

test('a scale is read and written', async () => {
  const { call } = await startServer();
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const template = { metadata: { labels: { app: 'x' } }, spec: podBody('x').spec };
  const body = { metadata: { name: 'x' }, spec: { replicas: 2, selector: { matchLabels: { app: 'x' } }, template } };
  expect((await call('POST', path, { body })).status).toBe(201);
  expect((await call('GET', `${path}/x/scale`)).body).toMatchObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 2 },
    status: { replicas: 0, selector: 'app=x' },
  });
  const patched = await call('PATCH', `${path}/x/scale`, {
    body: { spec: { replicas: 5 } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect(patched.body).toMatchObject({ kind: 'Scale', spec: { replicas: 5 } });
  expect((await call('GET', `${path}/x`)).body).toMatchObject({ spec: { replicas: 5 }, metadata: { generation: 2 } });
});

test('a CustomResourceDefinition serves its type until it is deleted, which ends its watches', async () => {
  const { call, watch } = await startServer();
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names,
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
  expect((await call('POST', CRDS, { body: crd })).status).toBe(201);
  const { body: stored } = await call('GET', `${CRDS}/widgets.example.com`);
  expect(stored['status']).toMatchObject({
    acceptedNames: names,
    storedVersions: ['v1'],
    conditions: [
      { type: 'NamesAccepted', status: 'True' },
      { type: 'Established', status: 'True' },
    ],
  });
  const path = '/apis/example.com/v1/namespaces/default/widgets';
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size: 1 } };
  expect((await call('POST', path, { body: widget })).status).toBe(201);
  expect((await call<ListBody>('GET', path)).body).toMatchObject({ kind: 'WidgetList', items: [widget] });
  expect((await call('GET', '/apis/example.com/v1')).body).toMatchObject({ resources: [{ name: 'widgets' }] });

  const open = await watch(`${path}?watch=1`);
  await vi.waitFor(() => {
    expect(open.lines).toHaveLength(1);
  });
  await call('DELETE', `${CRDS}/widgets.example.com`);
  await vi.waitFor(() => {
    expect(open.ended).toBe(true);
  });
  expect(open.events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
  expect((await call('GET', path)).status).toBe(404);
});

test('users are asked for, may impersonate when allowed, and can review what they may do', async () => {
  const { api, call } = await startServer({
    authenticate: (token) =>
      token === 'root' ? { user: 'root' } : token === 'viewer' ? { user: 'viewer' } : undefined,
    authorize: ({ user, groups, verb, resource }) =>
      user === 'root' || groups.includes('readers') || (user === 'viewer' && verb === 'get' && resource !== 'users'),
  });
  const as = (token: string, more: Record<string, string> = {}) => ({
    headers: { authorization: `Bearer ${token}`, ...more },
  });
  expect((await call('GET', PODS, as('root'))).status).toBe(200);
  expect(await call('GET', PODS, as('root', { 'impersonate-user': 'bob' }))).toMatchObject({
    status: 403,
    body: {
      message: 'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"',
    },
  });
  const reader = as('root', { 'impersonate-user': 'bob', 'impersonate-group': 'readers' });
  expect((await call('GET', PODS, reader)).status).toBe(200);
  expect(api.stats.requests.at(-1)?.user).toBe('bob');
  expect((await call('GET', PODS, as('viewer', { 'impersonate-user': 'root' }))).body).toMatchObject({
    message:
      'users "root" is forbidden: User "viewer" cannot impersonate resource "users" in API group "" at the cluster scope',
  });

  const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const review = async (verb: string) => {
    const body = { spec: { resourceAttributes: { verb, resource: 'pods', namespace: 'default' } } };
    const { status, body: answer } = await call<{ status: object }>('POST', reviews, {
      body,
      headers: { ...as('root', { 'impersonate-user': 'x', 'impersonate-group': 'readers' }).headers },
    });
    return { status, answer: answer.status };
  };
  expect(await review('list')).toEqual({ status: 201, answer: { allowed: true } });
});

test('unknown fields are an error with Strict, a warning by default and nothing with Ignore', async () => {
  const { call } = await startServer();
  const create = (name: string, query: string) =>
    call('POST', `${PODS}${query}`, { body: { ...podBody(name), spec: { ...podBody(name).spec, colour: 'blue' } } });
  expect(await create('a', '?fieldValidation=Strict')).toMatchObject({
    status: 400,
    body: {
      message: 'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.colour"',
    },
  });
  const warned = await create('b', '');
  expect([warned.status, warned.headers.get('warning')]).toEqual([201, '299 - "unknown field \\"spec.colour\\""']);
  const ignored = await create('c', '?fieldValidation=Ignore');
  expect([ignored.status, ignored.headers.get('warning')]).toEqual([201, null]);
  expect((await create('d', '?fieldValidation=Maybe')).status).toBe(400);
  const patched = await call('PATCH', `${PODS}/c?fieldValidation=Strict`, {
    body: { spec: { '$setElementOrder/containers': [{ name: 'main' }], containers: [{ name: 'main', image: 'b' }] } },
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
  });
  expect([patched.status, patched.headers.get('warning')]).toEqual([200, null]);
});

test('a watch of Tables has bookmarks too', async () => {
  const { watch } = await startServer({ bookmarkIntervalMs: 20 });
  const open = await watch(`${PODS}?watch=1&allowWatchBookmarks=true`, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  });
  await vi.waitFor(() => {
    expect(open.lines.length).toBeGreaterThan(1);
  });
  const [first] = open.events;
  expect(first).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Table' } });
});

test('over TLS a client certificate is a login', async () => {
  const api = createFakeKubeApi({
    authenticate: () => undefined,
    authorize: ({ user, groups }) => user === 'ada' && groups.includes('team'),
  });
  onTestFinished(() => api.dispose());
  const { url } = await api.listen({ tls: { key: KEY, cert: CERTIFICATE, clientCa: CERTIFICATE } });
  const status = async (more: object): Promise<number | undefined> => {
    const [response] = (await once(get(`${url}${PODS}`, { ca: CERTIFICATE, agent: false, ...more }), 'response')) as [
      IncomingMessage,
    ];
    response.resume();
    return response.statusCode;
  };
  expect(url).toMatch(/^https:/);
  expect(await status({ key: KEY, cert: CERTIFICATE })).toBe(200);
  expect(await status({})).toBe(401);
});

test('uids follow from the randomness that is given, and are the machine’s without', async () => {
  const uidsOf = async (options: FakeKubeApiOptions) => {
    const { call } = await startServer(options);
    const { body } = await call<ListBody>('GET', '/api/v1/namespaces');
    return body.items.map(({ metadata }) => metadata.uid);
  };
  const seeded = () => {
    const random = createRandom(3);
    return uidsOf({ random: () => random.next() });
  };
  const uids = await seeded();
  expect(await seeded()).toEqual(uids);
  expect(new Set(uids).size).toBe(uids.length);
  for (const uid of uids) expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(await uidsOf({})).not.toEqual(await uidsOf({}));
});

test('everything is forgotten on close, except the store; the server can listen again', async () => {
  const { api, call, watch } = await startServer();
  await call('POST', '/api/v1/namespaces', { body: namespaceBody('kept') });
  const open = await watch('/api/v1/pods?watch=1');
  await expect(api.listen()).rejects.toThrow('listens already');
  await api.close();
  await vi.waitFor(() => {
    expect(open.ended).not.toBe(false);
  });
  expect(api.stats.openWatches).toBe(0);
  const { url } = await api.listen();
  expect((await fetch(`${url}/api/v1/namespaces/kept`)).status).toBe(200);
});
