import { expect, it } from 'vitest';
import { shown } from './check-shape.ts';

it('shows JSON, cut short, and takes what cannot be written as JSON', () => {
  expect(shown({ a: 1 })).toBe('{"a":1}');
  expect(shown(undefined)).toBe('nothing');
  expect(shown('x'.repeat(500))).toMatch(/^"x{119}…$/);
  const endless: unknown[] = [];
  endless.push(endless);
  expect(shown(endless)).toBe('what cannot be shown');
});
