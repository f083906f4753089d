import type { Kysely } from 'kysely';
import { Migrator, type Migration, type MigrationProvider } from 'kysely/migration';

/** Creates the tables of accounts, access and audit. */
const accounts: Migration = {
  async up(database: Kysely<unknown>) {
    const { schema } = database;
    await schema
      .createTable('organisations')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('users')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('username', 'text', (column) => column.notNull().unique())
      .addColumn('password_hash', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('memberships')
      .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('org_id', 'text', (column) => column.notNull().references('organisations.id').onDelete('cascade'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('memberships_key', ['user_id', 'org_id'])
      .execute();
    await schema.createIndex('memberships_by_org').on('memberships').columns(['org_id', 'user_id']).execute();
    await schema
      .createTable('login_sessions')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('org_id', 'text', (column) => column.notNull().references('organisations.id').onDelete('cascade'))
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createIndex('login_sessions_by_user')
      .on('login_sessions')
      .columns(['user_id', 'expires_at'])
      .execute();
    await schema.createIndex('login_sessions_by_expiry').on('login_sessions').column('expires_at').execute();
    await schema
      .createTable('refresh_tokens')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('session_id', 'text', (column) => column.notNull().references('login_sessions.id').onDelete('cascade'))
      .addColumn('issued_at', 'bigint', (column) => column.notNull())
      .addColumn('retired_at', 'bigint')
      .execute();
    await schema.createIndex('refresh_tokens_by_session').on('refresh_tokens').column('session_id').execute();
    await schema
      .createTable('signing_keys')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('secret', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('personal_tokens')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('org_id', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      // Whoever leaves an organisation leaves no token behind.
      .addForeignKeyConstraint(
        'personal_tokens_membership',
        ['user_id', 'org_id'],
        'memberships',
        ['user_id', 'org_id'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .execute();
    await schema.createIndex('personal_tokens_by_user').on('personal_tokens').columns(['user_id', 'org_id']).execute();
    await schema
      .createTable('audit')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('org_id', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('user_id', 'text')
      .addColumn('username', 'text')
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('target', 'text')
      .addColumn('detail', 'text')
      .execute();
    await schema.createIndex('audit_by_org').on('audit').columns(['org_id', 'id']).execute();
  },
};

/** Creates the table of the clusters that users add for themselves. */
const ownClusters: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('own_clusters')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('org_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('sealed', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('own_clusters_name', ['user_id', 'org_id', 'name'])
      // Whoever leaves an organisation leaves no credentials behind.
      .addForeignKeyConstraint(
        'own_clusters_membership',
        ['user_id', 'org_id'],
        'memberships',
        ['user_id', 'org_id'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .execute();
  },
};

/** Creates the table of requests whose answers are kept for when they come again. */
const idempotentRequests: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('idempotent_requests')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('body_hash', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('answer', 'text')
      .execute();
    await schema.createIndex('idempotent_requests_by_time').on('idempotent_requests').column('created_at').execute();
  },
};

/** Creates the table of what the audit has taken over from that of the plugin store. */
const pluginAuditLines: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('plugin_audit_lines')
      .addColumn('operation_id', 'text', (column) => column.primaryKey())
      .addColumn('taken_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};

/** Migrations by name, which is their order. One that has been released is never changed. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-accounts': accounts,
  '0002-own-clusters': ownClusters,
  '0003-idempotent-requests': idempotentRequests,
  '0004-plugin-audit-lines': pluginAuditLines,
};

const provider: MigrationProvider = { getMigrations: () => Promise.resolve({ ...migrations }) };

/**
 * Brings a database to the newest schema. Kysely holds an advisory lock on PostgreSQL meanwhile, so that replicas that
 * start at once wait for each other. Rejects with what failed.
 */
export async function migrate<T>(database: Kysely<T>): Promise<void> {
  const { error } = await new Migrator({ db: database, provider }).migrateToLatest();
  if (error !== undefined)
    throw error instanceof Error ? error : new TypeError('the migration failed', { cause: error });
}
