import { expect, it } from 'vitest';
import { sparklinePaths } from './sparkline-path.ts';

it('a sparkline ends at the right edge with its newest value, and leaves out what is older than its span', () => {
  const points = [0, 1000, 2000, 3000].map((at) => ({ at, value: at / 1000 }));
  expect(sparklinePaths(points, 2000, 3).line).toBe('M0.0 34.0L120.0 18.0L240.0 2.0');
});

it('a sparkline is interrupted where samples are missing', () => {
  const points = [0, 1000, 5000, 6000].map((at) => ({ at, value: 1 }));
  expect(sparklinePaths(points, 6000, 1).line.match(/M/g)).toHaveLength(2);
});

it('a sparkline of nothing is empty, one of zeros lies at the bottom, and one beyond its maximum stays inside', () => {
  expect(sparklinePaths([], 1000, 1)).toEqual({ line: '', area: '' });
  expect(sparklinePaths([{ at: 0, value: 0 }], 1000, 0).line).toBe('M240.0 50.0');
  expect(sparklinePaths([{ at: 0, value: 9 }], 1000, 1).line).toBe('M240.0 2.0');
});
