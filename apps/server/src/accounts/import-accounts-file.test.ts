import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openAccess } from '../access/open-access.ts';
import { openTestDatabase, testDatabases } from '../testing/databases.ts';
import { newFolder } from '../testing/new-folder.ts';
import { createPasswordHasher } from './password.ts';
import { tokenHash } from './token-hash.ts';

const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

async function fileOfBefore(nowAt: number) {
  return {
    version: 1,
    organisation: { id: 'org-1', name: 'default' },
    signingKey: { id: 'key-1', secret: Buffer.alloc(32, 7).toString('base64url') },
    users: [
      {
        id: 'user-1',
        orgId: 'org-1',
        username: 'admin',
        passwordHash: await createPasswordHasher({ ln: 4, r: 8, p: 1 }).hash('the password of before'),
        createdAt: 5,
      },
    ],
    sessions: [
      { id: 's-1', userId: 'user-1', expiresAt: nowAt + 1_000, tokens: [{ hash: tokenHash('s-1.secret') }] },
      { id: 's-2', userId: 'gone', expiresAt: nowAt + 1_000, tokens: [] },
    ],
  };
}

describe.each(testDatabases)('accounts.json of a server of before, into $name', (databases) => {
  const test = it.skipIf(!databases.isPresent);

  test('lets everybody sign in as before, and whoever has signed in go on', async () => {
    const nowAt = 1_800_000_000_000;
    const folder = newFolder();
    const text = JSON.stringify(await fileOfBefore(nowAt));
    writeFileSync(join(folder, 'accounts.json'), text);
    const database = await openTestDatabase(databases);
    const { store, hasher, refreshTokens } = await openAccess(database, folder, silent, () => nowAt);
    expect(store.home).toEqual({ id: 'org-1', name: 'default' });
    const credentials = await store.credentials('admin');
    expect(await hasher.verify('the password of before', credentials?.passwordHash)).toBe(true);
    expect(await store.member('org-1', 'user-1')).toMatchObject({ role: 'admin', createdAt: 5 });
    expect(await refreshTokens.exchange('s-1.secret')).toMatchObject({ sessionId: 's-1', user: { id: 'user-1' } });
    expect(await database.selectFrom('signing_keys').select('id').execute()).toEqual([{ id: 'key-1' }]);
    expect(readdirSync(folder)).toEqual(['accounts.json.imported']);
    expect(readFileSync(join(folder, 'accounts.json.imported'), 'utf8')).toBe(text);
    await database.destroy();
  });

  test('is put aside when it was imported before: a start was cut after that', async () => {
    const folder = newFolder();
    const database = await openTestDatabase(databases);
    const text = JSON.stringify(await fileOfBefore(0));
    for (let start = 0; start < 2; start += 1) {
      writeFileSync(join(folder, 'accounts.json'), text);
      const { store } = await openAccess(database, folder, silent, () => 0);
      expect([store.home.id, await store.userCount()]).toEqual(['org-1', 1]);
      expect(existsSync(join(folder, 'accounts.json'))).toBe(false);
    }
    await database.destroy();
  });

  test('stays, with a warning, when the database has accounts of another server', async () => {
    const folder = newFolder();
    const database = await openTestDatabase(databases);
    const first = await openAccess(database, folder, silent, () => 0);
    writeFileSync(join(folder, 'accounts.json'), JSON.stringify(await fileOfBefore(0)));
    const warn = vi.fn();
    const second = await openAccess(database, folder, { ...silent, warn }, () => 0);
    expect(second.store.home).toEqual(first.store.home);
    expect(await second.store.userCount()).toBe(0);
    expect(existsSync(join(folder, 'accounts.json'))).toBe(true);
    expect(warn).toHaveBeenCalledWith(expect.anything(), expect.stringContaining('are not imported'));
    await database.destroy();
  });

  test('stops the start when it cannot be read, and stays', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'accounts.json'), '{"version":1');
    const database = await openTestDatabase(databases);
    await expect(openAccess(database, folder, silent, () => 0)).rejects.toThrow(
      /accounts\.json cannot be read: mend it/,
    );
    expect(existsSync(join(folder, 'accounts.json'))).toBe(true);
    await database.destroy();
  });
});

function ignore(): void {
  // the test looks at what is imported
}
