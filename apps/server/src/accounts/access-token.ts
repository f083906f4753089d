import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import type { Identity } from '@fleetwire/websocket-core/server';
import type { LiveRoles } from '../access/live-roles.ts';
import type { Role } from '../access/permissions.ts';
import type { Database } from '../database/open-database.ts';
import { memberOfSession, type Member } from './member.ts';
import { personalTokenPrefix, type PersonalTokens } from './personal-tokens.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Who a verified token speaks for. */
export interface UserIdentity extends Identity {
  readonly username: string;
  /** In its organisation, now: a change shows at once, also in identities that were given before. */
  readonly role: Role;
  /** What proved it. */
  readonly proof: 'sign-in' | 'personal-token';
  /**
   * Id of the sign-in or of the personal token that the token belongs to, so that revoking it ends the connections of all
   * its tokens at once.
   */
  readonly jti: string;
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

/** Verdict on a token. */
export type TokenVerdict = { readonly identity: UserIdentity } | { readonly refused: 'expired' | 'invalid' };

/**
 * Signs access tokens: JWTs (RFC 7519) with `sub`, `org`, `sid`, `jti`. Verifies them, and personal access tokens, which
 * are good wherever they are.
 */
export interface AccessTokens {
  sign(user: Member, sessionId: string): Promise<AccessToken>;
  /** A token is good until it expires or its sign-in ends, whichever comes first. */
  verify(token: string | undefined): Promise<TokenVerdict>;
  /** Whether the sign-in of an identity lasts, or its personal token holds, whatever became of the access token. */
  isAlive(identity: UserIdentity): Promise<boolean>;
}

/** What tokens are made of and checked by. */
export interface AccessTokenOptions {
  readonly database: Database;
  readonly keys: SigningKeys;
  readonly personalTokens: PersonalTokens;
  readonly liveRoles: LiveRoles;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Creates the signer and verifier of a database. */
export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { database, keys, personalTokens, liveRoles, now } = options;

  const identify = (
    { id, orgId, username, role }: Pick<Member, 'id' | 'orgId' | 'username' | 'role'>,
    proof: UserIdentity['proof'],
    jti: string,
    expiresAt: number | undefined,
    rolesVersion: number,
  ): TokenVerdict => {
    const live = liveRoles.note(orgId, id, role, rolesVersion);
    return {
      identity: {
        userId: id,
        orgId,
        username,
        get role() {
          return live.role;
        },
        proof,
        jti,
        expiresAt,
      },
    };
  };

  const verifyJwt = async (token: string): Promise<TokenVerdict> => {
    const key = await keys.find(keyIdOf(token));
    if (key === undefined) return { refused: 'invalid' };
    const { payload } = await jwtVerify<{ org: string; sid: string }>(token, key.secret, {
      issuer,
      audience: issuer,
      algorithms: [algorithm],
      typ: 'at+jwt',
      requiredClaims: ['sub', 'org', 'sid', 'jti', 'exp'],
      currentDate: new Date(now()),
    });
    const rolesVersion = liveRoles.version;
    const member = await memberOfSession(database, payload.sid, now());
    if (member === undefined || member.id !== payload.sub || member.orgId !== payload.org)
      return { refused: 'invalid' };
    return identify(member, 'sign-in', payload.sid, (payload.exp ?? 0) * 1000, rolesVersion);
  };

  return {
    async isAlive({ proof, jti, expiresAt }) {
      if (proof === 'personal-token') {
        if (expiresAt !== undefined && now() >= expiresAt) return false;
        const token = await database
          .selectFrom('personal_tokens')
          .select('id')
          .where('id', '=', jti)
          .executeTakeFirst();
        return token !== undefined;
      }
      const session = await database
        .selectFrom('login_sessions')
        .select('id')
        .where('id', '=', jti)
        .where('expires_at', '>', now())
        .executeTakeFirst();
      return session !== undefined;
    },
    async sign(user, sessionId) {
      const { id, secret } = await keys.current();
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
      if (token.startsWith(personalTokenPrefix)) {
        const rolesVersion = liveRoles.version;
        const owner = await personalTokens.verify(token);
        if (owner === undefined) return { refused: 'invalid' };
        if (owner === 'expired') return { refused: 'expired' };
        return identify(owner.user, 'personal-token', owner.tokenId, owner.expiresAt ?? undefined, rolesVersion);
      }
      try {
        return await verifyJwt(token);
      } catch (error) {
        if (error instanceof errors.JWTExpired) return { refused: 'expired' };
        if (error instanceof errors.JOSEError) return { refused: 'invalid' };
        throw error;
      }
    },
  };
}

function keyIdOf(token: string): string {
  try {
    return decodeProtectedHeader(token).kid ?? '';
  } catch {
    // It is no token at all.
    return '';
  }
}
