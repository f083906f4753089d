import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../src/access/audit-log.ts';
import type { RunningServer } from '../src/start.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import { callAs, post, signIn, startTestServer } from '../src/testing/running.ts';

const dataDir = newFolder();
const password = 'a password of theirs';
let server: RunningServer;
let url: string;
let admin: string;
let database: DatabaseSync;
beforeAll(async () => {
  server = await startTestServer({ dataDir, demo: 'on' });
  url = server.url;
  admin = (await signIn(url)).accessToken;
  database = new DatabaseSync(join(dataDir, 'fleetwire.db'));
});
afterAll(async () => {
  database.close();
  await server.dispose();
});

async function addUser(username: string, role: string) {
  const { body } = await callAs(admin, 'POST', `${url}/api/v1/users`, { username, password, role });
  return { id: (body as { readonly id: string }).id, token: (await signIn(url, username, password)).accessToken };
}

async function entries(): Promise<readonly AuditEntry[]> {
  const { body } = await callAs(admin, 'GET', `${url}/api/v1/audit?limit=200`);
  return (body as { readonly items: readonly AuditEntry[] }).items;
}

/** Everything but the audit log, as it stands in the database; the use of a token is noted at any time. */
function content(): unknown {
  const tables = ['organisations', 'users', 'memberships', 'personal_tokens', 'login_sessions', 'refresh_tokens'];
  return tables.map((table) =>
    database
      .prepare(`select * from ${table} order by 1`)
      .all()
      .map((row) => ({ ...row, last_used_at: undefined })),
  );
}

describe('a change', () => {
  it('is not made when its audit entry cannot be written', async () => {
    const jana = await addUser('jana', 'viewer');
    const made = await callAs(jana.token, 'POST', `${url}/api/v1/tokens`, { name: 'ci' });
    const { id: tokenId } = made.body as { readonly id: string };
    const more = await callAs(jana.token, 'POST', `${url}/api/v1/tokens`, { name: 'more' });
    const { id: otherId } = more.body as { readonly id: string };
    const user = `${url}/api/v1/users/${jana.id}`;
    const { cookie } = await signIn(url, 'jana', password);
    const { secret } = await localAdmin();
    const before = content();
    database.exec("create trigger full before insert on audit begin select raise(abort, 'the disk is full'); end");
    const statuses = [
      await callAs(admin, 'POST', `${url}/api/v1/users`, { username: 'new', password, role: 'viewer' }),
      await callAs(admin, 'PATCH', user, { role: 'admin' }),
      await callAs(admin, 'PUT', `${user}/password`, { password: 'another password' }),
      await callAs(admin, 'DELETE', `${user}/tokens/${tokenId}`),
      await callAs(admin, 'DELETE', user),
      await callAs(jana.token, 'POST', `${url}/api/v1/tokens`, { name: 'third' }),
      await callAs(jana.token, 'DELETE', `${url}/api/v1/tokens/${otherId}`),
      await callAs(jana.token, 'PUT', `${url}/api/v1/me/password`, {
        currentPassword: password,
        password: 'another password',
      }),
      await post(`${url}/api/v1/auth/login`, { username: 'jana', password }),
      await post(`${url}/api/v1/auth/logout`, undefined, { cookie }),
      await callAs(secret, 'POST', `${url}/api/v1/local/password`, { username: 'jana' }),
      await callAs(secret, 'POST', `${url}/api/v1/local/organisations`, { name: 'team', admin: 'boss' }),
      await callAs(secret, 'POST', `${url}/api/v1/local/kubeconfig`, {
        username: 'jana',
        url: 'https://fleet.example',
      }),
    ].map(({ status }) => status);
    database.exec('drop trigger full');
    expect(statuses).toEqual(Array<number>(13).fill(500));
    expect(content()).toEqual(before);
    // The connections and the role of before go on as well.
    expect((await callAs(jana.token, 'GET', `${url}/api/v1/me`)).body).toMatchObject({ role: 'viewer' });
  });
});

describe('a refusal', () => {
  it('of a change is told with who, what and why; one of a mere look is not', async () => {
    const { id, token } = await addUser('otto', 'viewer');
    const before = (await entries()).length;
    expect((await callAs(token, 'GET', `${url}/api/v1/users`)).status).toBe(403);
    expect((await callAs(token, 'DELETE', `${url}/api/v1/users/${id}`)).status).toBe(403);
    const guess = { currentPassword: 'a guess of mine', password: 'another password' };
    expect((await callAs(token, 'PUT', `${url}/api/v1/me/password`, guess)).status).toBe(403);
    const told = (await entries()).slice(0, -before);
    expect(told).toEqual([
      expect.objectContaining({
        action: 'access.refused',
        username: 'otto',
        target: 'PUT /api/v1/me/password',
        detail: { reason: 'the current password is wrong' },
      }),
      expect.objectContaining({
        action: 'access.refused',
        userId: id,
        target: `DELETE /api/v1/users/${id}`,
        detail: { reason: 'this needs the permission org.manage' },
      }),
    ]);
    expect(JSON.stringify(told)).not.toContain('guess');
  });

  it('fills the log with a few entries and a summary, however many there are', async () => {
    const own = await startTestServer({ demo: 'on' });
    const chief = (await signIn(own.url)).accessToken;
    const wicked = { username: 'wicked', password, role: 'viewer' };
    await callAs(chief, 'POST', `${own.url}/api/v1/users`, wicked);
    const { accessToken } = await signIn(own.url, 'wicked', password);
    const write = `${own.url}/clusters/demo/api/v1/namespaces/default/pods`;
    for (let round = 0; round < 40; round += 1) {
      expect((await callAs(accessToken, 'DELETE', `${own.url}/api/v1/users/x`)).status).toBe(403);
      expect((await callAs(accessToken, 'POST', write, {})).status).toBe(403);
    }
    const { body } = await callAs(chief, 'GET', `${own.url}/api/v1/audit?limit=200`);
    const { items } = body as { readonly items: readonly AuditEntry[] };
    const refused = items.filter(({ username }) => username === 'wicked').map(({ action }) => action);
    expect(refused.filter((action) => action === 'access.refused').length).toBeGreaterThan(5);
    expect(refused.length).toBeLessThan(30);
    await own.dispose();
  });
});

async function localAdmin(): Promise<{ readonly secret: string }> {
  const { readFile } = await import('node:fs/promises');
  return JSON.parse(await readFile(join(dataDir, 'local-admin.json'), 'utf8')) as { readonly secret: string };
}
