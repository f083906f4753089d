import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createPasswordHasher, type PasswordHasher } from '../accounts/password.ts';
import type { RunningServer } from '../start.ts';
import { newFolder } from '../testing/new-folder.ts';
import { callAs, post, signIn, startTestServer, testPassword } from '../testing/running.ts';

const quick = createPasswordHasher({ ln: 4, r: 8, p: 1 });
let server: RunningServer;
afterEach(() => server.dispose());

const login = (username: string, password: string): Promise<Response> =>
  post(`${server.url}/api/v1/auth/login`, { username, password });

describe('a sign-in', () => {
  it('that the server failed to check counts as no failure', async () => {
    let isBroken = true;
    const verify: PasswordHasher['verify'] = (...given) =>
      isBroken ? Promise.reject(new Error('out of memory')) : quick.verify(...given);
    server = await startTestServer({}, undefined, { ...quick, verify });
    const statuses: number[] = [];
    for (let each = 0; each < 15; each += 1) statuses.push((await login('admin', testPassword)).status);
    isBroken = false;
    expect(statuses).toEqual(Array<number>(15).fill(500));
    expect((await login('admin', testPassword)).status).toBe(200);
  });

  it('whose password is reset while it waits to be checked gets nothing', async () => {
    const username = 'jana';
    const password = 'a password of hers';
    let onWaiting = (): void => undefined;
    let release = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (onWaiting = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const verify: PasswordHasher['verify'] = async (given, ...rest) => {
      const verdict = await quick.verify(given, ...rest);
      if (given !== password) return verdict;
      onWaiting();
      await released;
      return verdict;
    };
    server = await startTestServer({}, undefined, { ...quick, verify });
    const { accessToken } = await signIn(server.url);
    const user = { username, password, role: 'viewer' };
    const { body } = await callAs(accessToken, 'POST', `${server.url}/api/v1/users`, user);
    const { id } = body as { readonly id: string };
    const answer = login(username, password);
    await waiting;
    const reset = await callAs(accessToken, 'PUT', `${server.url}/api/v1/users/${id}/password`, {
      password: 'another password',
    });
    expect(reset.status).toBe(204);
    release();
    const late = await answer;
    expect([late.status, late.headers.get('set-cookie')]).toEqual([401, null]);
    expect((await login(username, 'another password')).status).toBe(200);
  });
});

describe('a password that an administrator sets', () => {
  it('is not set when its user joins another organisation while it is hashed', async () => {
    const password = 'a password of hers';
    let onWaiting = (): void => undefined;
    let release = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (onWaiting = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const hash: PasswordHasher['hash'] = async (given) => {
      if (given === 'another password') {
        onWaiting();
        await released;
      }
      return quick.hash(given);
    };
    const dataDir = newFolder();
    server = await startTestServer({ dataDir }, undefined, { ...quick, hash });
    const { accessToken } = await signIn(server.url);
    const user = { username: 'jana', password, role: 'viewer' };
    const { body } = await callAs(accessToken, 'POST', `${server.url}/api/v1/users`, user);
    const { id } = body as { readonly id: string };
    const reset = callAs(accessToken, 'PUT', `${server.url}/api/v1/users/${id}/password`, {
      password: 'another password',
    });
    await waiting;
    const { secret } = JSON.parse(readFileSync(join(dataDir, 'local-admin.json'), 'utf8')) as {
      readonly secret: string;
    };
    const team = { name: 'team', admin: 'jana', isExistingUser: true };
    expect((await callAs(secret, 'POST', `${server.url}/api/v1/local/organisations`, team)).status).toBe(201);
    release();
    expect((await reset).status).toBe(403);
    expect((await login('jana', 'another password')).status).toBe(401);
    expect((await login('jana', password)).status).toBe(200);
  });
});
