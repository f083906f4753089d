import { expect, it, vi } from 'vitest';
import type { AuthState } from './auth-session.ts';
import { onUserChange } from './on-user-change.ts';

it('what one user had goes with the user: at a sign-out and at the sign-in of another or to another organisation, and at nothing else', () => {
  let state: AuthState = { status: 'unknown' };
  let tell = (): void => undefined;
  const session = {
    getState: () => state,
    subscribe: (listener: () => void) => {
      tell = listener;
      return () => undefined;
    },
  };
  const run = vi.fn();
  onUserChange(session, run);
  const become = (status: 'signed-out' | 'signed-in', id = '', orgId = 'o1'): number => {
    state = (status === 'signed-in' ? { status, user: { id, orgId } } : { status, ended: false }) as AuthState;
    tell();
    return run.mock.calls.length;
  };
  expect(become('signed-out')).toBe(0);
  expect(become('signed-in', 'u1')).toBe(1);
  expect(become('signed-in', 'u1')).toBe(1);
  expect(become('signed-in', 'u2')).toBe(2);
  expect(become('signed-in', 'u2', 'o2')).toBe(3);
  expect(become('signed-out')).toBe(4);
});
