import { expect, test } from 'vitest';
import { nextRunAt, parseCron } from './cron.ts';

const next = (schedule: string, after: string) => {
  const parsed = parseCron(schedule);
  const at = parsed && nextRunAt(parsed, Date.parse(after));
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
};

test.each([
  ['*/5 * * * *', '2026-03-02T09:00:00Z', '2026-03-02T09:05'],
  ['* * * * *', '2026-03-02T09:00:59Z', '2026-03-02T09:01'],
  ['0 3 * * *', '2026-03-02T09:00:00Z', '2026-03-03T03:00'],
  ['30 8-10 * * 1-5', '2026-03-06T10:30:00Z', '2026-03-09T08:30'],
  ['0 0 29 2 *', '2026-03-02T09:00:00Z', '2028-02-29T00:00'],
  ['0 0 13 * 5', '2026-03-02T09:00:00Z', '2026-03-06T00:00'],
  ['0 0 * * 7', '2026-03-02T09:00:00Z', '2026-03-08T00:00'],
  ['@hourly', '2026-03-02T09:00:00Z', '2026-03-02T10:00'],
  ['10,20/20 * * * *', '2026-03-02T09:20:00Z', '2026-03-02T09:40'],
])('%s after %s is %s', (schedule, after, expected) => {
  expect(next(schedule, after)).toBe(expected);
});

test('what is no schedule is refused', () => {
  for (const text of ['', '* * * *', '60 * * * *', '*/0 * * * *', '5-1 * * * *', 'x * * * *']) {
    expect(parseCron(text)).toBeUndefined();
  }
});

test('a day that never comes is found out', () => {
  expect(next('0 0 31 2 *', '2026-03-02T09:00:00Z')).toBeUndefined();
});
