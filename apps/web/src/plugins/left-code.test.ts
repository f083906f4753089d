import { expect, it } from 'vitest';
import { leftIn } from './left-code.ts';

it('what was removed and has run is left; what is listed is not, whether it runs or not', () => {
  const evaluated = new Map([
    ['hub:acme/a', 'A'],
    ['hub:acme/b', 'B'],
  ]);
  expect(leftIn(evaluated, [{ id: 'hub:acme/b' }])).toEqual(['A']);
  expect(leftIn(evaluated, [{ id: 'hub:acme/a' }, { id: 'hub:acme/b' }])).toEqual([]);
  expect(leftIn(undefined, [])).toEqual([]);
});
