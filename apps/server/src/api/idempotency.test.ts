import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPasswordHasher, type PasswordHasher } from '../accounts/password.ts';
import { createSealing } from '../clusters/sealing.ts';
import type { Problem } from '../http/problem.ts';
import type { RunningServer } from '../start.ts';
import { openTestDatabase, testDatabases } from '../testing/databases.ts';
import { newFolder } from '../testing/new-folder.ts';
import { callAs, post, signIn, startTestServer } from '../testing/running.ts';
import { createIdempotency, idempotencyMs } from './idempotency.ts';

const quick = createPasswordHasher({ ln: 4, r: 8, p: 1 });
const key = '5c0ba0e2-8a3c-4b0c-9b64-d2b1d6c5a0f1';
const jana = { username: 'jana', password: 'a password of hers', role: 'viewer' };
let server: RunningServer;
afterEach(() => server.dispose());

async function ask(token: string, path: string, body: object, idempotencyKey = key) {
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': idempotencyKey };
  const response = await post(`${server.url}${path}`, body, headers);
  const isReplayed = response.headers.get('idempotency-replayed') === 'true';
  const retryAfter = response.headers.get('retry-after');
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, isReplayed, retryAfter, answer };
}

describe('a request with an Idempotency-Key', () => {
  it('that is sent again makes nothing more and gets the same answer, also after a restart', async () => {
    const dataDir = newFolder();
    server = await startTestServer({ dataDir });
    const { accessToken } = await signIn(server.url);
    const first = await ask(accessToken, '/api/v1/users', jana);
    expect(first).toMatchObject({ status: 201, isReplayed: false, answer: { username: 'jana' } });
    expect(await ask(accessToken, '/api/v1/users', jana)).toEqual({ ...first, isReplayed: true });
    await server.dispose();
    server = await startTestServer({ dataDir });
    expect(await ask(accessToken, '/api/v1/users', jana)).toEqual({ ...first, isReplayed: true });
    const { body } = await callAs(accessToken, 'GET', `${server.url}/api/v1/users`);
    expect((body as { readonly items: readonly object[] }).items).toHaveLength(2);
  });

  it('gets the secret that it made again, which no database shows, and no guess at what was sent', async () => {
    const dataDir = newFolder();
    server = await startTestServer({ dataDir });
    const { accessToken } = await signIn(server.url);
    const first = await ask(accessToken, '/api/v1/tokens', { name: 'ci' });
    const token = String(first.answer['token']);
    expect(await ask(accessToken, '/api/v1/tokens', { name: 'ci' })).toEqual({ ...first, isReplayed: true });
    expect((await callAs(token, 'GET', `${server.url}/api/v1/me`)).status).toBe(200);
    const written = ['fleetwire.db', 'fleetwire.db-wal'].map((file) => readFileSync(join(dataDir, file), 'latin1'));
    expect(written.join('')).not.toContain(token);
    expect(written.join('')).not.toContain(key);
  });

  it('is refused with another body; is another one of another user, and on another route', async () => {
    server = await startTestServer();
    const { accessToken } = await signIn(server.url);
    expect((await ask(accessToken, '/api/v1/users', { ...jana, role: 'admin' })).status).toBe(201);
    expect(await ask(accessToken, '/api/v1/users', jana)).toMatchObject({
      status: 422,
      answer: { code: 'BAD_REQUEST', detail: 'this Idempotency-Key came with another body before' },
    });
    const other = (await signIn(server.url, 'jana', jana.password)).accessToken;
    const mia = { ...jana, username: 'mia' };
    expect(await ask(other, '/api/v1/users', mia)).toMatchObject({ status: 201, isReplayed: false });
    expect(await ask(accessToken, '/api/v1/tokens', { name: 'ci' })).toMatchObject({ status: 201, isReplayed: false });
  });

  it('is refused while the same is under way', async () => {
    let onWaiting = (): void => undefined;
    let release = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (onWaiting = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const hash: PasswordHasher['hash'] = async (password) => {
      if (password === jana.password) {
        onWaiting();
        await released;
      }
      return quick.hash(password);
    };
    server = await startTestServer({}, undefined, { ...quick, hash });
    const { accessToken } = await signIn(server.url);
    const first = ask(accessToken, '/api/v1/users', jana);
    await waiting;
    expect(await ask(accessToken, '/api/v1/users', jana)).toMatchObject({
      status: 409,
      retryAfter: '1',
      answer: { code: 'CONFLICT' },
    });
    release();
    expect(await first).toMatchObject({ status: 201 });
    expect(await ask(accessToken, '/api/v1/users', jana)).toEqual({ ...(await first), isReplayed: true });
  });

  it('that failed is tried anew', async () => {
    server = await startTestServer();
    const { accessToken } = await signIn(server.url);
    const { body } = await callAs(accessToken, 'POST', `${server.url}/api/v1/users`, jana);
    expect(await ask(accessToken, '/api/v1/users', jana)).toMatchObject({ status: 409, isReplayed: false });
    await callAs(accessToken, 'DELETE', `${server.url}/api/v1/users/${(body as { readonly id: string }).id}`);
    expect(await ask(accessToken, '/api/v1/users', jana)).toMatchObject({ status: 201, isReplayed: false });
  });

  it('has one of 1 to 255 printable characters', async () => {
    server = await startTestServer();
    const { accessToken } = await signIn(server.url);
    for (const wrong of ['x'.repeat(256), 'a b', 'ü'])
      expect(await ask(accessToken, '/api/v1/users', jana, wrong)).toMatchObject({
        status: 400,
        answer: { code: 'BAD_REQUEST' },
      });
    const { body } = await callAs(accessToken, 'GET', `${server.url}/api/v1/openapi.json`);
    const { paths } = body as { readonly paths: Record<string, Record<string, unknown>> };
    expect(paths['/api/v1/users']?.['post']).toMatchObject({
      parameters: [{ name: 'Idempotency-Key', in: 'header', required: false }],
      responses: { 409: {}, 422: {} },
    });
  });
});

describe.each(testDatabases)('the answers of before on $name', (databases) => {
  const test = it.skipIf(!databases.isPresent);
  const secretKey = (fill: number) => ({ bytes: Buffer.alloc(32, fill), id: String(fill) });
  const call = { orgId: 'o', userId: 'u', route: 'POST /x', key, body: { name: 'ci' } };
  const outcome = (promise: Promise<unknown>) => promise.catch((error: unknown) => (error as Problem).status);

  test('are kept for a day, and told with the key that sealed them alone', async () => {
    let now = 1_800_000_000_000;
    const database = await openTestDatabase(databases);
    const open = (fill: number) =>
      createIdempotency(database, secretKey(fill), createSealing(secretKey(fill)), () => now);
    const run = (fill: number) => outcome(open(fill).run(call, () => Promise.resolve({ id: String(now) })));
    const first = { id: String(now) };
    expect(await run(1)).toEqual({ answer: first, isReplayed: false });
    now += idempotencyMs - 1;
    expect(await run(1)).toEqual({ answer: first, isReplayed: true });
    // Whether it was the same body, nobody can tell any more.
    expect(await run(2)).toBe(409);
    now += 1;
    expect(await run(2)).toEqual({ answer: { id: String(now) }, isReplayed: false });
    expect(await database.selectFrom('idempotent_requests').select('id').execute()).toHaveLength(1);
  });

  test('are no more waited for when the first request has not ended after a minute', async () => {
    let now = 0;
    const database = await openTestDatabase(databases);
    const idempotency = createIdempotency(database, secretKey(1), createSealing(secretKey(1)), () => now);
    let release: (() => void) | undefined;
    const first = idempotency.run(call, () => new Promise((resolve) => (release = () => resolve({}))));
    // Until then another could be the first.
    await vi.waitFor(() => expect(release).toBeDefined());
    const again = async () => {
      const problem: unknown = await idempotency.run(call, () => Promise.resolve()).catch((error: unknown) => error);
      const { status, retryAfterMs } = problem as Problem;
      return [status, retryAfterMs];
    };
    expect(await again()).toEqual([409, 1_000]);
    now = 60_001;
    expect(await again()).toEqual([409, undefined]);
    release?.();
    await first;
  });

  test('are one of many that come at once', async () => {
    const database = await openTestDatabase(databases);
    const idempotency = createIdempotency(database, secretKey(1), createSealing(secretKey(1)), () => 0);
    let made = 0;
    const run = () => outcome(idempotency.run(call, () => Promise.resolve({ made: (made += 1) })));
    const all = await Promise.all(Array.from({ length: 10 }, run));
    expect(made).toBe(1);
    for (const each of all.filter((one) => one !== 409)) expect(each).toMatchObject({ answer: { made: 1 } });
  });
});
