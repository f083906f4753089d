import { expect, it } from 'vitest';
import { isOlder } from './version-order.ts';

it('versions are ordered as Semantic Versioning orders them', () => {
  // The example of section 11, and numbers that no word orders.
  const alphas = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11'];
  const ordered = [...alphas, '1.0.0-rc.1', '1.0.0', '1.9.0', '1.10.0', '2.0.0'];
  for (const [index, version] of ordered.entries()) {
    for (const [otherIndex, other] of ordered.entries()) {
      expect([version, other, isOlder(version, other)]).toEqual([version, other, index < otherIndex]);
    }
  }
});

it('what follows a plus does not count, and what is no version has no order', () => {
  expect(isOlder('1.0.0+a', '1.0.0+b')).toBe(false);
  expect(isOlder('old', '1.0.0')).toBe(false);
  expect(isOlder('1.0.0', 'new')).toBe(false);
});
