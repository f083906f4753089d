import type { Authenticate, Identity } from '../../src/server/types.ts';

/** What the tokens of the suite say. */
export interface TestIdentity extends Identity {
  /** Scope of the channels `team/…`; `none` may not see them. */
  readonly team?: string | undefined;
}

/** A token that anybody may make; the suite is about what happens to valid ones. */
export function makeToken(claims: Partial<TestIdentity> = {}): string {
  const identity: TestIdentity = { userId: 'u-1', orgId: 'o-1', ...claims };
  return Buffer.from(JSON.stringify(identity)).toString('base64url');
}

/** Reads what {@link makeToken} made. */
export const authenticate: Authenticate<TestIdentity> = ({ token }) => {
  let identity: TestIdentity;
  try {
    identity = JSON.parse(Buffer.from(token ?? '', 'base64url').toString('utf8')) as TestIdentity;
  } catch {
    return { refused: 'invalid' };
  }
  if (identity.expiresAt !== undefined && identity.expiresAt <= Date.now()) return { refused: 'expired' };
  return { identity };
};
