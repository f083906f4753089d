import { useCallback, useSyncExternalStore } from 'react';
import { useAuthState } from '../auth/auth-context.ts';
import { StoredValues } from './stored-values.ts';

const values = new StoredValues(() => localStorage);

function subscribe(listener: () => void): () => void {
  const undo = values.subscribe(listener);
  // Another tab of this browser.
  addEventListener('storage', listener);
  return () => {
    undo();
    removeEventListener('storage', listener);
  };
}

/** Keeps nothing of it in memory, for the next user of this page. */
export function forgetStored(): void {
  values.forget();
}

/**
 * Something that this browser remembers for the user, as JSON. `parse` makes sense of what is stored, or of undefined;
 * it must be the same function at each render.
 */
export function useStored<T>(name: string, parse: (json: unknown) => T): readonly [T, (value: T) => void] {
  const state = useAuthState();
  const key = `fleetwire.${name}.${state.status === 'signed-in' ? state.user.id : ''}`;
  const value = useSyncExternalStore(subscribe, () => values.read(key, parse));
  const set = useCallback(
    (next: T) => {
      values.write(key, next);
    },
    [key],
  );
  return [value, set];
}
