import { expect, it } from 'vitest';
import { asksForSafeMode, enterSafeMode, leaveSafeMode } from './safe-mode.ts';

it.each([
  ['?safe-mode=1', true],
  ['?resource=v1/pods&safe-mode=1', true],
  ['?next=%2Fimages%3Fsafe-mode%3D1', true],
  ['?safe-mode=0', false],
  ['?next=%2Fimages', false],
  ['', false],
])('%j asks for safe mode: %s', (search, isSafe) => {
  expect(asksForSafeMode(search)).toBe(isSafe);
});

function storage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

it('safe mode outlives the loads of a tab, until somebody leaves it', () => {
  const tab = storage();
  expect(enterSafeMode('', () => tab)).toBe(false);
  expect(enterSafeMode('?safe-mode=1', () => tab)).toBe(true);
  expect(enterSafeMode('', () => tab)).toBe(true);
  expect(enterSafeMode('', () => storage())).toBe(false);
  leaveSafeMode(() => tab);
  expect(enterSafeMode('', () => tab)).toBe(false);
});

it('without storage the address alone says it', () => {
  const forbidden = (): never => {
    throw new DOMException('no', 'SecurityError');
  };
  expect(enterSafeMode('?safe-mode=1', forbidden)).toBe(true);
  expect(enterSafeMode('', forbidden)).toBe(false);
  leaveSafeMode(forbidden);
});
