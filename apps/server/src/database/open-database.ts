import { join } from 'node:path';
import { Kysely } from 'kysely';
import { makePrivateDatabase } from '../private-file.ts';
import { migrate } from './migrations.ts';
import { createPostgresDialect } from './postgres-dialect.ts';
import type { Schema } from './schema.ts';
import { createSqliteDialect } from './sqlite-dialect.ts';

/** The server's database. */
export type Database = Kysely<Schema>;

/** The database cannot be used; the message says why, for whoever can mend it, without the password of its URL. */
export class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError';
}

/** Where a database is. */
export type DatabaseLocation = { readonly sqlite: string } | { readonly postgres: string };

/** PostgreSQL where a URL names it, else `fleetwire.db` of the data folder. */
export function locateDatabase(databaseUrl: string | undefined, folder: string): DatabaseLocation {
  return databaseUrl === undefined ? { sqlite: join(folder, 'fleetwire.db') } : { postgres: databaseUrl };
}

/**
 * Opens a database at the newest schema. `onError` is told of connections that break. Throws a {@link DatabaseError}.
 */
export async function openDatabase(location: DatabaseLocation, onError: (error: Error) => void): Promise<Database> {
  let database: Database | undefined;
  try {
    if ('sqlite' in location) makePrivateDatabase(location.sqlite);
    database = new Kysely<Schema>({
      dialect:
        'sqlite' in location ? createSqliteDialect(location.sqlite) : createPostgresDialect(location.postgres, onError),
    });
    await migrate(database);
    return database;
  } catch (error) {
    await database?.destroy().catch(() => undefined);
    throw new DatabaseError(`the database ${describeLocation(location)} cannot be used (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

/** A location as it may be printed: without a password. */
export function describeLocation(location: DatabaseLocation): string {
  if ('sqlite' in location) return location.sqlite;
  const { protocol, host, pathname } = new URL(location.postgres);
  return `${protocol}//${host}${pathname}`;
}

/** Node gives an error of several addresses no message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
