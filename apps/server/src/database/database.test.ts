import { chmodSync, existsSync, statSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { hasPostgres, newPostgresDatabase, openTestDatabase, testDatabases } from '../testing/databases.ts';
import { newFolder } from '../testing/new-folder.ts';
import { copyDatabase } from './copy-database.ts';
import { fromJson, toJson } from './json.ts';
import { DatabaseError, openDatabase } from './open-database.ts';
import { SecondReplicaError, takeReplicaLock } from './replica-lock.ts';
import { tableNames } from './schema.ts';
import { startDatabase } from './start-database.ts';

const silent = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const never = (error: Error): void => {
  throw error;
};

describe.each(testDatabases)('the database on $name', (databases) => {
  const test = it.skipIf(!databases.isPresent);

  test('gives milliseconds, counts and 0/1 as numbers, and takes JSON through one helper', async () => {
    const database = await openTestDatabase(databases);
    const at = 1_800_000_000_123;
    const detail = { text: 'ü', list: [1, null] };
    await database
      .insertInto('audit')
      .values({
        id: '1',
        org_id: 'o',
        at,
        user_id: null,
        username: null,
        action: 'a',
        target: null,
        detail: toJson(detail),
      })
      .execute();
    const row = await database.selectFrom('audit').selectAll().executeTakeFirstOrThrow();
    expect([row.at, fromJson(row.detail), fromJson(null), toJson(undefined)]).toEqual([at, detail, undefined, null]);
    const { count, yes } = await database
      .selectFrom('audit')
      .select(({ fn }) => [fn.countAll<number>().as('count'), sql<number>`1`.as('yes')])
      .executeTakeFirstOrThrow();
    expect([count, yes]).toEqual([1, 1]);
    await database.destroy();
  });

  test('undoes a transaction that fails, and lets those side by side not see each other half done', async () => {
    const database = await openTestDatabase(databases);
    const add = (name: string) => ({ id: name, name, created_at: 0 });
    await expect(
      database.transaction().execute(async (transaction) => {
        await transaction.insertInto('organisations').values(add('a')).execute();
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        database
          .transaction()
          .execute(async (transaction) => {
            await transaction
              .insertInto('organisations')
              .values(add(String(index)))
              .execute();
            await new Promise((resolve) => setImmediate(resolve));
            if (index % 2 === 0) throw new Error('no');
          })
          .catch(() => undefined),
      ),
    );
    expect(await database.selectFrom('organisations').select('id').execute()).toHaveLength(10);
    await database.destroy();
  });

  test('holds what refers to something to its being there', async () => {
    const database = await openTestDatabase(databases);
    const row = { user_id: 'nobody', org_id: 'none', role: 'viewer' as const, created_at: 0 };
    await expect(database.insertInto('memberships').values(row).execute()).rejects.toThrow(/foreign key/i);
    await database.destroy();
  });

  test('is brought to its newest schema by servers that start at once, and by each start anew', async () => {
    const location = await databases.locate();
    const count = 'postgres' in location ? 3 : 1;
    const opened = await Promise.all(Array.from({ length: count }, () => openDatabase(location, never)));
    for (const database of opened) expect(await database.selectFrom('users').selectAll().execute()).toEqual([]);
    await Promise.all(opened.map((database) => database.destroy()));
    await (await openDatabase(location, never)).destroy();
  });
});

describe('the SQLite file', () => {
  it('is for its owner alone with its log and its index, also where an older server left it open', async () => {
    const path = join(newFolder(), 'fleetwire.db');
    const files = [path, `${path}-wal`, `${path}-shm`];
    const modes = () => files.map((each) => statSync(each).mode & 0o777);
    const first = await openDatabase({ sqlite: path }, never);
    expect(modes()).toEqual([0o600, 0o600, 0o600]);
    for (const each of files) chmodSync(each, 0o644);
    const second = await openDatabase({ sqlite: path }, never);
    expect(modes()).toEqual([0o600, 0o600, 0o600]);
    await first.destroy();
    await second.destroy();
  });

  it('is for its owner alone, and durable: a write-ahead log that is synced at each commit', async () => {
    const path = join(newFolder(), 'fleetwire.db');
    const database = await openDatabase({ sqlite: path }, never);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const pragma = async (name: string) =>
      Object.values((await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(database)).rows[0] ?? {})[0];
    expect([await pragma('journal_mode'), await pragma('synchronous'), await pragma('foreign_keys')]).toEqual([
      'wal',
      2,
      1,
    ]);
    expect(await pragma('busy_timeout')).toBe(5_000);
    await database.destroy();
  });

  it('is named when it cannot be used', async () => {
    await expect(openDatabase({ sqlite: join(newFolder(), 'none', 'x.db') }, never)).rejects.toThrow(
      /the database .*x\.db cannot be used \(/,
    );
  });
});

describe('a PostgreSQL database', () => {
  const test = it.skipIf(!hasPostgres);

  test('has one server: a second one is refused, and says why', async () => {
    const databaseUrl = await newPostgresDatabase();
    const first = await startDatabase({ databaseUrl, redisUrl: undefined }, '', silent);
    expect(await first.check()).toEqual({ ok: true, kind: 'postgresql' });
    const second = startDatabase({ databaseUrl, redisUrl: undefined }, '', silent);
    await expect(second).rejects.toThrow(SecondReplicaError);
    await expect(second).rejects.toThrow(/need REDIS_URL/);
    await first.dispose();
    await (await startDatabase({ databaseUrl, redisUrl: undefined }, '', silent)).dispose();
  });

  test('is taken again when the connection that held it broke, unless another server was faster', async () => {
    const onTaken = vi.fn();
    const url = await newPostgresDatabase();
    const lock = await takeReplicaLock(url, silent, { onTaken });
    const admin = new pg.Client(url);
    await admin.connect();
    // Of this database alone: other tests have theirs on the same server.
    const locks =
      "from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())";
    const cut = () => admin.query(`select pg_terminate_backend(pid) ${locks} and granted`);
    await cut();
    await vi.waitFor(() => {
      expect(lock.isHeld).toBe(false);
    });
    await vi.waitFor(() => {
      expect(lock.isHeld).toBe(true);
    });
    // Whoever waits for a lock has it the moment that it is free.
    const other = new pg.Client(url);
    await other.connect();
    const taken = other.query("select pg_advisory_lock(x'666c656574776972'::bigint)");
    await vi.waitFor(async () => {
      expect((await admin.query(`select ${locks} and not granted`)).rowCount).toBe(1);
    });
    await cut();
    await taken;
    await vi.waitFor(() => {
      expect(silent.error).toHaveBeenCalledWith({}, 'another server has taken the database');
    });
    expect(lock.isHeld).toBe(false);
    expect(onTaken).toHaveBeenCalled();
    await lock.dispose();
    await other.end();
    await admin.end();
  });

  test('may end a connection in the middle of a transaction: that fails, and the others go on', async () => {
    const told = vi.fn();
    const database = await openDatabase({ postgres: await newPostgresDatabase() }, told);
    const failed = database.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(database);
      // Nobody asks anything of it now.
      await vi.waitFor(() => expect(told).toHaveBeenCalled());
      await sql`select 1`.execute(transaction);
    });
    await expect(failed).rejects.toThrow();
    await expect(sql`select 1`.execute(database)).resolves.toMatchObject({ rows: [{}] });
    await database.destroy();
  });

  test('is known to be lost when the database says nothing any more', async () => {
    const url = new URL(await newPostgresDatabase());
    const sockets = new Set<Socket>();
    // What stands between them, and can be silent.
    const proxy = createServer((socket) => {
      const upstream = connect(Number(url.port === '' ? 5432 : url.port), url.hostname);
      for (const each of [socket, upstream]) sockets.add(each.on('error', () => undefined));
      socket.pipe(upstream).pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const through = new URL(url);
    through.host = `127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
    const lock = await takeReplicaLock(through.href, silent, { pingMs: 1_000 });
    expect(lock.isHeld).toBe(true);
    for (const socket of sockets) socket.unpipe();
    await vi.waitFor(() => expect(lock.isHeld).toBe(false));
    await lock.dispose();
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });

  it('is refused with REDIS_URL, which is not supported yet', async () => {
    await expect(startDatabase({ databaseUrl: undefined, redisUrl: 'redis://x' }, '', silent)).rejects.toThrow(
      /REDIS_URL: .* not supported yet/,
    );
  });

  it('that cannot be reached is told without its password', async () => {
    const databaseUrl = 'postgres://user:hush@127.0.0.1:1/none';
    const failed = startDatabase({ databaseUrl, redisUrl: undefined }, '', silent);
    await expect(failed).rejects.toThrow(/cannot be reached \(connect ECONNREFUSED/);
    await expect(failed).rejects.not.toThrow(/hush/);
  });
});

describe('copying', () => {
  async function fill(dataDir: string, count: number) {
    const database = await openDatabase({ sqlite: join(dataDir, 'fleetwire.db') }, never);
    await database.insertInto('organisations').values({ id: 'o', name: 'o', created_at: 1_800_000_000_000 }).execute();
    await database.insertInto('users').values({ id: 'u', username: 'u', password_hash: 'x', created_at: 2 }).execute();
    await database
      .insertInto('memberships')
      .values({ user_id: 'u', org_id: 'o', role: 'admin', created_at: 2 })
      .execute();
    for (let start = 0; start < count; start += 500) {
      await database
        .insertInto('audit')
        .values(
          Array.from({ length: Math.min(500, count - start) }, (_, index) => ({
            id: String(start + index),
            org_id: 'o',
            at: index,
            user_id: 'u',
            username: 'u',
            action: 'a',
            target: null,
            detail: '{}',
          })),
        )
        .execute();
    }
    const rows = await Promise.all(tableNames.map((table) => database.selectFrom(table).selectAll().execute()));
    await database.destroy();
    return rows;
  }

  it.skipIf(!hasPostgres)(
    'brings every row to PostgreSQL and back, and refuses a database that is not empty',
    async () => {
      const dataDir = newFolder();
      const rows = await fill(dataDir, 1_201);
      const url = await newPostgresDatabase();
      const copied = await copyDatabase({ dataDir, databaseUrl: undefined }, url, silent);
      expect(copied).toMatchObject({ organisations: 1, users: 1, audit: 1_201, personal_tokens: 0 });
      await expect(copyDatabase({ dataDir, databaseUrl: undefined }, url, silent)).rejects.toThrow(
        /is not empty: its table organisations has rows/,
      );
      const back = join(newFolder(), 'back.db');
      await copyDatabase({ dataDir: newFolder(), databaseUrl: url }, `sqlite:${back}`, silent);
      const database = await openDatabase({ sqlite: back }, never);
      const sorted = (list: readonly object[]) => list.map((row) => JSON.stringify({ ...row })).toSorted();
      for (const [index, table] of tableNames.entries())
        expect(sorted(await database.selectFrom(table).selectAll().execute())).toEqual(sorted(rows[index] ?? []));
      await database.destroy();
    },
  );

  it('refuses to copy a database that is not there, and makes no folder for it', async () => {
    const dataDir = join(newFolder(), 'mistyped');
    const copied = copyDatabase({ dataDir, databaseUrl: undefined }, `sqlite:${join(newFolder(), 'x.db')}`, silent);
    await expect(copied).rejects.toThrow(/there is no database .*mistyped/);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('refuses to copy a database onto itself, and to what is none', async () => {
    const dataDir = newFolder();
    await fill(dataDir, 1);
    const copy = (to: string) => copyDatabase({ dataDir, databaseUrl: undefined }, to, silent);
    await expect(copy(`sqlite:${join(dataDir, 'fleetwire.db')}`)).rejects.toThrow(/expected another database/);
    await expect(copy('mysql://x')).rejects.toThrow(DatabaseError);
  });
});
