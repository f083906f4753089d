import { randomBytes, randomUUID } from 'node:crypto';
import { inTransaction } from '../database/in-transaction.ts';
import type { Database } from '../database/open-database.ts';
import { memberColumns, type Member } from './member.ts';
import { tokenHash } from './token-hash.ts';

/** What every personal access token begins with, so that scanners of repositories find it. */
export const personalTokenPrefix = 'fwt_';

/** Tokens of one user in one organisation. */
export const maxPersonalTokens = 100;

/** The use of a token is noted at most this often. */
const lastUsedResolutionMs = 60_000;

/** A personal access token, without the token itself, which is not kept. */
export interface PersonalToken {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Null for one that does not expire. */
  readonly expiresAt: number | null;
  /** To the minute. */
  readonly lastUsedAt: number | null;
}

/** Who a token speaks for. */
export interface TokenOwner {
  readonly tokenId: string;
  readonly user: Member;
  readonly expiresAt: number | null;
}

/** Tokens that users make for their scripts. */
export interface PersonalTokens {
  /** Returns the token, this once; undefined at {@link maxPersonalTokens}, and for whoever is no member any more. */
  create(
    owner: { readonly userId: string; readonly orgId: string },
    token: { readonly name: string; readonly expiresAt: number | null },
  ): Promise<(PersonalToken & { readonly token: string }) | undefined>;
  /** Newest first. */
  list(owner: { readonly userId: string; readonly orgId: string }): Promise<PersonalToken[]>;
  /** False when the owner has no such token. */
  remove(owner: { readonly userId: string; readonly orgId: string }, id: string): Promise<boolean>;
  /** Removes those of a user in all its organisations. */
  removeAll(userId: string): Promise<readonly { readonly id: string; readonly orgId: string }[]>;
  /** Removes all of that name but the newest. */
  keepNewest(
    owner: { readonly userId: string; readonly orgId: string },
    name: string,
    count: number,
  ): Promise<readonly string[]>;
  verify(token: string): Promise<TokenOwner | 'expired' | undefined>;
}

/** Creates the personal tokens of a database. `onError` is told when the use of one could not be noted. */
export function createPersonalTokens(
  database: Database,
  now: () => number,
  onError: (error: unknown) => void,
): PersonalTokens {
  const ofOwner = (
    { userId, orgId }: { readonly userId: string; readonly orgId: string },
    within: Database = database,
  ) =>
    within
      .selectFrom('personal_tokens')
      .select(['id', 'name', 'created_at as createdAt', 'expires_at as expiresAt', 'last_used_at as lastUsedAt'])
      .where('user_id', '=', userId)
      .where('org_id', '=', orgId)
      .orderBy('created_at', 'desc')
      .orderBy('id');
  const noteUse = (id: string, at: number): void => {
    database.updateTable('personal_tokens').set({ last_used_at: at }).where('id', '=', id).execute().catch(onError);
  };

  return {
    create: (owner, { name, expiresAt }) =>
      inTransaction(database, async (transaction) => {
        // Holds the membership: two requests must not make the last one both.
        const { numUpdatedRows } = await transaction
          .updateTable('memberships')
          .set((expression) => ({ role: expression.ref('role') }))
          .where('user_id', '=', owner.userId)
          .where('org_id', '=', owner.orgId)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return undefined;
        if ((await ofOwner(owner, transaction).execute()).length >= maxPersonalTokens) return undefined;
        const token = `${personalTokenPrefix}${randomBytes(32).toString('base64url')}`;
        const made = { id: randomUUID(), name, createdAt: now(), expiresAt, lastUsedAt: null };
        await transaction
          .insertInto('personal_tokens')
          .values({
            id: made.id,
            hash: tokenHash(token),
            name,
            user_id: owner.userId,
            org_id: owner.orgId,
            created_at: made.createdAt,
            expires_at: expiresAt,
            last_used_at: null,
          })
          .execute();
        return { ...made, token };
      }),
    list: (owner) => ofOwner(owner).execute(),
    async remove({ userId, orgId }, id) {
      const { numDeletedRows } = await database
        .deleteFrom('personal_tokens')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .where('org_id', '=', orgId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    removeAll: (userId) =>
      database
        .deleteFrom('personal_tokens')
        .where('user_id', '=', userId)
        .returning(['id', 'org_id as orgId'])
        .execute(),
    async keepNewest(owner, name, count) {
      const old = (await ofOwner(owner).where('name', '=', name).execute()).slice(count).map(({ id }) => id);
      if (old.length > 0) await database.deleteFrom('personal_tokens').where('id', 'in', old).execute();
      return old;
    },
    async verify(token) {
      const row = await database
        .selectFrom('personal_tokens')
        .innerJoin('users', 'users.id', 'personal_tokens.user_id')
        .innerJoin('memberships', (join) =>
          join
            .onRef('memberships.user_id', '=', 'personal_tokens.user_id')
            .onRef('memberships.org_id', '=', 'personal_tokens.org_id'),
        )
        .select([
          'personal_tokens.id as tokenId',
          'personal_tokens.expires_at as expiresAt',
          'personal_tokens.last_used_at as lastUsedAt',
          ...memberColumns,
        ])
        .where('personal_tokens.hash', '=', tokenHash(token))
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { tokenId, expiresAt, lastUsedAt, ...user } = row;
      const at = now();
      if (expiresAt !== null && expiresAt <= at) return 'expired';
      if (lastUsedAt === null || at - lastUsedAt >= lastUsedResolutionMs) noteUse(tokenId, at);
      return { tokenId, user, expiresAt };
    },
  };
}
