import fc from 'fast-check';
import { expect, it } from 'vitest';
import { timings } from '../protocol/timings.ts';
import { backoffMs } from './backoff.ts';

it('[G5] draws evenly from 0 to 250 ms × 2^n, at most 20 s', () => {
  const largest = Array.from({ length: 9 }, (_, attempt) => backoffMs(attempt, 1, timings));
  expect(largest).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  expect(backoffMs(3, 0, timings)).toBe(0);
  expect(backoffMs(3, 0.25, timings)).toBe(500);
});

it('[G5] obeys retryAfterMs as the least wait, with the jitter on top', () => {
  expect(backoffMs(2, 0, timings, 5_000)).toBe(5_000);
  expect(backoffMs(2, 0.5, timings, 5_000)).toBe(5_500);
});

it('[G5] stays within its bounds for every attempt', () => {
  const attempt = fc.integer({ min: 0, max: 1_000_000 });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(attempt, random, fc.nat(60_000), (n, drawn, retryAfterMs) => {
      const waitMs = backoffMs(n, drawn, timings, retryAfterMs);
      expect(waitMs).toBeGreaterThanOrEqual(retryAfterMs);
      expect(waitMs).toBeLessThanOrEqual(retryAfterMs + timings.backoffMaxMs);
    }),
  );
});
