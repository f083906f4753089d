import { describe, expect, it } from 'vitest';
import { inTransaction } from '../database/in-transaction.ts';
import { openTestDatabase, testDatabases } from '../testing/databases.ts';
import { createAccountStore, openAccountStore } from './account-store.ts';
import { NameTakenError } from './user-store.ts';

describe.each(testDatabases)('the account store on $name', (databases) => {
  const test = it.skipIf(!databases.isPresent);

  async function setUp() {
    const database = await openTestDatabase(databases);
    const store = await openAccountStore(database, () => 1_000);
    const addOrganisation = async (id: string) => {
      await database.insertInto('organisations').values({ id, name: id, created_at: 2_000 }).execute();
    };
    return { database, store, addOrganisation };
  }
  const user = (username: string, role: 'admin' | 'viewer' = 'viewer') => ({ username, passwordHash: 'x', role });

  test('begins with one organisation, and finds it again', async () => {
    const { database, store } = await setUp();
    expect(store.home.name).toBe('default');
    expect(await openAccountStore(database, () => 9_000)).toMatchObject({ home: store.home });
    expect(await store.organisations()).toEqual([store.home]);
    await database.destroy();
  });

  test('finds users by id, by name and by pages, in their own organisation alone', async () => {
    const { database, store, addOrganisation } = await setUp();
    await addOrganisation('other');
    const { home } = store;
    const mia = await store.addMember(home.id, user('mia', 'admin'));
    const theirs = await store.addMember('other', user('tom'));
    expect(mia).toEqual({ id: mia.id, orgId: home.id, username: 'mia', role: 'admin', createdAt: 1_000 });
    expect(await store.member(home.id, mia.id)).toEqual(mia);
    expect(await store.memberByName(home.id, 'mia')).toEqual(mia);
    expect(await store.member(home.id, theirs.id)).toBeUndefined();
    expect(await store.memberByName(home.id, 'tom')).toBeUndefined();
    expect(await store.credentials('tom')).toEqual({ userId: theirs.id, passwordHash: 'x' });
    expect(await store.membershipsOf(theirs.id)).toEqual([{ id: 'other', name: 'other', role: 'viewer' }]);
    for (const name of ['ann', 'bob', 'zoe']) await store.addMember(home.id, user(name));
    const names = async (after: string) =>
      (await store.members(home.id, { after, limit: 3 })).map(({ username }) => username);
    expect(await names('')).toEqual(['ann', 'bob', 'mia']);
    expect(await names('mia')).toEqual(['zoe']);
    expect(await store.userCount()).toBe(5);
    await database.destroy();
  });

  test('refuses a name that is taken, and adds nothing', async () => {
    const { database, store } = await setUp();
    await store.addMember(store.home.id, user('mia'));
    await expect(store.addMember(store.home.id, user('mia'))).rejects.toThrow(NameTakenError);
    expect(await store.members(store.home.id, { after: '', limit: 9 })).toHaveLength(1);
    await database.destroy();
  });

  test('adds an organisation with a new administrator, or with one that is there', async () => {
    const { database, store } = await setUp();
    const first = await store.addOrganisation('team', { username: 'mia', passwordHash: 'x' });
    const second = await store.addOrganisation('more', { username: 'mia', passwordHash: undefined });
    const id = (await store.credentials('mia'))?.userId ?? '';
    expect((await store.membershipsOf(id)).map(({ name, role }) => [name, role]).toSorted()).toEqual([
      ['more', 'admin'],
      ['team', 'admin'],
    ]);
    expect(await store.memberToSignIn(id, 'team')).toMatchObject({ orgId: first.id });
    expect(await store.memberToSignIn(id, 'more')).toMatchObject({ orgId: second.id });
    expect(await store.memberToSignIn(id, 'none')).toBeUndefined();
    for (const [name, username] of [
      ['more', 'tom'],
      ['other', 'mia'],
    ] as const)
      await expect(store.addOrganisation(name, { username, passwordHash: 'z' })).rejects.toThrow(NameTakenError);
    // Neither half of what was refused is left behind.
    expect((await store.organisations()).map(({ name }) => name)).toEqual(['default', 'more', 'team']);
    expect(await store.credentials('tom')).toBeUndefined();
    await database.destroy();
  });

  test('keeps an administrator in each organisation, also when two demote each other at once', async () => {
    const { database, store } = await setUp();
    const { home } = store;
    const [ann, bob] = [
      await store.addMember(home.id, user('ann', 'admin')),
      await store.addMember(home.id, user('bob', 'admin')),
    ];
    const outcomes = await Promise.all([
      store.setRole(home.id, ann.id, 'viewer'),
      store.setRole(home.id, bob.id, 'viewer'),
    ]);
    expect(outcomes.toSorted()).toEqual([{ replaced: 'admin' }, 'last-admin']);
    const left = outcomes[0] === 'last-admin' ? ann : bob;
    expect(await store.removeMember(home.id, left.id)).toBe('last-admin');
    expect(await store.setRole(home.id, left.id, 'admin')).toEqual({ replaced: 'admin' });
    expect(await store.setRole(home.id, 'nobody', 'admin')).toBe('not-found');
    await database.destroy();
  });

  test('gives a role to whoever still has the former one, to one of many who ask for it at once', async () => {
    const { store } = await setUp();
    const { id } = await store.addMember(store.home.id, user('mia'));
    const ask = () => store.setRole(store.home.id, id, 'operator', 'viewer');
    const outcomes = await Promise.all([ask(), ask(), ask()]);
    expect(outcomes.toSorted()).toEqual([{ replaced: 'viewer' }, 'changed', 'changed']);
    expect((await store.member(store.home.id, id))?.role).toBe('operator');
    const roles = ['viewer', 'operator', 'viewer'] as const;
    const replaced = await Promise.all(roles.map((role) => store.setRole(store.home.id, id, role)));
    // In some order each replaces what the one before it has set.
    expect(replaced).toContainEqual({ replaced: 'operator' });
    expect(replaced).toContainEqual({ replaced: 'viewer' });
  });

  test('lets nobody set a password while its user joins another organisation', async () => {
    const { database, store } = await setUp();
    const { id } = await store.addMember(store.home.id, user('mia'));
    const { reset } = await inTransaction(database, async (transaction) => {
      const joining = createAccountStore(transaction, store.home, Date.now);
      await joining.addOrganisation('team', { username: 'mia', passwordHash: undefined });
      const reset = inTransaction(database, async (other) => {
        const setting = createAccountStore(other, store.home, Date.now);
        await setting.setPassword(id, 'another hash');
        return setting.membershipsOf(id);
      });
      // So much that a reset which does not wait is over.
      for (let count = 0; count < 100; count += 1) await joining.userCount();
      return { reset };
    });
    expect(await reset).toHaveLength(2);
    await database.destroy();
  });

  test('removes a user with its last membership', async () => {
    const { database, store, addOrganisation } = await setUp();
    await addOrganisation('other');
    const { home } = store;
    const mia = await store.addMember(home.id, user('mia'));
    await database
      .insertInto('memberships')
      .values({ user_id: mia.id, org_id: 'other', role: 'viewer', created_at: 3_000 })
      .execute();
    expect(await store.removeMember(home.id, mia.id)).toBeUndefined();
    expect(await store.member(home.id, mia.id)).toBeUndefined();
    expect(await store.credentials('mia')).toBeDefined();
    expect(await store.removeMember('other', mia.id)).toBeUndefined();
    expect(await store.credentials('mia')).toBeUndefined();
    await database.destroy();
  });
});
