import { expect, it } from 'vitest';
import { leftIn } from './left-code.ts';

it('what was removed and has run is left; what is listed is not, whether it runs or not', () => {
  const evaluated = new Map([
    ['hub:acme/a', 'A'],
    ['hub:acme/b', 'B'],
  ]);
  expect(leftIn(evaluated, [{ id: 'hub:acme/b', title: 'B' }])).toEqual(['A']);
  expect(leftIn(evaluated, [{ id: 'hub:acme/b', title: 'a' }])).toEqual(['A (hub:acme/a)']);
  expect(
    leftIn(
      evaluated,
      [...evaluated].map(([id, title]) => ({ id, title })),
    ),
  ).toEqual([]);
  expect(leftIn(undefined, [])).toEqual([]);
});
