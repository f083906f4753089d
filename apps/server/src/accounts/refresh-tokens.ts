import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { AccountStore, LoginSession, User } from './account-store.ts';

/** A sign-in ends when it was not refreshed for this long. */
export const refreshLifetimeMs = 7 * 24 * 3_600_000;

/**
 * How long an exchanged token may be used again: several tabs start at once with the same cookie, and an answer may be
 * lost on the way.
 */
export const reuseGraceMs = 30_000;

/** Tokens of one sign-in that are remembered: enough for many tabs within the grace; the oldest go first. */
const maxTokens = 50;

/** One sign-in of a user. */
export interface SignIn {
  readonly user: User;
  readonly sessionId: string;
}

/** A sign-in and its newest refresh token. */
export interface Refreshed extends SignIn {
  readonly refreshToken: string;
}

/** Makes sign-ins and exchanges their refresh tokens. */
export interface RefreshTokens {
  begin(user: User): Promise<Refreshed>;
  /**
   * Exchanges a token for the next one. A token that was exchanged longer than the grace ago has been stolen from one
   * side or the other: the sign-in ends, and is told as `stolen`.
   */
  exchange(token: string): Promise<Refreshed | { readonly refused: true; readonly stolen?: SignIn }>;
  /** Ends the sign-in of a token; returns it, or undefined when there is none. */
  end(token: string): Promise<SignIn | undefined>;
}

/** Creates the refresh tokens of a store; a token is `<session id>.<secret>`, and only its hash is kept. */
export function createRefreshTokens(store: AccountStore, now: () => number): RefreshTokens {
  const issue = async (user: User, id: string, kept: LoginSession['tokens']): Promise<Refreshed> => {
    const refreshToken = `${id}.${randomBytes(32).toString('base64url')}`;
    const tokens = [...kept, { hash: hashOf(refreshToken) }].slice(-maxTokens);
    await store.putSession({ id, userId: user.id, expiresAt: now() + refreshLifetimeMs, tokens });
    return { user, sessionId: id, refreshToken };
  };
  const find = (token: string) => {
    const session = store.session(token.split('.', 1)[0] ?? '');
    const held = session?.tokens.find(({ hash }) => hash === hashOf(token));
    const user = store.userById(session?.userId ?? '');
    return session === undefined || held === undefined || user === undefined ? undefined : { session, held, user };
  };
  return {
    begin: (user) => issue(user, randomUUID(), []),
    async exchange(token) {
      const found = find(token);
      if (found === undefined) return { refused: true };
      const { session, held, user } = found;
      if (held.retiredAt !== undefined && now() - held.retiredAt > reuseGraceMs) {
        await store.removeSession(session.id);
        return { refused: true, stolen: { user, sessionId: session.id } };
      }
      const kept = session.tokens.map((entry) =>
        entry === held ? { ...entry, retiredAt: entry.retiredAt ?? now() } : entry,
      );
      return issue(user, session.id, kept);
    },
    async end(token) {
      const found = find(token);
      if (found === undefined) return undefined;
      await store.removeSession(found.session.id);
      return { user: found.user, sessionId: found.session.id };
    },
  };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
