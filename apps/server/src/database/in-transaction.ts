import type { Transaction } from 'kysely';
import type { Database } from './open-database.ts';
import type { Schema } from './schema.ts';

/** Runs the work in a transaction: in the one that the database stands for already, or in one of its own. */
export function inTransaction<T>(
  database: Database,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  return database.isTransaction ? work(database as Transaction<Schema>) : database.transaction().execute(work);
}
