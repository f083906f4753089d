import { expect, it } from 'vitest';
import { cutReadme, maxReadmeLength } from './cut-readme.ts';

it('a README that is too long is cut at the end of a line, and one without lines where it must be', () => {
  expect(cutReadme('short')).toEqual({ shown: 'short', isCut: false });
  const lines = 'a line\n'.repeat(20_000);
  const { shown, isCut } = cutReadme(lines);
  expect(isCut).toBe(true);
  expect(shown.length).toBeLessThanOrEqual(maxReadmeLength);
  expect(shown.endsWith('a line')).toBe(true);
  expect(cutReadme('x'.repeat(4_194_304)).shown).toHaveLength(maxReadmeLength);
});

it('one that the server has cut already is said to be cut, however short it is', () => {
  expect(cutReadme('short', true)).toEqual({ shown: 'short', isCut: true });
  expect(cutReadme('x'.repeat(maxReadmeLength), true)).toMatchObject({ isCut: true });
  expect(cutReadme('short', false).isCut).toBe(false);
});
