import { sql } from 'kysely';
import type { Logger } from '@fleetwire/websocket-core/server';
import type { Config } from '../config/schema.ts';
import { DatabaseError, locateDatabase, openDatabase, type Database } from './open-database.ts';
import { takeReplicaLock } from './replica-lock.ts';

/** The database of a server that runs. */
export interface RunningDatabase {
  readonly database: Database;
  /** For `/readyz`. Resolves within two seconds. */
  check(): Promise<{ readonly ok: boolean; readonly kind: 'sqlite' | 'postgresql'; readonly reason?: string }>;
  dispose(): Promise<void>;
}

const checkTimeoutMs = 2_000;

/**
 * Opens the database that the configuration names, for this server alone: the lock of the data folder sees to that for
 * SQLite, one in the database for PostgreSQL; `onTaken` is told when another server has that one. Throws a {@link DatabaseError}.
 */
export async function startDatabase(
  { databaseUrl, redisUrl }: Pick<Config, 'databaseUrl' | 'redisUrl'>,
  folder: string,
  logger: Logger,
  onTaken?: () => void,
): Promise<RunningDatabase> {
  if (redisUrl !== undefined) {
    throw new DatabaseError('REDIS_URL: replicas that share Redis are not supported yet: start one server without it');
  }
  const location = locateDatabase(databaseUrl, folder);
  // Before the migrations: a newer server must not change the tables under an older one that runs.
  const lock = 'postgres' in location ? await takeReplicaLock(location.postgres, logger, { onTaken }) : undefined;
  let database: Database;
  try {
    database = await openDatabase(location, (error) => {
      logger.warn({ err: error }, 'an idle connection to the database broke');
    });
  } catch (error) {
    await lock?.dispose();
    throw error;
  }
  const kind = lock === undefined ? 'sqlite' : 'postgresql';
  return {
    database,
    async check() {
      if (lock?.isHeld === false) return { ok: false, kind, reason: 'another server may have taken the database' };
      const answered = await Promise.race([
        sql`select 1`.execute(database).then(
          () => true,
          () => false,
        ),
        new Promise<false>((resolve) => {
          setTimeout(resolve, checkTimeoutMs, false).unref();
        }),
      ]);
      return answered ? { ok: true, kind } : { ok: false, kind, reason: 'the database does not answer' };
    },
    async dispose() {
      await database.destroy();
      await lock?.dispose();
    },
  };
}
