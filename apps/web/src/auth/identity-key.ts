import type { AuthState } from './auth-session.ts';

/** Who is signed in, and to which organisation; a key for what must not be shown to another. Empty for nobody. */
export function identityKey(state: AuthState): string {
  return state.status === 'signed-in' ? `${state.user.orgId}/${state.user.id}` : '';
}
