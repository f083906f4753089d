import { expect, it } from 'vitest';
import { createLiveRoles } from './live-roles.ts';

it('a role that was read before a change and noted after it does not undo the change', () => {
  const roles = createLiveRoles();
  const readAt = roles.version;
  const first = roles.note('o', 'u', 'admin', readAt);
  roles.change('o', 'u', 'viewer');
  expect(roles.note('o', 'u', 'admin', readAt)).toBe(first);
  expect(first.role).toBe('viewer');
  expect(roles.note('o', 'u', 'operator', roles.version).role).toBe('operator');
});

it('a change of a member that nobody has seen yet is kept for what was read before it', () => {
  const roles = createLiveRoles();
  const readAt = roles.version;
  roles.change('o', 'u', 'viewer');
  expect(roles.note('o', 'u', 'admin', readAt).role).toBe('viewer');
  expect(roles.note('o', 'other', 'admin', readAt).role).toBe('admin');
});
