import { randomBytes, randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Database } from '../database/open-database.ts';
import type { Schema } from '../database/schema.ts';
import type { Member } from './account-store.ts';
import { tokenHash } from './token-hash.ts';

/** A sign-in ends when it was not refreshed for this long. */
export const refreshLifetimeMs = 7 * 24 * 3_600_000;

/**
 * How long an exchanged token may be used again: several tabs start at once with the same cookie, and an answer may be
 * lost on the way.
 */
export const reuseGraceMs = 30_000;

/** Tokens of one sign-in that are remembered: enough for many tabs within the grace; the oldest go first. */
const maxTokens = 50;

/** Sign-ins of one user that are kept; the one that would expire first makes room. */
export const maxSessions = 100;

/** One sign-in of a user. */
export interface SignIn {
  readonly user: Member;
  readonly sessionId: string;
}

/** A sign-in and its newest refresh token. */
export interface Refreshed extends SignIn {
  readonly refreshToken: string;
}

/** Makes sign-ins and exchanges their refresh tokens. */
export interface RefreshTokens {
  begin(user: Member): Promise<Refreshed>;
  /**
   * Exchanges a token for the next one. A token that was exchanged longer than the grace ago has been stolen from one
   * side or the other: the sign-in ends, and is told as `stolen`.
   */
  exchange(token: string): Promise<Refreshed | { readonly refused: true; readonly stolen?: SignIn }>;
  /** Ends the sign-in of a token; returns it, or undefined when there is none. */
  end(token: string): Promise<SignIn | undefined>;
  /** Ends every sign-in of a user, but one; returns those that ended. */
  endAll(
    userId: string,
    butSessionId?: string,
  ): Promise<readonly { readonly sessionId: string; readonly orgId: string }[]>;
}

/** Creates the refresh tokens of a database; a token is `<session id>.<secret>`, and only its hash is kept. */
export function createRefreshTokens(database: Database, now: () => number): RefreshTokens {
  const find = async (transaction: Transaction<Schema>, token: string) => {
    const row = await transaction
      .selectFrom('refresh_tokens')
      .innerJoin('login_sessions', 'login_sessions.id', 'refresh_tokens.session_id')
      .innerJoin('users', 'users.id', 'login_sessions.user_id')
      .innerJoin('memberships', (join) =>
        join
          .onRef('memberships.user_id', '=', 'login_sessions.user_id')
          .onRef('memberships.org_id', '=', 'login_sessions.org_id'),
      )
      .select([
        'login_sessions.id as sessionId',
        'refresh_tokens.retired_at as retiredAt',
        'users.id as id',
        'users.username as username',
        'memberships.org_id as orgId',
        'memberships.role as role',
        'memberships.created_at as createdAt',
      ])
      .where('refresh_tokens.hash', '=', tokenHash(token))
      .where('login_sessions.expires_at', '>', now())
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { sessionId, retiredAt, ...user } = row;
    return { sessionId, retiredAt, user };
  };
  const issue = async (transaction: Transaction<Schema>, user: Member, sessionId: string): Promise<Refreshed> => {
    const refreshToken = `${sessionId}.${randomBytes(32).toString('base64url')}`;
    await transaction
      .insertInto('refresh_tokens')
      .values({ hash: tokenHash(refreshToken), session_id: sessionId, issued_at: now(), retired_at: null })
      .execute();
    const kept = transaction
      .selectFrom('refresh_tokens')
      .select('hash')
      .where('session_id', '=', sessionId)
      .orderBy('issued_at', 'desc')
      .limit(maxTokens);
    await transaction
      .deleteFrom('refresh_tokens')
      .where('session_id', '=', sessionId)
      .where('hash', '!=', tokenHash(refreshToken))
      .where('hash', 'not in', kept)
      .execute();
    return { user, sessionId, refreshToken };
  };
  const remove = (transaction: Transaction<Schema>, sessionId: string) =>
    transaction.deleteFrom('login_sessions').where('id', '=', sessionId).execute();

  return {
    async begin(user) {
      await database.deleteFrom('login_sessions').where('expires_at', '<=', now()).execute();
      return database.transaction().execute(async (transaction) => {
        const sessionId = randomUUID();
        await transaction
          .insertInto('login_sessions')
          .values({
            id: sessionId,
            user_id: user.id,
            org_id: user.orgId,
            created_at: now(),
            expires_at: now() + refreshLifetimeMs,
          })
          .execute();
        const kept = transaction
          .selectFrom('login_sessions')
          .select('id')
          .where('user_id', '=', user.id)
          .orderBy('expires_at', 'desc')
          .limit(maxSessions);
        await transaction
          .deleteFrom('login_sessions')
          .where('user_id', '=', user.id)
          .where('id', '!=', sessionId)
          .where('id', 'not in', kept)
          .execute();
        return issue(transaction, user, sessionId);
      });
    },
    exchange: (token) =>
      database.transaction().execute(async (transaction) => {
        const found = await find(transaction, token);
        if (found === undefined) return { refused: true };
        const { sessionId, retiredAt, user } = found;
        if (retiredAt !== null && now() - retiredAt > reuseGraceMs) {
          await remove(transaction, sessionId);
          return { refused: true, stolen: { user, sessionId } };
        }
        const { numUpdatedRows } = await transaction
          .updateTable('login_sessions')
          .set({ expires_at: now() + refreshLifetimeMs })
          .where('id', '=', sessionId)
          .executeTakeFirst();
        // Another request has ended the sign-in meanwhile.
        if (numUpdatedRows === 0n) return { refused: true };
        await transaction
          .updateTable('refresh_tokens')
          .set({ retired_at: now() })
          .where('hash', '=', tokenHash(token))
          .where('retired_at', 'is', null)
          .execute();
        return issue(transaction, user, sessionId);
      }),
    end: (token) =>
      database.transaction().execute(async (transaction) => {
        const found = await find(transaction, token);
        if (found === undefined) return undefined;
        await remove(transaction, found.sessionId);
        return { user: found.user, sessionId: found.sessionId };
      }),
    endAll: (userId, butSessionId) =>
      database
        .deleteFrom('login_sessions')
        .where('user_id', '=', userId)
        .$if(butSessionId !== undefined, (query) => query.where('id', '!=', butSessionId ?? ''))
        .returning(['id as sessionId', 'org_id as orgId'])
        .execute(),
  };
}
