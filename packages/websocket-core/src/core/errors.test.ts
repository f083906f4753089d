import { expect, it } from 'vitest';
import { wireErrors } from '../protocol/codes.ts';
import { FleetwireError, localErrors, toWireError } from './errors.ts';

it('takes retryable from the registries, false for a code that neither knows, and what is given before both', () => {
  for (const [code, { retryable }] of Object.entries({ ...wireErrors, ...localErrors })) {
    expect([code, new FleetwireError(code, '').retryable]).toEqual([code, retryable]);
  }
  expect(new FleetwireError('NOT_INVENTED_YET', '').retryable).toBe(false);
  expect(new FleetwireError('constructor', '').retryable).toBe(false);
  expect(new FleetwireError('TIMEOUT', '', { retryable: false }).retryable).toBe(false);
});

it('has no code in both registries', () => {
  expect(Object.keys(localErrors).filter((code) => Object.hasOwn(wireErrors, code))).toEqual([]);
});

it('keeps its cause, and has none where none was given', () => {
  const cause = new Error('below');
  expect(new FleetwireError('INTERNAL', '', { cause }).cause).toBe(cause);
  expect(Object.hasOwn(new FleetwireError('INTERNAL', ''), 'cause')).toBe(false);
});

it('comes back from the wire as it went', () => {
  const error = new FleetwireError('RATE_LIMITED', 'slow down', { retryAfterMs: 250, details: { limit: 50 } });
  expect(FleetwireError.fromWire(toWireError(error))).toEqual(error);
});

it('keeps a code of an application, which the registry does not know', () => {
  expect(toWireError(new FleetwireError('VM_LOCKED', 'locked', { retryable: true }))).toEqual({
    code: 'VM_LOCKED',
    message: 'locked',
    retryable: true,
  });
});

it.each([
  new Error('password=hunter2'),
  new FleetwireError('ABORTED', 'hunter2'),
  'hunter2',
  undefined,
  null,
  { code: 'FORBIDDEN', message: 'hunter2' },
])('[R5] becomes INTERNAL without a detail of %s', (thrown) => {
  const wire = toWireError(thrown);
  expect(wire).toMatchObject({ code: 'INTERNAL', retryable: false });
  expect(JSON.stringify(wire)).not.toContain('hunter2');
});
