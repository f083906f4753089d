import { describe, expect, it } from 'vitest';
import { KeyedBuckets } from './token-bucket.ts';

describe('KeyedBuckets', () => {
  it('lets a burst through, then tells how long to wait, each key for itself', () => {
    let now = 0;
    const buckets = new KeyedBuckets({ burst: 2, refillMs: 1000 }, () => now);
    expect([buckets.take('a'), buckets.take('a'), buckets.take('a')]).toEqual([0, 0, 1000]);
    expect(buckets.take('b')).toBe(0);
    now = 400;
    expect(buckets.take('a')).toBe(600);
    now = 1000;
    expect([buckets.take('a'), buckets.take('a')]).toEqual([0, 1000]);
    buckets.giveBack('a');
    expect(buckets.take('a')).toBe(0);
  });

  it('never holds more than its burst', () => {
    let now = 0;
    const buckets = new KeyedBuckets({ burst: 1, refillMs: 10 }, () => now);
    buckets.giveBack('a');
    now = 1_000_000;
    expect([buckets.take('a'), buckets.take('a')]).toEqual([0, 10]);
  });

  it('remembers 10,000 keys and forgets those that are full again first', () => {
    let now = 0;
    const buckets = new KeyedBuckets({ burst: 1, refillMs: 1000 }, () => now);
    for (let index = 0; index < 9_999; index += 1) buckets.take(`calm-${String(index)}`);
    now = 1000;
    buckets.take('busy');
    buckets.take('one more');
    expect(buckets.take('busy')).toBe(1000);
  });
});
