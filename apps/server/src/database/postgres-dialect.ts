import { PostgresDialect } from 'kysely';
import pg from 'pg';

/** Connections of one replica: PostgreSQL allows 100 by default, for all replicas together. */
const maxConnections = 10;

/** Of the type `bigint` (https://www.postgresql.org/docs/current/catalog-pg-type.html). */
const bigintOid = 20;

/** How long a query waits for a connection before it fails: longer than a failover, shorter than a person's patience. */
const connectTimeoutMs = 10_000;

/** How long a query may take: those of the server take milliseconds. The database gives up first, where it can. */
const statementTimeoutMs = 25_000;
const queryTimeoutMs = 30_000;

/** After how long without traffic the system asks whether the other side is there. */
const keepAliveDelayMs = 10_000;

/** Kysely's dialect on PostgreSQL. `onError` is told of connections that break. */
export function createPostgresDialect(url: string, onError: (error: Error) => void): PostgresDialect {
  const pool = new pg.Pool({
    ...postgresOptions(url),
    max: maxConnections,
    // A bigint comes as text, since a JavaScript number cannot hold all of them; it can hold milliseconds and counts.
    types: { getTypeParser: (oid: number, format?: 'text' | 'binary') => parserOf(oid, format) },
  });
  // The pool listens while nobody uses a connection; one that ends in a transaction, between two queries, is ours to hear.
  pool.on('connect', (client) => client.on('error', onError));
  pool.on('error', () => undefined);
  return new PostgresDialect({ pool });
}

/** What every connection to PostgreSQL is opened with. */
export function postgresOptions(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'fleetwire',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
  };
}

function parserOf(oid: number, format: 'text' | 'binary' = 'text'): (text: string) => unknown {
  if (oid === bigintOid) return Number;
  return pg.types.getTypeParser(oid, format) as (text: string) => unknown;
}
