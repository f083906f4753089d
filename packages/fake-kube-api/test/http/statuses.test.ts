import { expect, test } from 'vitest';
import { fillTo, namespaceBody, podBody, startServer } from './client.ts';
import { fixtureStatus, fixtureText, type ListBody } from './fixtures.ts';

const PODS = '/api/v1/namespaces/team-a/pods';

test('an anonymous user who may not list is answered as by the real server', async () => {
  const { call } = await startServer({
    authenticate: (token) =>
      token === undefined ? { user: 'system:anonymous', groups: ['system:unauthenticated'] } : undefined,
    authorize: () => false,
  });
  const { status, body } = await call('GET', '/api/v1/pods');
  expect({ status, body }).toEqual({ status: 403, body: fixtureStatus('status-401.json') });
});

test('an unknown token is answered 401', async () => {
  const { call } = await startServer({ authenticate: () => undefined });
  const { status, body } = await call('GET', '/api/v1/pods', { headers: { authorization: 'Bearer x' } });
  expect(status).toBe(401);
  expect(body).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Unauthorized',
    reason: 'Unauthorized',
    code: 401,
  });
});

test('a user who may not list is answered 403 with the words of the real server', async () => {
  const { call } = await startServer({
    authenticate: (token) => (token === 'v' ? { user: 'viewer' } : undefined),
    authorize: ({ resource }) => resource !== 'pods',
  });
  const { status, body } = await call('GET', '/api/v1/pods', { headers: { authorization: 'Bearer v' } });
  expect({ status, body }).toEqual({ status: 403, body: fixtureStatus('status-403.json') });
});

test('what does not exist is answered 404, a name that is taken 409', async () => {
  const { call } = await startServer();
  await call('POST', '/api/v1/namespaces', { body: namespaceBody('team-a') });
  const missing = await call('GET', `${PODS}/none`);
  expect(missing).toMatchObject({ status: 404, body: fixtureStatus('status-404.json') });
  const taken = await call('POST', '/api/v1/namespaces', { body: namespaceBody('team-a') });
  expect(taken).toMatchObject({ status: 409, body: fixtureStatus('status-409-already-exists.json') });
});

test('an update from an outdated resourceVersion is answered 409', async () => {
  const { call } = await startServer();
  await call('POST', '/api/v1/namespaces', { body: namespaceBody('team-a') });
  const { body: created } = await call('POST', PODS, { body: podBody('app-1') });
  await call('PATCH', `${PODS}/app-1`, {
    body: { metadata: { labels: { a: 'b' } } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  const { status, body } = await call('PUT', `${PODS}/app-1`, { body: created });
  expect({ status, body }).toEqual({ status: 409, body: fixtureStatus('status-409-conflict.json') });
});

test('an invalid object is answered 422 with every cause', async () => {
  const { call } = await startServer();
  const { status, body } = await call('POST', '/api/v1/namespaces/default/pods', {
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'Bad_Name' }, spec: {} },
  });
  expect({ status, body }).toEqual({ status: 422, body: fixtureStatus('status-422.json') });
});

test('a list from a resourceVersion that the server has not reached is answered 504', async () => {
  const { api, call } = await startServer();
  fillTo(api, 276);
  const path = '/api/v1/pods?resourceVersion=999999999&resourceVersionMatch=NotOlderThan';
  const { status, body, headers } = await call('GET', path);
  expect({ status, body }).toEqual({ status: 504, body: fixtureStatus('status-504-rv-too-large.json') });
  expect(headers.get('retry-after')).toBe('1');
});

test('an expired continue token is answered 410 with a token for the rest, which works', async () => {
  const { api, call } = await startServer();
  await call('POST', '/api/v1/namespaces', { body: namespaceBody('team-a') });
  for (const name of ['app-1', 'app-10', 'app-11', 'app-12', 'app-3', 'app-4', 'app-5']) {
    await call('POST', PODS, { body: podBody(name) });
  }
  const { body: page } = await call<ListBody>('GET', '/api/v1/pods?limit=5');
  await call('DELETE', `${PODS}/app-4`);
  await call('POST', PODS, { body: podBody('app-6') });
  api.store.compact();
  const expired = await call('GET', `/api/v1/pods?limit=5&continue=${page.metadata.continue ?? ''}`);
  expect(expired).toMatchObject({ status: 410, body: fixtureStatus('status-410-continue-expired.json') });

  const token = (expired.body as unknown as ListBody).metadata.continue ?? '';
  const { status, body: rest } = await call<ListBody>('GET', `/api/v1/pods?limit=5&continue=${token}`);
  expect(status).toBe(200);
  expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['app-5', 'app-6']);
  expect(rest.metadata.resourceVersion).toBe(api.store.resourceVersion);
});

test('a watch from a compacted resourceVersion is answered 200 and one ERROR event', async () => {
  const { api, call } = await startServer();
  fillTo(api, 296);
  api.store.compact();
  const { status, text } = await call('GET', '/api/v1/pods?watch=1&resourceVersion=5');
  expect(status).toBe(200);
  expect(text).toBe(fixtureText('watch-error-410.ndjson'));
});
