import type { AuthSession } from './auth-session.ts';

/** Runs whenever another user is signed in than before, or nobody any more; returns the undo. */
export function onUserChange(session: Pick<AuthSession, 'getState' | 'subscribe'>, run: () => void): () => void {
  let user = userOf(session);
  return session.subscribe(() => {
    const next = userOf(session);
    if (next === user) return;
    user = next;
    run();
  });
}

function userOf(session: Pick<AuthSession, 'getState'>): string | undefined {
  const state = session.getState();
  return state.status === 'signed-in' ? state.user.id : undefined;
}
