import { createContext, useContext, useSyncExternalStore } from 'react';
import type { AuthSession, AuthState } from './auth-session.ts';

/** Gives the session to the components below. */
export const AuthContext = createContext<AuthSession | undefined>(undefined);

/** The session of the page. */
export function useAuthSession(): AuthSession {
  const session = useContext(AuthContext);
  if (session === undefined) throw new Error('there is no AuthContext above this component');
  return session;
}

/** Who is signed in; renders again when that changes. */
export function useAuthState(): AuthState {
  const session = useAuthSession();
  return useSyncExternalStore(session.subscribe, session.getState);
}
