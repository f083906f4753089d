import type { AuthSession } from './auth-session.ts';
import { identityKey } from './identity-key.ts';

/** Runs whenever another user is signed in than before, the same one to another organisation, or nobody any more; returns the undo. */
export function onUserChange(session: Pick<AuthSession, 'getState' | 'subscribe'>, run: () => void): () => void {
  let user = identityKey(session.getState());
  return session.subscribe(() => {
    const next = identityKey(session.getState());
    if (next === user) return;
    user = next;
    run();
  });
}
