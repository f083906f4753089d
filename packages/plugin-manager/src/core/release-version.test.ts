import { expect, it } from 'vitest';
import { isSameVersion, newestFirst } from './release-version.ts';

it('orders versions by precedence, builds after it, and leaves out what is none', () => {
  const versions = ['1.9.0', 'v2', '1.10.0-rc.1', '1.10.0+1', '1.10.0', '1.10.0+2'].map((version) => ({ version }));
  const order = newestFirst(versions).map(({ item }) => item.version);
  expect(order).toEqual(['1.10.0+2', '1.10.0+1', '1.10.0', '1.10.0-rc.1', '1.9.0']);
});

it('takes builds for the same version, and prereleases for another', () => {
  expect(isSameVersion('1.0.0+1', '1.0.0+2')).toBe(true);
  expect(isSameVersion('1.0.0', '1.0.0+2')).toBe(true);
  expect(isSameVersion('1.0.0-1', '1.0.0')).toBe(false);
  expect(isSameVersion('none', 'none')).toBe(true);
  expect(isSameVersion('none', '1.0.0')).toBe(false);
});
