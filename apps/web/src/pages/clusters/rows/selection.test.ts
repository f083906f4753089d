import { expect, it } from 'vitest';
import type { ListRow } from './list-row.ts';
import { moveSelection, toggleKey } from './selection.ts';

const rows = Array.from('abcde', (key) => ({ key }) as ListRow);

it('a row goes in and out of the selection, which itself is left as it was', () => {
  const before = new Set(['a']);
  expect([...toggleKey(before, 'b')]).toEqual(['a', 'b']);
  expect([...toggleKey(before, 'a')]).toEqual([]);
  expect([...before]).toEqual(['a']);
});

it.each([
  [1, 2, 'abc'],
  [3, 2, 'acd'],
  [-1, 0, 'a'],
  [4, 5, 'ae'],
])('from %i to %i every row is selected beside what was: %s', (from, to, keys) => {
  expect([...moveSelection(new Set(['a']), rows, from, to)].join('')).toBe(keys);
});
