import { expect, it } from 'vitest';
import { createKnownTitles } from './known-titles.ts';

it('remembers what a plugin was called last, and forgets those that it heard of first', () => {
  const titles = createKnownTitles();
  titles.heard({ id: 'a:b/c', title: 'Before' });
  expect(titles.heard({ id: 'a:b/c', title: 'Clock' })).toEqual({ id: 'a:b/c', title: 'Clock' });
  expect(titles.get('a:b/c')).toBe('Clock');
  for (let n = 0; n < 1_000; n += 1) titles.heard({ id: `a:b/${String(n)}`, title: 'Another' });
  expect(titles.get('a:b/c')).toBeUndefined();
  expect(titles.get('a:b/0')).toBe('Another');
});
