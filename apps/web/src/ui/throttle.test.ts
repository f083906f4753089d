import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Throttle } from './throttle.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function create() {
  const seen: number[] = [];
  return { seen, throttle: new Throttle<number>(500, (value) => seen.push(value)) };
}

it('the first passes at once, then the last of each interval, and none is lost', () => {
  const { seen, throttle } = create();
  for (let value = 0; value < 20; value += 1) {
    throttle.offer(value);
    vi.advanceTimersByTime(100);
  }
  expect(seen).toEqual([0, 4, 9, 14, 19]);
  vi.advanceTimersByTime(5_000);
  expect(seen).toEqual([0, 4, 9, 14, 19]);
  throttle.offer(20);
  expect(seen.at(-1)).toBe(20);
});

it('nothing passes while it is held, and the last that came does afterwards', () => {
  const { seen, throttle } = create();
  throttle.hold(true);
  throttle.offer(1);
  throttle.offer(2);
  vi.advanceTimersByTime(5_000);
  expect(seen).toEqual([]);
  throttle.hold(false);
  throttle.hold(false);
  expect(seen).toEqual([2]);
});

it('nothing passes after the end', () => {
  const { seen, throttle } = create();
  throttle.offer(1);
  throttle.offer(2);
  throttle.dispose();
  vi.advanceTimersByTime(5_000);
  expect(seen).toEqual([1]);
});
