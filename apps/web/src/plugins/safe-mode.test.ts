import { expect, it } from 'vitest';
import { asksForSafeMode } from './safe-mode.ts';

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
