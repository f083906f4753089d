import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config/schema.ts';
import { openDataFolder } from '../data-folder.ts';
import type { Logger } from '@fleetwire/websocket-core/server';
import {
  DatabaseError,
  describeLocation,
  locateDatabase,
  openDatabase,
  type Database,
  type DatabaseLocation,
} from './open-database.ts';
import { takeReplicaLock } from './replica-lock.ts';
import { tableNames, type Schema } from './schema.ts';

/** Rows that one statement inserts: PostgreSQL takes 65,535 parameters, SQLite 32,766. */
const batchRows = 500;

/** How many rows of each table were copied. */
export type CopiedRows = Readonly<Record<keyof Schema, number>>;

/**
 * Copies every table of the database that the configuration names into an empty one, whole or not at all. No server may
 * use either of them meanwhile. Throws a {@link DatabaseError}, or a DataFolderError.
 */
export async function copyDatabase(
  { dataDir, databaseUrl }: Pick<Config, 'dataDir' | 'databaseUrl'>,
  to: string,
  logger: Logger,
): Promise<CopiedRows> {
  const undo: (() => unknown)[] = [];
  const use = async (location: DatabaseLocation): Promise<Database> => {
    if ('postgres' in location) {
      const lock = await takeReplicaLock(location.postgres, logger);
      undo.push(() => lock.dispose());
    }
    const database = await openDatabase(location, (error) => {
      logger.warn({ err: error }, 'an idle connection to a database broke');
    });
    undo.push(() => database.destroy());
    return database;
  };
  const source = locateDatabase(databaseUrl, resolve(dataDir));
  if ('sqlite' in source && !existsSync(source.sqlite))
    throw new DatabaseError(`there is no database ${source.sqlite}: give the --data-dir of the one that is copied`);
  try {
    const folder = openDataFolder(dataDir);
    undo.push(() => {
      folder.dispose();
    });
    const from = locateDatabase(databaseUrl, folder.path);
    const target = parseTarget(to);
    if (JSON.stringify(from) === JSON.stringify(target))
      throw new DatabaseError('--to: expected another database than the one that is copied');
    return await copyTables(await use(from), await use(target), describeLocation(target));
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** A URL of PostgreSQL, or `sqlite:` with the path of a file. */
function parseTarget(to: string): DatabaseLocation {
  if (/^postgres(?:ql)?:\/\//.test(to) && URL.canParse(to)) return { postgres: to };
  const path = /^sqlite:(.+)$/.exec(to)?.[1];
  if (path !== undefined) return { sqlite: path };
  throw new DatabaseError('--to: expected postgres://user:password@host/database, or sqlite:path/of/fleetwire.db');
}

async function copyTables(source: Database, target: Database, where: string): Promise<CopiedRows> {
  return target.transaction().execute(async (transaction) => {
    const copied: Record<string, number> = {};
    for (const table of tableNames) {
      if ((await transaction.selectFrom(table).selectAll().limit(1).executeTakeFirst()) !== undefined)
        throw new DatabaseError(`the database ${where} is not empty: its table ${table} has rows`);
    }
    for (const table of tableNames) {
      const rows = await source.selectFrom(table).selectAll().execute();
      for (let start = 0; start < rows.length; start += batchRows)
        await transaction
          .insertInto(table)
          .values(rows.slice(start, start + batchRows))
          .execute();
      copied[table] = rows.length;
    }
    return copied as CopiedRows;
  });
}
