import { expect, it } from 'vitest';
import { catalogDetailsOf } from './plugin-views.ts';

const shown = (readme: string | undefined) => {
  const item = { ref: { source: 'a', repo: 'b', name: 'c' }, title: '', description: '', version: '1.0.0' };
  return catalogDetailsOf({ ...item, repositoryId: 'r', readme, versions: [] }, undefined, new Map());
};

it.each([
  ['nothing', undefined],
  ['64 KiB', 'x'.repeat(65_536)],
  ['64 KiB of characters outside of the first plane', '😀'.repeat(16_384)],
])('gives the whole of a README of %s', (_, readme) => {
  const { readme: given, readmeIsCut: isCut } = shown(readme);
  expect([given, isCut]).toEqual([readme, undefined]);
});

it.each([
  ['x'.repeat(4_000_000), 'x'.repeat(65_536)],
  [`x${'😀'.repeat(16_384)}`, `x${'😀'.repeat(16_383)}`],
  [`${'x'.repeat(65_535)}ü`, 'x'.repeat(65_535)],
])('gives of a longer README 64 KiB, says so, and ends it within no character', (long, readme) => {
  expect(shown(long)).toMatchObject({ readme, readmeIsCut: true });
});
