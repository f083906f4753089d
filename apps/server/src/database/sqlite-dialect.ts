import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { SqliteDialect, type SqliteDatabase } from 'kysely';

/** How long a statement waits for another connection's lock, such as that of a backup. */
const busyTimeoutMs = 5_000;

/**
 * Kysely's dialect on the SQLite that Node brings. What was committed is on the disk: a write-ahead log with
 * `synchronous=FULL` (https://sqlite.org/pragma.html#pragma_synchronous).
 */
export function createSqliteDialect(path: string): SqliteDialect {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  return new SqliteDialect({ database: adapt(database) });
}

/** The shape that Kysely expects of a SQLite driver. */
function adapt(database: DatabaseSync): SqliteDatabase {
  return {
    close() {
      database.close();
    },
    prepare(sql) {
      const statement = database.prepare(sql);
      const bind = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bind(parameters)),
        run: (parameters) => statement.run(...bind(parameters)),
        iterate: (parameters) => statement.iterate(...bind(parameters)),
      };
    },
  };
}
