import { randomUUID } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Identity } from '@fleetwire/websocket-core/server';
import type { Role } from '../access/permissions.ts';
import type { AccountStore, User } from './account-store.ts';

/** Who a verified access token speaks for. */
export interface UserIdentity extends Identity {
  readonly username: string;
  /** In its organisation, now: a change shows at once, also in identities that were given before. */
  readonly role: Role;
  /** Id of the sign-in that the token belongs to, so that revoking it ends the connections of all its tokens at once. */
  readonly jti: string;
  readonly expiresAt: number;
}

/** Lifetime of an access token. */
export const accessTokenLifetimeMs = 600_000;

const issuer = 'fleetwire';
const algorithm = 'HS256';

/** An access token and when it expires, in milliseconds since 1970. */
export interface AccessToken {
  readonly accessToken: string;
  readonly expiresAt: number;
}

/** Verdict on an access token. */
export type TokenVerdict = { readonly identity: UserIdentity } | { readonly refused: 'expired' | 'invalid' };

/** Signs and verifies access tokens: JWTs (RFC 7519) with `sub`, `org`, `sid`, `jti`, signed with the store's key. */
export interface AccessTokens {
  sign(user: User, sessionId: string): Promise<AccessToken>;
  /** A token is good until it expires or its sign-in ends, whichever comes first. */
  verify(token: string | undefined): Promise<TokenVerdict>;
}

/** Creates the signer and verifier of a store. `now` is in milliseconds since 1970. */
export function createAccessTokens(store: AccountStore, now: () => number): AccessTokens {
  const { id, secret } = store.signingKey;
  return {
    async sign(user, sessionId) {
      // NumericDate counts seconds: rounded down, so that nobody believes in a token for longer than it holds.
      const expiresInSeconds = Math.floor((now() + accessTokenLifetimeMs) / 1000);
      const accessToken = await new SignJWT({ org: user.orgId, sid: sessionId, name: user.username })
        .setProtectedHeader({ alg: algorithm, kid: id, typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(issuer)
        .setSubject(user.id)
        .setJti(randomUUID())
        .setIssuedAt(Math.floor(now() / 1000))
        .setExpirationTime(expiresInSeconds)
        .sign(secret);
      return { accessToken, expiresAt: expiresInSeconds * 1000 };
    },
    async verify(token) {
      if (token === undefined) return { refused: 'invalid' };
      try {
        const { payload } = await jwtVerify<{ org: string; sid: string }>(token, secret, {
          issuer,
          audience: issuer,
          algorithms: [algorithm],
          typ: 'at+jwt',
          requiredClaims: ['sub', 'org', 'sid', 'jti', 'exp'],
          currentDate: new Date(now()),
        });
        const user = store.userById(payload.sub ?? '');
        if (user === undefined || user.orgId !== payload.org) return { refused: 'invalid' };
        if (store.session(payload.sid)?.userId !== user.id) return { refused: 'invalid' };
        return {
          identity: {
            userId: user.id,
            orgId: user.orgId,
            username: user.username,
            role: 'admin',
            jti: payload.sid,
            expiresAt: (payload.exp ?? 0) * 1000,
          },
        };
      } catch (error) {
        if (error instanceof errors.JWTExpired) return { refused: 'expired' };
        if (error instanceof errors.JOSEError) return { refused: 'invalid' };
        throw error;
      }
    },
  };
}
