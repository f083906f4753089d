import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { openDatabase, type Database, type DatabaseLocation } from '../database/open-database.ts';
import { tableNames } from '../database/schema.ts';
import { newFolder } from './new-folder.ts';

/** A kind of database that a test runs on. */
export interface TestDatabases {
  readonly name: string;
  /** False where the machine has none: its tests are skipped. */
  readonly isPresent: boolean;
  /** A place for a database, empty. */
  locate(): Promise<DatabaseLocation>;
}

/** URL of a new, empty PostgreSQL database. */
export async function newPostgresDatabase(): Promise<string> {
  const url = new URL(process.env['TEST_POSTGRES_URL'] ?? '');
  const name = `fleetwire_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client(url.href);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  url.pathname = `/${name}`;
  return url.href;
}

/** Whether the machine has a PostgreSQL for tests. */
export const hasPostgres = process.env['TEST_POSTGRES_URL'] !== undefined;

/** Every kind: what holds for one must hold for the other. */
export const testDatabases: readonly TestDatabases[] = [
  {
    name: 'SQLite',
    isPresent: true,
    locate: () => Promise.resolve({ sqlite: join(newFolder(), 'fleetwire.db') }),
  },
  {
    name: 'PostgreSQL',
    isPresent: hasPostgres,
    locate: async () => ({ postgres: await newPostgresDatabase() }),
  },
];

/** PostgreSQL databases of tests that are over: to make one takes longer than most tests. */
const used: DatabaseLocation[] = [];

/** Opens a database without any rows, for the test that runs; it is closed when that ends, if not before. */
export async function openTestDatabase(databases: TestDatabases | undefined = testDatabases[0]): Promise<Database> {
  if (databases === undefined) throw new TypeError('there is no kind of database');
  const isReusable = databases.name === 'PostgreSQL';
  const before = isReusable ? used.pop() : undefined;
  const location = before ?? (await databases.locate());
  const database = await openDatabase(location, (error) => {
    throw error;
  });
  if (before !== undefined)
    await sql`truncate ${sql.join(tableNames.map((name) => sql.table(name)))}`.execute(database);
  // Nobody pulls the plug: the disk need not follow each commit.
  if ('sqlite' in location) await sql`pragma synchronous = off`.execute(database);
  onTestFinished(async () => {
    await database.destroy();
    if (isReusable) used.push(location);
  });
  return database;
}
