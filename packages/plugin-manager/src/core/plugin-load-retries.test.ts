import { expect, it } from 'vitest';
import { fetchRetryMs } from './plugin-load-retries.ts';

it('waits twice as long each time, with up to as much again twice on top, and gives up after three', () => {
  const waits = [0, 1, 2, 3].map((retry) => [fetchRetryMs(retry, 0, undefined), fetchRetryMs(retry, 1, undefined)]);
  expect(waits).toEqual([
    [500, 1_500],
    [1_000, 3_000],
    [2_000, 6_000],
    [undefined, undefined],
  ]);
});

it('never waits less than the server asks for, and not at all for what takes more than ten seconds', () => {
  expect([fetchRetryMs(0, 0, 10_000), fetchRetryMs(2, 1, 10_000), fetchRetryMs(0, 0, 10_001)]).toEqual([
    10_000,
    14_000,
    undefined,
  ]);
  expect(fetchRetryMs(0, 0, 0)).toBe(0);
});
