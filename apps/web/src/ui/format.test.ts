import { expect, it } from 'vitest';
import { formatAge, formatAgo, formatBytes, formatDuration, formatMs } from './format.ts';

it.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [349_200_000, '4 d 1 h'],
  [-5, '0 s'],
])('%i ms last %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it.each([
  [0, 'now'],
  [12_900, '12 s ago'],
  [200_000, '3 min ago'],
])('%i ms are %s', (ms, text) => {
  expect(formatAgo(ms)).toBe(text);
});

it.each([
  [-5, '0s'],
  [45_000, '45s'],
  [119_000, '119s'],
  [330_000, '5m30s'],
  [540_000, '9m'],
  [3_600_000, '60m'],
  [5 * 3_600_000 + 120_000, '5h2m'],
  [36 * 3_600_000, '36h'],
  [52 * 3_600_000, '2d4h'],
  [100 * 86_400_000, '100d'],
  [760 * 86_400_000, '2y30d'],
])('an age of %i ms is %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

it.each([
  [512, '512 B'],
  [1023, '1023 B'],
  [1024, '1.00 KiB'],
  [90_400_000, '86.2 MiB'],
  [1_073_700_000, '1.00 GiB'],
  [734_003_200, '700 MiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it('milliseconds have a digit after the point while it matters', () => {
  expect([formatMs(0.04), formatMs(12.34), formatMs(120.4)]).toEqual(['0.0 ms', '12.3 ms', '120 ms']);
});
