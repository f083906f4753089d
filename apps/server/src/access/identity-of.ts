import { credentialsOf } from '@fleetwire/websocket-core/server';
import type { AccessTokens, UserIdentity } from '../accounts/access-token.ts';

/**
 * The user behind an `Authorization` header: `Bearer <token>` (RFC 6750), or `Basic` with the user name `token` and the
 * token for a password (RFC 7617). Undefined when it proves nobody. Never a cookie and never the URL, which ends up in
 * logs.
 */
export type IdentityOf = (authorization: string | undefined) => Promise<UserIdentity | undefined>;

/** Creates the one function that says who makes a request; usable outside the routes too. */
export function createIdentityOf(accessTokens: AccessTokens): IdentityOf {
  return async (authorization) => {
    const verdict = await accessTokens.verify(tokenOf(authorization));
    return 'identity' in verdict ? verdict.identity : undefined;
  };
}

/** The token that the header brings. */
export function tokenOf(authorization: string | undefined): string | undefined {
  const basic = /^Basic +([^\s]+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return credentialsOf({ headers: { authorization } }).token;
  const pair = Buffer.from(basic, 'base64').toString('utf8');
  return pair.startsWith('token:') ? pair.slice('token:'.length) : undefined;
}
