import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { openDatabase, type Database, type DatabaseLocation } from '../database/open-database.ts';
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

/** Opens a database in a fresh place. */
export async function openTestDatabase(databases: TestDatabases | undefined = testDatabases[0]): Promise<Database> {
  if (databases === undefined) throw new TypeError('there is no kind of database');
  return openDatabase(await databases.locate(), (error) => {
    throw error;
  });
}
