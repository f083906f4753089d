import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAccountStore } from './account-store.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'fleetwire-accounts-'));

describe('the account store', () => {
  it('finds again after a restart what it was given, under the same key', async () => {
    const folder = newFolder();
    const first = openAccountStore(folder, () => 0);
    const user = await first.addUser({ username: 'admin', passwordHash: 'x' });
    await first.putSession({ id: 's', userId: user.id, expiresAt: 10, tokens: [{ hash: 'h' }] });
    const second = openAccountStore(folder, () => 0);
    expect(second.userByName('admin')).toEqual(user);
    expect(second.session('s')?.tokens).toEqual([{ hash: 'h' }]);
    expect(second.signingKey).toEqual(first.signingKey);
    expect(second.organisation).toEqual(first.organisation);
  });

  it('is readable by its owner alone, and leaves nothing beside it', async () => {
    const folder = newFolder();
    await openAccountStore(folder, () => 0).addUser({ username: 'admin', passwordHash: 'x' });
    expect(readdirSync(folder)).toEqual(['accounts.json']);
    expect(statSync(join(folder, 'accounts.json')).mode & 0o777).toBe(0o600);
  });

  it('has written every one of many changes made at once', async () => {
    const folder = newFolder();
    const store = openAccountStore(folder, () => 0);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        store.putSession({ id: String(index), userId: 'u', expiresAt: 10, tokens: [] }),
      ),
    );
    const { sessions } = JSON.parse(readFileSync(join(folder, 'accounts.json'), 'utf8')) as { sessions: unknown[] };
    expect(sessions).toHaveLength(50);
  });

  it('forgets sign-ins that expired, and keeps at most 1,000', async () => {
    let now = 0;
    const store = openAccountStore(newFolder(), () => now);
    await store.putSession({ id: 'old', userId: 'u', expiresAt: 5, tokens: [] });
    now = 5;
    expect(store.session('old')).toBeUndefined();
    await Promise.all(
      Array.from({ length: 1_001 }, (_, index) =>
        store.putSession({ id: String(index), userId: 'u', expiresAt: 10 + index, tokens: [] }),
      ),
    );
    expect(store.session('0')).toBeUndefined();
    expect(store.session('1')).toBeDefined();
  });

  it('does not start over when its file cannot be read', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'accounts.json'), '{"version":1');
    expect(() => openAccountStore(folder, () => 0)).toThrow(/accounts\.json cannot be read: mend it/);
  });
});
