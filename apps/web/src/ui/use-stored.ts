import { useCallback, useSyncExternalStore } from 'react';
import { useAuthState } from '../auth/auth-context.ts';

/** What this page has read or written, by key, so that each read gives the same reference. */
const values = new Map<string, readonly [text: string | null, value: unknown]>();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Another tab of this browser.
  addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', listener);
  };
}

/** A browser may forbid storage, and says so by throwing; what was written then lives as long as the page. */
function readText(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return values.get(key)?.[0] ?? null;
  }
}

function read<T>(key: string, parse: (json: unknown) => T): T {
  const text = readText(key);
  const known = values.get(key);
  if (known?.[0] === text) return known[1] as T;
  let json: unknown;
  try {
    json = text === null ? undefined : JSON.parse(text);
  } catch {
    json = undefined;
  }
  const value = parse(json);
  values.set(key, [text, value]);
  return value;
}

/**
 * Something that this browser remembers for the user, as JSON. `parse` makes sense of what is stored, or of undefined;
 * it must be the same function at each render.
 */
export function useStored<T>(name: string, parse: (json: unknown) => T): readonly [T, (value: T) => void] {
  const state = useAuthState();
  const key = `fleetwire.${name}.${state.status === 'signed-in' ? state.user.id : ''}`;
  const value = useSyncExternalStore(subscribe, () => read(key, parse));
  const set = useCallback(
    (next: T) => {
      const text = JSON.stringify(next);
      values.set(key, [text, next]);
      try {
        localStorage.setItem(key, text);
      } catch {
        // It is remembered by this page alone.
      }
      for (const listener of [...listeners]) listener();
    },
    [key],
  );
  return [value, set];
}
