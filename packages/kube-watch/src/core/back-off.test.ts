import { expect, it } from 'vitest';
import { retryAfterMsOf } from './back-off.ts';

it('[W4] waits as long as an API says, within reason: never less than a back-off, never for ever', () => {
  expect(retryAfterMsOf(7)).toBe(7_000);
  // Beyond what a timer takes, a wait would be none.
  expect(retryAfterMsOf(9_999_999_999)).toBe(300_000);
  expect(retryAfterMsOf(0.001)).toBe(800);
  for (const bad of [0, -1, NaN, Infinity, 'soon', '5', null, undefined, {}, [5]]) {
    expect(retryAfterMsOf(bad)).toBeUndefined();
  }
});
