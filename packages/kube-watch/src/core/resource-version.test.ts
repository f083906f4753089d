import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareResourceVersions } from './resource-version.ts';

it('[W15] orders unbounded decimals as numbers', () => {
  expect(compareResourceVersions('9', '10')).toBeLessThan(0);
  expect(compareResourceVersions('10', '9')).toBeGreaterThan(0);
  expect(compareResourceVersions('10', '10')).toBe(0);
  expect(compareResourceVersions('0', '1')).toBeLessThan(0);
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), fc.bigInt({ min: 0n, max: 2n ** 200n }), (a, b) => {
      const order = compareResourceVersions(String(a), String(b));
      expect(Math.sign(order as number)).toBe(a === b ? 0 : a < b ? -1 : 1);
    }),
  );
});

it('[W15] says nothing but equality of what is no decimal', () => {
  for (const text of ['', 'abc', '1a', '-1', '01', '1.5', '１'])
    expect([text, compareResourceVersions(text, '5'), compareResourceVersions('5', text)]).toEqual([
      text,
      undefined,
      undefined,
    ]);
  expect(compareResourceVersions('abc', 'abc')).toBe(0);
});
