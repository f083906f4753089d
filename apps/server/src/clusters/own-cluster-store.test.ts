import { expect, describe, it } from 'vitest';
import { openDatabase, type Database } from '../database/open-database.ts';
import { hasPostgres, newPostgresDatabase, openTestDatabase, testDatabases } from '../testing/databases.ts';
import { newFolder } from '../testing/new-folder.ts';
import { copyDatabase } from '../database/copy-database.ts';
import { join } from 'node:path';
import { createOwnClusterStore, maxOwnClusters, type OwnClusterRow } from './own-cluster-store.ts';

const anna = { orgId: 'org', userId: 'anna' };
const bert = { orgId: 'org', userId: 'bert' };
const elsewhere = { orgId: 'other', userId: 'anna' };

async function fill(database: Database): Promise<void> {
  for (const id of ['org', 'other'])
    await database.insertInto('organisations').values({ id, name: id, created_at: 0 }).execute();
  for (const id of ['anna', 'bert'])
    await database.insertInto('users').values({ id, username: id, password_hash: 'x', created_at: 0 }).execute();
  for (const { orgId, userId } of [anna, bert, elsewhere])
    await database
      .insertInto('memberships')
      .values({ org_id: orgId, user_id: userId, role: 'viewer', created_at: 0 })
      .execute();
}

function row(owner: typeof anna, id: string, name = id): OwnClusterRow {
  return { ...owner, id, name, sealed: `sealed ${id}`, createdAt: 1_800_000_000_000 };
}

const many = (owner: typeof anna, prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => row(owner, `${prefix}${String(index).padStart(2, '0')}`));

describe.each(testDatabases)('the clusters of users on $name', (databases) => {
  const test = it.skipIf(!databases.isPresent);
  const open = async () => {
    const database = await openTestDatabase(databases);
    await fill(database);
    return { database, store: createOwnClusterStore(database), close: () => database.destroy() };
  };

  test('are each owner’s, who may give them names that others use', async () => {
    const { store, close } = await open();
    for (const [index, owner] of [anna, bert, elsewhere].entries())
      expect(await store.add(owner, [row(owner, String(index), 'prod')])).toBeUndefined();
    expect(await store.list(anna)).toEqual([row(anna, '0', 'prod')]);
    expect(await store.list(elsewhere)).toEqual([row(elsewhere, '2', 'prod')]);
    expect(await store.list()).toHaveLength(3);
    for (const owner of [bert, elsewhere]) {
      expect(await store.rename(owner, '0', 'mine')).toEqual({ kind: 'not-found' });
      expect(await store.remove(owner, '0')).toBe(false);
    }
    expect(await store.list(anna)).toEqual([row(anna, '0', 'prod')]);
    expect(await store.remove(anna, '0')).toBe(true);
    expect(await store.list(anna)).toEqual([]);
    await close();
  });

  test('have different names, and are added all or not at all', async () => {
    const { store, close } = await open();
    await store.add(anna, [row(anna, '1', 'prod')]);
    expect(await store.add(anna, [row(anna, '2', 'test'), row(anna, '3', 'prod')])).toEqual({
      kind: 'taken',
      names: ['prod'],
    });
    expect(await store.list(anna)).toHaveLength(1);
    await store.add(anna, [row(anna, '4', 'test')]);
    expect(await store.rename(anna, '4', 'prod')).toEqual({ kind: 'taken', names: ['prod'] });
    expect(await store.rename(anna, '4', 'test')).toBeUndefined();
    expect(await store.rename(anna, '4', 'stage')).toBeUndefined();
    expect((await store.list(anna)).map(({ name }) => name)).toEqual(['prod', 'stage']);
    await close();
  });

  test('are at most twenty of an owner, also when they are added at once', async () => {
    const { store, close } = await open();
    expect(await store.add(anna, many(anna, 'a', maxOwnClusters - 1))).toBeUndefined();
    const both = await Promise.all([store.add(anna, many(anna, 'b', 1)), store.add(anna, many(anna, 'c', 1))]);
    expect(both.map((each) => each?.kind).toSorted()).toEqual(['too-many', undefined]);
    expect(await store.list(anna)).toHaveLength(maxOwnClusters);
    expect(await store.add(bert, many(bert, 'd', maxOwnClusters + 1))).toEqual({ kind: 'too-many' });
    expect(await store.list(bert)).toEqual([]);
    await close();
  });

  test('go with the membership of their owner, and are not added without one', async () => {
    const { database, store, close } = await open();
    await store.add(anna, [row(anna, '1')]);
    await store.add(elsewhere, [row(elsewhere, '2')]);
    await database.deleteFrom('memberships').where('org_id', '=', 'org').where('user_id', '=', 'anna').execute();
    expect(await store.list()).toEqual([row(elsewhere, '2')]);
    expect(await store.add(anna, [row(anna, '3')])).toEqual({ kind: 'not-found' });
    await database.deleteFrom('users').where('id', '=', 'anna').execute();
    expect(await store.list()).toEqual([]);
    await close();
  });
});

it.skipIf(!hasPostgres)('the clusters of users are copied with the database, sealed as they are', async () => {
  const dataDir = newFolder();
  const open = (path: string) =>
    openDatabase({ sqlite: path }, (error) => {
      throw error;
    });
  const source = await open(join(dataDir, 'fleetwire.db'));
  await fill(source);
  await createOwnClusterStore(source).add(anna, many(anna, 'a', 2));
  await source.destroy();
  const databaseUrl = await newPostgresDatabase();
  expect(await copyDatabase({ dataDir, databaseUrl: undefined }, databaseUrl, silent)).toMatchObject({
    own_clusters: 2,
  });
  const back = join(newFolder(), 'back.db');
  await copyDatabase({ dataDir: newFolder(), databaseUrl }, `sqlite:${back}`, silent);
  const target = await open(back);
  expect(await createOwnClusterStore(target).list(anna)).toEqual(many(anna, 'a', 2));
  await target.destroy();
});

const ignore = (): void => undefined;
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };
