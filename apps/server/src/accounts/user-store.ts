import { randomUUID } from 'node:crypto';
import type { Database } from '../database/open-database.ts';

/** What a sign-in is checked against. */
export interface Credentials {
  readonly userId: string;
  readonly passwordHash: string;
}

/** Names of users are unique on a server, whatever their organisations; so are those of organisations. */
export class NameTakenError extends Error {
  override readonly name = 'NameTakenError';
}

/** Users, whatever their organisations. */
export interface UserStore {
  userCount(): Promise<number>;
  credentials(username: string): Promise<Credentials | undefined>;
  passwordHash(userId: string): Promise<string | undefined>;
  /** With `former`, only while the user still has that one; false when nothing was set. */
  setPassword(userId: string, passwordHash: string, former?: string): Promise<boolean>;
}

/** Creates the users of a database. */
export function createUserStore(database: Database): UserStore {
  return {
    async userCount() {
      const { count } = await database
        .selectFrom('users')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    credentials: (username) =>
      database
        .selectFrom('users')
        .select(['id as userId', 'password_hash as passwordHash'])
        .where('username', '=', username)
        .executeTakeFirst(),
    async passwordHash(userId) {
      const user = await database
        .selectFrom('users')
        .select('password_hash')
        .where('id', '=', userId)
        .executeTakeFirst();
      return user?.password_hash;
    },
    async setPassword(userId, passwordHash, former) {
      const { numUpdatedRows } = await database
        .updateTable('users')
        .set({ password_hash: passwordHash })
        .where('id', '=', userId)
        .$if(former !== undefined, (query) => query.where('password_hash', '=', former ?? ''))
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

/** Adds a user without any membership, and returns its id. Throws a {@link NameTakenError}. */
export async function insertUser(
  database: Database,
  user: { readonly username: string; readonly passwordHash: string; readonly createdAt: number },
): Promise<string> {
  const id = randomUUID();
  const { numInsertedOrUpdatedRows } = await database
    .insertInto('users')
    .values({ id, username: user.username, password_hash: user.passwordHash, created_at: user.createdAt })
    .onConflict((conflict) => conflict.column('username').doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) throw new NameTakenError(`the name ${user.username} is taken`);
  return id;
}
