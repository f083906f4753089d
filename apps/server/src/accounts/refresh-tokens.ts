import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import { inTransaction } from '../database/in-transaction.ts';
import type { Database } from '../database/open-database.ts';
import type { Schema } from '../database/schema.ts';
import { memberOfSession, type Member } from './member.ts';
import { tokenHash } from './token-hash.ts';

/** A sign-in ends when it was not refreshed for this long. */
export const refreshLifetimeMs = 7 * 24 * 3_600_000;

/**
 * How long an exchanged token may be used again: several tabs start at once with the same cookie, and an answer may be
 * lost on the way.
 */
export const reuseGraceMs = 30_000;

/** Tokens of one sign-in that are remembered; the oldest go first. */
const maxTokens = 50;

/**
 * Exchanges of one sign-in within the grace: enough for many tabs. Below {@link maxTokens}, so that none is forgotten
 * that may still be used.
 */
export const maxExchanges = 40;

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
  /**
   * Begins a sign-in of a user whose password was found to be the one of `passwordHash`; undefined when it is another by
   * now. `evicted` are the sign-ins that made room.
   */
  begin(
    user: Member,
    passwordHash: string,
  ): Promise<(Refreshed & { readonly evicted: readonly EndedSignIn[] }) | undefined>;
  /**
   * Exchanges a token for the next one. A token that was exchanged longer than the grace ago, or is not remembered any
   * more, has been stolen from one side or the other: the sign-in ends, and is told as `stolen`. `retryAfterMs` is told
   * to whoever exchanges too often.
   */
  exchange(
    token: string,
  ): Promise<Refreshed | { readonly refused: true; readonly stolen?: SignIn } | { readonly retryAfterMs: number }>;
  /** Ends the sign-in of a token; returns it, or undefined when there is none. */
  end(token: string): Promise<SignIn | undefined>;
  /** Ends every sign-in of a user, but one; returns those that ended. */
  endAll(userId: string, butSessionId?: string): Promise<readonly EndedSignIn[]>;
}

/** A sign-in that is over, for whoever ends its connections. */
export interface EndedSignIn {
  readonly sessionId: string;
  readonly orgId: string;
}

/**
 * Creates the refresh tokens of a database; a token is `<family>.<secret>`, and only its hash is kept. The hash of the
 * family is the id of the sign-in, which access tokens name: whoever has one of those cannot make up a refresh token.
 */
export function createRefreshTokens(database: Database, now: () => number): RefreshTokens {
  const findSession = async (transaction: Transaction<Schema>, sessionId: string): Promise<SignIn | undefined> => {
    const user = await memberOfSession(transaction, sessionId, now());
    return user === undefined ? undefined : { user, sessionId };
  };
  const findToken = (transaction: Transaction<Schema>, token: string) =>
    transaction
      .selectFrom('refresh_tokens')
      .select(['session_id as sessionId', 'retired_at as retiredAt'])
      .where('hash', '=', tokenHash(token))
      .executeTakeFirst();
  /** 0, or how long this sign-in must not exchange another one. */
  const waitMs = async (transaction: Transaction<Schema>, sessionId: string): Promise<number> => {
    const recent = await transaction
      .selectFrom('refresh_tokens')
      .select('issued_at')
      .where('session_id', '=', sessionId)
      .where('issued_at', '>', now() - reuseGraceMs)
      .orderBy('issued_at')
      .execute();
    const [oldest] = recent;
    return oldest === undefined || recent.length < maxExchanges ? 0 : oldest.issued_at + reuseGraceMs - now();
  };
  const issue = async (transaction: Transaction<Schema>, signIn: SignIn, family: string): Promise<Refreshed> => {
    const { sessionId } = signIn;
    const refreshToken = `${family}.${randomBytes(32).toString('base64url')}`;
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
    return { ...signIn, refreshToken };
  };
  const remove = (transaction: Transaction<Schema>, sessionId: string) =>
    transaction.deleteFrom('login_sessions').where('id', '=', sessionId).execute();

  return {
    async begin(user, passwordHash) {
      await database.deleteFrom('login_sessions').where('expires_at', '<=', now()).execute();
      return inTransaction(database, async (transaction) => {
        // Holds the user's row: a new password ends the sign-ins that began before it, and lets none begin after it.
        const { numUpdatedRows } = await transaction
          .updateTable('users')
          .set({ password_hash: passwordHash })
          .where('id', '=', user.id)
          .where('password_hash', '=', passwordHash)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return undefined;
        const family = randomBytes(16).toString('base64url');
        const sessionId = tokenHash(family);
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
        const evicted = await transaction
          .deleteFrom('login_sessions')
          .where('user_id', '=', user.id)
          .where('id', '!=', sessionId)
          .where('id', 'not in', kept)
          .returning(['id as sessionId', 'org_id as orgId'])
          .execute();
        return { ...(await issue(transaction, { user, sessionId }, family)), evicted };
      });
    },
    exchange: (token) =>
      inTransaction(database, async (transaction) => {
        const known = await findToken(transaction, token);
        const session = await findSession(transaction, known?.sessionId ?? tokenHash(familyOf(token)));
        if (session === undefined) return { refused: true };
        const { sessionId } = session;
        if (known === undefined || (known.retiredAt !== null && now() - known.retiredAt > reuseGraceMs)) {
          await remove(transaction, sessionId);
          return { refused: true, stolen: session };
        }
        const retryAfterMs = await waitMs(transaction, sessionId);
        if (retryAfterMs > 0) return { retryAfterMs };
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
        return issue(transaction, session, familyOf(token));
      }),
    end: (token) =>
      inTransaction(database, async (transaction) => {
        const known = await findToken(transaction, token);
        const session = known === undefined ? undefined : await findSession(transaction, known.sessionId);
        if (session !== undefined) await remove(transaction, session.sessionId);
        return session;
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

/** What the tokens of one sign-in have in common. Nobody but their holders knows it. */
function familyOf(token: string): string {
  return token.split('.', 1)[0] ?? '';
}
