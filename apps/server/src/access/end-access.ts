import type { Changes } from './transact.ts';

/** A sign-in or a personal token that is over, for whoever ends its connections. */
export interface EndedAccess {
  readonly orgId: string;
  readonly userId: string;
  /** Id of the sign-in or of the token. */
  readonly jti: string;
}

/** Ends every sign-in of a user but one. */
export async function endSignIns(
  { refreshTokens }: Pick<Changes, 'refreshTokens'>,
  userId: string,
  butSessionId?: string,
): Promise<readonly EndedAccess[]> {
  const ended = await refreshTokens.endAll(userId, butSessionId);
  return ended.map(({ orgId, sessionId }) => ({ orgId, userId, jti: sessionId }));
}

/** Ends every sign-in and personal token of a user. */
export async function endAccess(
  changes: Pick<Changes, 'refreshTokens' | 'personalTokens'>,
  userId: string,
): Promise<readonly EndedAccess[]> {
  const ended = await endSignIns(changes, userId);
  const removed = await changes.personalTokens.removeAll(userId);
  return [...ended, ...removed.map(({ orgId, id }) => ({ orgId, userId, jti: id }))];
}
