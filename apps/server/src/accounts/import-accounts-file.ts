import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '@fleetwire/websocket-core/server';
import { DataFolderError } from '../data-folder.ts';
import type { Database } from '../database/open-database.ts';

/** What the servers of before the database kept in `accounts.json`. */
const fileSchema = z.object({
  version: z.literal(1),
  organisation: z.object({ id: z.string(), name: z.string() }),
  signingKey: z.object({ id: z.string(), secret: z.string() }),
  users: z.array(
    z.object({
      id: z.string(),
      orgId: z.string(),
      username: z.string(),
      passwordHash: z.string(),
      createdAt: z.number(),
    }),
  ),
  sessions: z.array(
    z.object({
      id: z.string(),
      userId: z.string(),
      expiresAt: z.number(),
      tokens: z.array(z.object({ hash: z.string(), retiredAt: z.number().optional() })),
    }),
  ),
});

/**
 * Brings `accounts.json` of a data folder into a database that has no accounts yet, and renames it, so that nobody is
 * locked out and nobody is signed out. Its users were administrators, all of them. Throws a {@link DataFolderError} when
 * the file cannot be read.
 */
export async function importAccountsFile(
  database: Database,
  folder: string,
  now: () => number,
  logger: Logger,
): Promise<void> {
  const path = join(folder, 'accounts.json');
  if (!existsSync(path)) return;
  const { organisation, signingKey, users, sessions } = readFile(path);
  const isDone = await database.transaction().execute(async (transaction) => {
    const present = await transaction.selectFrom('organisations').select('id').execute();
    // A start that was cut after the import has left the file behind.
    if (present.length > 0) return present.some(({ id }) => id === organisation.id);
    const createdAt = Math.min(now(), ...users.map((user) => user.createdAt));
    await transaction
      .insertInto('organisations')
      .values({ ...organisation, created_at: createdAt })
      .execute();
    await transaction
      .insertInto('signing_keys')
      .values({ ...signingKey, created_at: now() })
      .execute();
    for (const user of users) {
      await transaction
        .insertInto('users')
        .values({
          id: user.id,
          username: user.username,
          password_hash: user.passwordHash,
          created_at: user.createdAt,
        })
        .execute();
      await transaction
        .insertInto('memberships')
        .values({ user_id: user.id, org_id: organisation.id, role: 'admin', created_at: user.createdAt })
        .execute();
    }
    const ids = new Set(users.map(({ id }) => id));
    for (const { id, userId, expiresAt, tokens } of sessions.filter((session) => ids.has(session.userId))) {
      await transaction
        .insertInto('login_sessions')
        .values({ id, user_id: userId, org_id: organisation.id, created_at: now(), expires_at: expiresAt })
        .execute();
      for (const { hash, retiredAt } of tokens) {
        await transaction
          .insertInto('refresh_tokens')
          .values({ hash, session_id: id, issued_at: now(), retired_at: retiredAt ?? null })
          .execute();
      }
    }
    logger.info(
      { users: users.length, sessions: sessions.length },
      'the accounts of accounts.json are in the database',
    );
    return true;
  });
  if (!isDone) {
    logger.warn(
      { path },
      'the database has accounts already, so those of accounts.json are not imported: move it away',
    );
    return;
  }
  renameSync(path, `${path}.imported`);
}

function readFile(path: string): z.output<typeof fileSchema> {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    // Starting over would hand the administrator's account to whoever comes first.
    throw new DataFolderError(`${path} cannot be read: mend it, or move it away to begin with a new administrator`, {
      cause: error,
    });
  }
}
