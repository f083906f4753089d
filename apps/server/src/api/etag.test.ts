import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningServer } from '../start.ts';
import { callAs, signIn, startTestServer } from '../testing/running.ts';

let server: RunningServer;
let authorization: string;
let admin: string;
beforeAll(async () => {
  server = await startTestServer();
  admin = (await signIn(server.url)).accessToken;
  authorization = `Bearer ${admin}`;
});
afterAll(() => server.dispose());

async function ask(method: string, path: string, headers: Record<string, string>, body?: object) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, tag: response.headers.get('etag') ?? '', text: await response.text(), response };
}

async function addUser(username: string): Promise<string> {
  const user = { username, password: 'a password of theirs', role: 'viewer' };
  const { body } = await callAs(admin, 'POST', `${server.url}/api/v1/users`, user);
  return `/api/v1/users/${(body as { readonly id: string }).id}`;
}

it('answers 304 to whoever has the list already, and with the list once it is another', async () => {
  const first = await ask('GET', '/api/v1/users', {});
  expect(first.tag).toMatch(/^"[\w-]{22}"$/);
  for (const known of [first.tag, `W/${first.tag}`, `"other", ${first.tag}`, '*']) {
    const again = await ask('GET', '/api/v1/users', { 'if-none-match': known });
    expect([known, again.status, again.tag, again.text]).toEqual([known, 304, first.tag, '']);
    expect(again.response.headers.get('cache-control')).toBe('no-store');
  }
  await addUser('jana');
  const changed = await ask('GET', '/api/v1/users', { 'if-none-match': first.tag });
  expect([changed.status, changed.tag === first.tag]).toEqual([200, false]);
  expect(JSON.parse(changed.text)).toHaveProperty('items.1.username', 'jana');
});

it('changes a role when the user is as it was seen, and not when it is another by now', async () => {
  const user = await addUser('mia');
  const { tag } = await ask('GET', user, {});
  const changed = await ask('PATCH', user, { 'if-match': tag }, { role: 'operator' });
  expect([changed.status, changed.tag]).toEqual([200, (await ask('GET', user, {})).tag]);
  const late = await ask('PATCH', user, { 'if-match': tag }, { role: 'admin' });
  expect([late.status, JSON.parse(late.text)]).toEqual([412, expect.objectContaining({ code: 'CONFLICT' })]);
  expect(JSON.parse((await ask('GET', user, {})).text)).toMatchObject({ role: 'operator' });
  for (const any of ['*', `"x", ${changed.tag}`])
    expect((await ask('PATCH', user, { 'if-match': any }, { role: 'operator' })).status).toBe(200);
  // A weak tag is not good enough to change by (RFC 9110 section 13.1.1).
  expect((await ask('PATCH', user, { 'if-match': `W/${changed.tag}` }, { role: 'viewer' })).status).toBe(412);
});

it('lets one of many win who change what they all saw', async () => {
  const user = await addUser('otto');
  const { tag } = await ask('GET', user, {});
  const roles = ['operator', 'admin', 'operator', 'admin', 'operator', 'admin'];
  const all = await Promise.all(roles.map((role) => ask('PATCH', user, { 'if-match': tag }, { role })));
  expect(all.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412, 412, 412]);
});

it('is described', async () => {
  const { body } = await callAs(admin, 'GET', `${server.url}/api/v1/openapi.json`);
  const { paths } = body as { readonly paths: Record<string, Record<string, unknown>> };
  expect(paths['/api/v1/users']?.['get']).toMatchObject({
    parameters: expect.arrayContaining([expect.objectContaining({ name: 'If-None-Match', in: 'header' })]) as unknown,
    responses: { 200: { headers: { ETag: {} } }, 304: {} },
  });
  expect(paths['/api/v1/users/{id}']?.['patch']).toMatchObject({
    parameters: expect.arrayContaining([expect.objectContaining({ name: 'If-Match', in: 'header' })]) as unknown,
    responses: { 412: {} },
  });
});
