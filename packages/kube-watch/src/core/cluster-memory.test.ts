import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it } from 'vitest';
import { createKubeBackoff } from './cluster-memory.ts';

function steps(random: number, count: number): number[] {
  const clock = createManualClock();
  const backoff = createKubeBackoff(clock, () => random);
  return Array.from({ length: count }, () => {
    const waitMs = backoff.failed();
    clock.advance(60_000);
    return waitMs;
  });
}

it('[W11] the steps double from 0.8 s to 30 s, half of each drawn', () => {
  expect(steps(1, 8)).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  expect(steps(0, 8)).toEqual([400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000]);
});

it('[W11] begins anew after two minutes of health, and not before', () => {
  const clock = createManualClock();
  const backoff = createKubeBackoff(clock, () => 1);
  const failAfterHealth = (ms: number) => {
    backoff.succeeded();
    clock.advance(ms);
    return backoff.failed();
  };
  expect(backoff.failed()).toBe(800);
  expect(failAfterHealth(119_999)).toBe(1600);
  expect(failAfterHealth(120_000)).toBe(800);
});

it('[W11] a hundred targets that lose the same cluster at once are one outage', () => {
  const clock = createManualClock();
  const backoff = createKubeBackoff(clock, () => 1);
  for (let target = 0; target < 100; target += 1) expect(backoff.failed()).toBe(800);
  clock.advance(800);
  for (let target = 0; target < 100; target += 1) {
    expect(backoff.failed()).toBe(1600);
    clock.advance(1);
  }
});
