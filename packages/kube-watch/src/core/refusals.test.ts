import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it } from 'vitest';
import { createRefusals, type Refusable } from './refusals.ts';

/** Targets that are refused, each at once again while `isRefused`. */
function start(count: number, random = 1) {
  const clock = createManualClock();
  const refusals = createRefusals(clock, () => random);
  const world = { clock, refusals, isRefused: true, asked: [] as (readonly [target: number, at: number])[] };
  const targets: Refusable[] = Array.from({ length: count }, (_, index) =>
    refusals.join(() => {
      const target = targets[index] as Refusable;
      world.asked.push([index, clock.monotonicNow() / 1000]);
      target.left();
      if (world.isRefused) target.refused();
      else target.admitted();
    }),
  );
  for (const target of targets) target.refused();
  return { ...world, world, targets };
}

it('[W7] one that a 401 stopped asks after 30 s × 2ⁿ, at most 5 min, half of each drawn', () => {
  for (const [random, times] of [
    [1, [30, 90, 210, 450, 750, 1050]],
    [0, [15, 45, 105, 225, 375, 525]],
  ] as const) {
    const { clock, asked } = start(1, random);
    for (let second = 0; second <= times[5]; second += 5) clock.advance(5_000);
    expect(asked.slice(0, 6).map(([, at]) => at)).toEqual(times);
  }
});

it('[W7] of many one asks at a time, in turns, and the first that is answered calls the others', () => {
  const { clock, asked, world } = start(3);
  for (let second = 0; second < 450; second += 5) clock.advance(5_000);
  expect(asked).toEqual([
    [0, 30],
    [1, 90],
    [2, 210],
    [0, 450],
  ]);
  world.isRefused = false;
  clock.advance(300_000);
  expect(asked.slice(4)).toEqual([
    [1, 750],
    [2, 750],
    [0, 750],
  ]);
  expect(clock.pending).toBe(0);
});

it('[W7] renewed credentials let all ask at once, though not again within 30 s, and then surely', () => {
  const { clock, refusals, asked, world } = start(2);
  clock.advance(10_000);
  refusals.renewed();
  expect(asked.map(([, at]) => at)).toEqual([10, 10]);
  world.isRefused = false;
  for (let second = 10; second < 40; second += 2) {
    refusals.renewed();
    clock.advance(2_000);
  }
  expect(asked.map(([, at]) => at)).toEqual([10, 10, 40, 40]);
});

it('[W7] what is let in and refused in turns keeps the steps, until two minutes were without a refusal', () => {
  const { clock, targets, asked } = start(1);
  const [target] = targets as [Refusable];
  clock.advance(30_000);
  target.left();
  target.admitted();
  clock.advance(119_999);
  target.refused();
  clock.advance(120_000);
  expect(asked.map(([, at]) => at)).toEqual([30, 269.999]);
  target.left();
  target.admitted();
  clock.advance(120_000);
  target.refused();
  clock.advance(30_000);
  expect(asked.length).toBe(3);
});

it('[W7] nothing is timed where nobody waits', () => {
  const { clock, refusals, targets } = start(2);
  for (const target of targets) target.left();
  refusals.renewed();
  expect(clock.pending).toBe(0);
});
