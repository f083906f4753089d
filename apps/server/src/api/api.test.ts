import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningServer } from '../start.ts';
import { callAs, post, signIn, startTestServer } from '../testing/running.ts';

let server: RunningServer;
let url: string;
let admin: string;
beforeAll(async () => {
  server = await startTestServer();
  url = server.url;
  admin = (await signIn(url)).accessToken;
});
afterAll(() => server.dispose());

const password = 'a password of theirs';

async function addUser(username: string, role: string): Promise<{ readonly id: string; readonly token: string }> {
  const made = await callAs(admin, 'POST', `${url}/api/v1/users`, { username, password, role });
  expect(made.status).toBe(201);
  const { accessToken } = await signIn(url, username, password);
  return { id: (made.body as { readonly id: string }).id, token: accessToken };
}

/** A connection that is welcomed; resolves with its close code. */
async function openSocket(token: string): Promise<{ readonly closed: Promise<number> }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'fleetwire.v1');
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send(JSON.stringify({ type: 'hello', protocol: 1, token, peer: { name: 'test', version: '1' } }));
  await new Promise((resolve) => socket.once('message', resolve));
  return { closed };
}

describe('users', () => {
  it('are added, listed by pages, shown, given another role and removed', async () => {
    const made = await callAs(admin, 'POST', `${url}/api/v1/users`, { username: 'anna', password, role: 'viewer' });
    expect(made).toMatchObject({ status: 201, body: { username: 'anna', role: 'viewer' } });
    expect(JSON.stringify(made.body)).not.toContain('scrypt');
    const { id } = made.body as { readonly id: string };
    await callAs(admin, 'POST', `${url}/api/v1/users`, { username: 'berta', password, role: 'operator' });
    const names: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = await callAs(admin, 'GET', `${url}/api/v1/users?limit=1${query}`);
      const body = page.body as {
        readonly items: readonly { readonly username: string }[];
        readonly nextCursor?: string;
      };
      expect(body.items).toHaveLength(1);
      names.push(...body.items.map(({ username }) => username));
      cursor = body.nextCursor;
    }
    expect(names).toEqual(['admin', 'anna', 'berta']);
    expect(await callAs(admin, 'GET', `${url}/api/v1/users/${id}`)).toMatchObject({ status: 200, body: { id } });
    expect(await callAs(admin, 'PATCH', `${url}/api/v1/users/${id}`, { role: 'operator' })).toMatchObject({
      status: 200,
      body: { role: 'operator' },
    });
    expect((await callAs(admin, 'DELETE', `${url}/api/v1/users/${id}`)).status).toBe(204);
    expect((await callAs(admin, 'GET', `${url}/api/v1/users/${id}`)).status).toBe(404);
    expect((await callAs(admin, 'DELETE', `${url}/api/v1/users/${id}`)).status).toBe(404);
  });

  it.each([
    [{ username: 'x', password, role: 'king' }, /^role: /],
    [{ username: 'x', password: 'short', role: 'viewer' }, /^password: expected 8 to 1024 characters/],
    [{ username: ' x', password, role: 'viewer' }, /^username: /],
    [{ username: 'a\0b', password, role: 'viewer' }, /^username: /],
    [{ username: { length: { valueOf: 1 } }, password, role: 'viewer' }, /^username: /],
    [undefined, /the body/],
  ])('are not made of %j', async (body, detail) => {
    const answer = await callAs(admin, 'POST', `${url}/api/v1/users`, body);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'BAD_REQUEST', detail: expect.stringMatching(detail) as string },
    });
  });

  it('have a name that nobody else has', async () => {
    await addUser('clara', 'viewer');
    const again = await callAs(admin, 'POST', `${url}/api/v1/users`, { username: 'clara', password, role: 'viewer' });
    expect(again).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  });

  it('leave an organisation an administrator', async () => {
    const me = await callAs(admin, 'GET', `${url}/api/v1/me`);
    const { id } = (me.body as { readonly user: { readonly id: string } }).user;
    const conflict = { status: 409, body: { code: 'CONFLICT' } };
    expect(await callAs(admin, 'PATCH', `${url}/api/v1/users/${id}`, { role: 'viewer' })).toMatchObject(conflict);
    expect(await callAs(admin, 'DELETE', `${url}/api/v1/users/${id}`)).toMatchObject(conflict);
  });

  it('may do at once what their new role allows, and nothing more, with the token that they have', async () => {
    const dora = await addUser('dora', 'viewer');
    const audit = () => callAs(dora.token, 'GET', `${url}/api/v1/audit`);
    expect(await audit()).toMatchObject({ status: 403, body: { detail: 'this needs the permission audit.read' } });
    await callAs(admin, 'PATCH', `${url}/api/v1/users/${dora.id}`, { role: 'admin' });
    expect((await audit()).status).toBe(200);
    await callAs(admin, 'PATCH', `${url}/api/v1/users/${dora.id}`, { role: 'viewer' });
    expect((await audit()).status).toBe(403);
  });

  it('lose tokens and connections when they are removed', async () => {
    const emil = await addUser('emil', 'operator');
    const personal = await callAs(emil.token, 'POST', `${url}/api/v1/tokens`, { name: 'ci' });
    const { token } = personal.body as { readonly token: string };
    const { closed } = await openSocket(emil.token);
    expect((await callAs(admin, 'DELETE', `${url}/api/v1/users/${emil.id}`)).status).toBe(204);
    expect(await closed).toBe(4501);
    for (const each of [emil.token, token]) expect((await callAs(each, 'GET', `${url}/api/v1/me`)).status).toBe(401);
  });

  it('get a password from the administrator, which ends their sign-ins and tokens', async () => {
    const frida = await addUser('frida', 'viewer');
    const personal = await callAs(frida.token, 'POST', `${url}/api/v1/tokens`, { name: 'ci' });
    const { token } = personal.body as { readonly token: string };
    const { closed } = await openSocket(frida.token);
    const set = await callAs(admin, 'PUT', `${url}/api/v1/users/${frida.id}/password`, {
      password: 'another password',
    });
    expect(set.status).toBe(204);
    expect(await closed).toBe(4501);
    for (const each of [frida.token, token]) expect((await callAs(each, 'GET', `${url}/api/v1/me`)).status).toBe(401);
    expect((await signIn(url, 'frida', 'another password')).accessToken).toBeDefined();
  });

  it('do not set their own password without the one that they have, administrators neither', async () => {
    const me = await callAs(admin, 'GET', `${url}/api/v1/me`);
    const { id } = (me.body as { readonly user: { readonly id: string } }).user;
    const set = await callAs(admin, 'PUT', `${url}/api/v1/users/${id}/password`, { password });
    expect(set).toMatchObject({ status: 403, body: { detail: expect.stringContaining('/me/password') as string } });
  });

  it('change their own password with the one that they have, and keep this sign-in alone', async () => {
    const gerd = await addUser('gerd', 'viewer');
    const other = await signIn(url, 'gerd', password);
    const change = (currentPassword: string) =>
      callAs(gerd.token, 'PUT', `${url}/api/v1/me/password`, { currentPassword, password: 'another password' });
    expect((await change('not this one')).status).toBe(403);
    expect((await change(password)).status).toBe(204);
    expect((await callAs(gerd.token, 'GET', `${url}/api/v1/me`)).status).toBe(200);
    expect((await callAs(other.accessToken, 'GET', `${url}/api/v1/me`)).status).toBe(401);
  });
});

describe('personal tokens', () => {
  it('are shown once, speak by Bearer, by Basic and on the socket, and end when they are removed', async () => {
    const hans = await addUser('hans', 'viewer');
    const made = await callAs(hans.token, 'POST', `${url}/api/v1/tokens`, { name: 'ci' });
    const { id, token } = made.body as { readonly id: string; readonly token: string };
    expect(made).toMatchObject({ status: 201, body: { name: 'ci', expiresAt: null, lastUsedAt: null } });
    expect(await callAs(token, 'GET', `${url}/api/v1/me`)).toMatchObject({
      status: 200,
      body: { user: { username: 'hans' }, organisation: { name: 'default' }, role: 'viewer' },
    });
    const basic = (user: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}` });
    expect((await fetch(`${url}/api/v1/me`, { headers: basic('token') })).status).toBe(200);
    expect((await fetch(`${url}/api/v1/me`, { headers: basic('hans') })).status).toBe(401);
    const list = await callAs(hans.token, 'GET', `${url}/api/v1/tokens`);
    expect(list.body).toEqual({ items: [expect.objectContaining({ id, name: 'ci' })] });
    expect(JSON.stringify(list.body)).not.toContain(token);
    const { closed } = await openSocket(token);
    expect((await callAs(admin, 'DELETE', `${url}/api/v1/tokens/${id}`)).status).toBe(404);
    expect((await callAs(hans.token, 'DELETE', `${url}/api/v1/tokens/${id}`)).status).toBe(204);
    expect(await closed).toBe(4501);
    expect((await callAs(token, 'GET', `${url}/api/v1/me`)).status).toBe(401);
  });

  it('make no other token, change no password and no user', async () => {
    const { body } = await callAs(admin, 'POST', `${url}/api/v1/tokens`, { name: 'x' });
    const { token } = body as { readonly token: string };
    expect((await callAs(token, 'POST', `${url}/api/v1/tokens`, { name: 'y' })).status).toBe(403);
    const other = (await callAs(admin, 'POST', `${url}/api/v1/tokens`, { name: 'y' })).body as { readonly id: string };
    expect((await callAs(token, 'DELETE', `${url}/api/v1/tokens/${other.id}`)).status).toBe(403);
    expect((await callAs(token, 'DELETE', `${url}/api/v1/tokens/none`)).status).toBe(403);
    const spare = (await callAs(admin, 'POST', `${url}/api/v1/tokens`, { name: 'z' })).body as {
      readonly id: string;
      readonly token: string;
    };
    expect((await callAs(spare.token, 'DELETE', `${url}/api/v1/tokens/${spare.id}`)).status).toBe(204);
    const change = { currentPassword: password, password };
    expect((await callAs(token, 'PUT', `${url}/api/v1/me/password`, change)).status).toBe(403);
    const { id } = await addUser('ida', 'viewer');
    const user = `${url}/api/v1/users/${id}`;
    const more = { username: 'more', password, role: 'admin' };
    expect((await callAs(token, 'GET', user)).status).toBe(200);
    expect((await callAs(token, 'POST', `${url}/api/v1/users`, more)).status).toBe(403);
    expect((await callAs(token, 'PATCH', user, { role: 'admin' })).status).toBe(403);
    expect((await callAs(token, 'PUT', `${user}/password`, { password })).status).toBe(403);
    expect((await callAs(token, 'DELETE', user)).status).toBe(403);
  });

  it('are seen and removed by the administrator of their user', async () => {
    const jana = await addUser('jana', 'viewer');
    const made = await callAs(jana.token, 'POST', `${url}/api/v1/tokens`, { name: 'ci' });
    const { id, token } = made.body as { readonly id: string; readonly token: string };
    const tokens = `${url}/api/v1/users/${jana.id}/tokens`;
    expect((await callAs(admin, 'GET', tokens)).body).toMatchObject({ items: [{ id, name: 'ci' }] });
    expect((await callAs(jana.token, 'GET', tokens)).status).toBe(403);
    const { closed } = await openSocket(token);
    expect((await callAs(admin, 'DELETE', `${tokens}/${id}`)).status).toBe(204);
    expect(await closed).toBe(4501);
    expect((await callAs(admin, 'DELETE', `${tokens}/${id}`)).status).toBe(404);
    expect((await callAs(admin, 'GET', tokens)).body).toEqual({ items: [] });
  });

  it('cannot be made for a time that is over', async () => {
    expect((await callAs(admin, 'POST', `${url}/api/v1/tokens`, { name: 'x', expiresAt: 1 })).status).toBe(400);
  });
});

describe('the audit log', () => {
  it('tells who did what, newest first and by pages, without secrets', async () => {
    const inge = await addUser('inge', 'viewer');
    await callAs(admin, 'PATCH', `${url}/api/v1/users/${inge.id}`, { role: 'operator' });
    await post(`${url}/api/v1/auth/login`, { username: 'inge', password: 'wrong password' });
    const first = await callAs(admin, 'GET', `${url}/api/v1/audit?limit=2`);
    const { items, nextCursor } = first.body as { readonly items: readonly object[]; readonly nextCursor: string };
    expect(items).toEqual([
      expect.objectContaining({ action: 'auth.sign-in-failed', target: 'inge', userId: null, username: null }),
      expect.objectContaining({
        action: 'user.role',
        target: 'inge',
        username: 'admin',
        detail: { from: 'viewer', to: 'operator' },
      }),
    ]);
    const second = await callAs(admin, 'GET', `${url}/api/v1/audit?limit=200&cursor=${nextCursor}`);
    const actions = (second.body as { readonly items: readonly { readonly action: string }[] }).items;
    expect(actions.map(({ action }) => action).slice(0, 2)).toEqual(['auth.signed-in', 'user.create']);
    expect(JSON.stringify([first.body, second.body])).not.toContain(password);
    expect((await callAs(admin, 'GET', `${url}/api/v1/audit?limit=0`)).status).toBe(400);
    expect((await callAs(admin, 'GET', `${url}/api/v1/audit?cursor=AAAA`)).status).toBe(400);
  });
});

describe('the description of the API', () => {
  it('is OpenAPI 3.1, made of the schemas that check', async () => {
    const api = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as {
      readonly openapi: string;
      readonly paths: Record<string, Record<string, Record<string, unknown>>>;
    };
    expect(api.openapi).toBe('3.1.0');
    expect(api.paths['/api/v1/users']?.['post']).toMatchObject({
      operationId: 'postUsers',
      requestBody: {
        content: { 'application/json': { schema: { properties: { password: { minLength: 8, maxLength: 1024 } } } } },
      },
      responses: { 201: {}, 400: {}, 401: {}, 403: {}, 409: {}, 413: {}, 503: {} },
    });
    expect(api.paths['/api/v1/me/password']?.['put']?.['responses']).toMatchObject({ 429: {}, 503: {} });
    expect(api.paths['/api/v1/users/{id}']?.['patch']?.['parameters']).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
      expect.objectContaining({ name: 'If-Match', in: 'header', required: false }),
    ]);
    expect(api.paths['/api/v1/audit']?.['get']?.['parameters']).toEqual([
      expect.objectContaining({ name: 'limit', in: 'query', required: false }),
      expect.objectContaining({ name: 'cursor', in: 'query', required: false }),
      expect.objectContaining({ name: 'If-None-Match', in: 'header', required: false }),
    ]);
    expect(api.paths['/api/v1/plugins/{id}/update']?.['post']).toMatchObject({
      description: expect.stringContaining('Other organisations than the first are refused.') as string,
      requestBody: { required: false },
      parameters: [{ name: 'id' }, { name: 'Idempotency-Key', in: 'header', required: true }],
      responses: { 202: {}, 400: {}, 403: {}, 404: {}, 409: {}, 422: {} },
    });
    const ids = Object.values(api.paths).flatMap((path) => Object.values(path).map((each) => each['operationId']));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is a page without any script', async () => {
    const response = await fetch(`${url}/api/docs`);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    const page = await response.text();
    expect(page).toContain('/api/v1/users/{id}/password');
    expect(page).not.toContain('<script');
    expect(page).not.toContain('http://');
  });
});
