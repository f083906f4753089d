import { expect, it } from 'vitest';
import { titleOf } from './plugin-title.ts';

const clock = { id: 'lab:e2e/clock', title: 'Clock' };

it('a title that is another plugin’s, too, is told with the id', () => {
  expect(titleOf(clock, [clock, { id: 'lab:e2e/notes', title: 'Notes' }])).toBe('Clock');
  expect(titleOf(clock, [clock, { id: 'lab:e2e/fake', title: 'Clock' }])).toBe('Clock (lab:e2e/clock)');
});

it('titles that look alike are the same', () => {
  for (const title of ['clock', ' Clock ', 'Ｃｌｏｃｋ', 'Cl\u200dock', 'Clock\u034f', 'Clock\ufe0f', '\u3164Clock']) {
    expect(titleOf(clock, [{ id: 'lab:e2e/fake', title }])).toBe('Clock (lab:e2e/clock)');
  }
});
