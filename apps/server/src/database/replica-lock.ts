import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '@fleetwire/websocket-core/server';
import { DatabaseError, reasonOf } from './open-database.ts';
import { postgresOptions } from './postgres-dialect.ts';

/** Another replica serves the database, and nothing joins the two. */
export class SecondReplicaError extends DatabaseError {
  override readonly name = 'SecondReplicaError';
}

/** Key of the advisory lock that one server holds in its database: "fleetwir" in ASCII. */
const lockKey = '7380385375773485426';

const retryMs = 1_000;

/** How often the connection is asked whether it is alive, and how long it may take to answer. */
const defaultPingMs = 10_000;

/** What a lock tells, and how it looks after itself. */
export interface ReplicaLockOptions {
  /** Another server has the database: this one must stop. */
  readonly onTaken?: (() => void) | undefined;
  /** Default 10 s. */
  readonly pingMs?: number | undefined;
}

/** The right to be the only server of a PostgreSQL database. */
export interface ReplicaLock {
  /** False while the connection that holds it is lost: another server may have taken it. */
  readonly isHeld: boolean;
  dispose(): Promise<void>;
}

/**
 * Takes the lock: an advisory lock of a session (PostgreSQL documentation, "Advisory Locks"), which ends with the
 * connection, so that `kill -9` frees it. Two replicas whose memory brokers know nothing of each other would show each
 * half of what happens. Throws a {@link SecondReplicaError}.
 */
export async function takeReplicaLock(
  url: string,
  logger: Logger,
  { onTaken, pingMs = defaultPingMs }: ReplicaLockOptions = {},
): Promise<ReplicaLock> {
  const stopped = new AbortController();
  let held: pg.Client | undefined;

  const take = async (): Promise<boolean> => {
    const client = new pg.Client({ ...postgresOptions(url), query_timeout: pingMs });
    const lost = (error?: Error): void => {
      if (held !== client) return;
      held = undefined;
      if (stopped.signal.aborted) return;
      logger.error({ err: error }, 'the connection that holds the database for this server is lost');
      void takeAgain();
    };
    client.on('error', lost);
    client.on('end', () => {
      lost();
    });
    try {
      await client.connect();
      const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [lockKey]);
      if (rows[0]?.locked === true && !stopped.signal.aborted) {
        held = client;
        ping(client, lost);
        return true;
      }
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    await client.end();
    return false;
  };

  /** A database that hangs, or is cut off, says nothing, while another server may reach it. */
  const ping = (client: pg.Client, lost: (error: Error) => void): void => {
    const timer = setTimeout(() => {
      if (held !== client) return;
      client.query('select 1').then(
        () => {
          ping(client, lost);
        },
        (error: unknown) => {
          lost(error instanceof Error ? error : new Error(String(error)));
          void client.end().catch(() => undefined);
        },
      );
    }, pingMs);
    timer.unref();
  };

  const takeAgain = async (): Promise<void> => {
    while (!stopped.signal.aborted && held === undefined) {
      await delay(retryMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      const taken = await take().catch((error: unknown) => {
        logger.warn({ err: error }, 'the database cannot be reached');
        return undefined;
      });
      if (taken === true) logger.info({}, 'this server holds its database again');
      if (taken === false) {
        logger.error({}, 'another server has taken the database');
        onTaken?.();
      }
    }
  };

  const first = await take().catch((error: unknown) => {
    throw new DatabaseError(`the database of DATABASE_URL cannot be reached (${reasonOf(error)})`, { cause: error });
  });
  if (!first) {
    throw new SecondReplicaError(
      'another Fleetwire serves the database of DATABASE_URL: replicas need REDIS_URL to tell each other what happens, ' +
        'and it is not supported yet; stop that one, or give this one a database of its own',
    );
  }
  return {
    get isHeld() {
      return held !== undefined;
    },
    async dispose() {
      if (stopped.signal.aborted) return;
      stopped.abort();
      const client = held;
      held = undefined;
      await client?.end();
    },
  };
}
