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
  for (const title of ['Clock\u2800', 'Clock\u0001', 'Clock\u0085', 'Clo\u2800ck', 'Clock\uffa0']) {
    expect(titleOf(clock, [{ id: 'lab:e2e/fake', title }])).toBe('Clock (lab:e2e/clock)');
  }
  const cafe = { id: 'lab:e2e/cafe', title: 'Caf\u00e9' };
  for (const title of ['Cafe\u0301', 'Cafe\u200d\u0301', 'Cafe\u0001\u0301']) {
    expect(titleOf(cafe, [{ id: 'lab:e2e/fake', title }])).toBe('Caf\u00e9 (lab:e2e/cafe)');
  }
  expect(titleOf(cafe, [{ id: 'lab:e2e/fake', title: 'Cafe' }])).toBe('Caf\u00e9');
});
