import { expect, it } from 'vitest';
import { createManualClock } from './manual-clock.ts';

it('stands still until it is told to move, and tells both kinds of time', () => {
  const clock = createManualClock({ now: 5_000 });
  expect([clock.now(), clock.monotonicNow()]).toEqual([5_000, 0]);
  clock.advance(250);
  expect([clock.now(), clock.monotonicNow()]).toEqual([5_250, 250]);
});

it('runs due timers in the order of their time, those that they set included, each at its own time', () => {
  const clock = createManualClock({ now: 0 });
  const ran: string[] = [];
  clock.setTimeout(() => ran.push(`late ${String(clock.now())}`), 30);
  clock.setTimeout(() => {
    ran.push(`early ${String(clock.now())}`);
    clock.setTimeout(() => ran.push(`nested ${String(clock.now())}`), 5);
    clock.setTimeout(() => ran.push('not yet'), 50);
  }, 10);
  clock.setTimeout(() => ran.push('same time, set later'), 10);
  expect(clock.pending).toBe(3);
  clock.advance(40);
  expect(ran).toEqual(['early 10', 'same time, set later', 'nested 15', 'late 30']);
  expect([clock.now(), clock.pending]).toEqual([40, 1]);
});

it('forgets a timer that is cleared, also by an earlier timer of the same moment', () => {
  const clock = createManualClock();
  const ran: string[] = [];
  clock.setTimeout(() => {
    clock.clearTimeout(second);
  }, 10);
  const second = clock.setTimeout(() => ran.push('second'), 10);
  clock.advance(10);
  expect(ran).toEqual([]);
  expect(clock.pending).toBe(0);
});

it('never runs a timer of 0 ms within the call that sets it', () => {
  const clock = createManualClock();
  let ran = false;
  clock.setTimeout(() => {
    ran = true;
  }, 0);
  expect(ran).toBe(false);
  clock.advance(0);
  expect(ran).toBe(true);
});

it('lets promises settle between timers when it advances asynchronously', async () => {
  const clock = createManualClock({ now: 0 });
  const ran: number[] = [];
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      clock.setTimeout(resolve, ms);
    });
  const loop = (async () => {
    for (let round = 0; round < 3; round += 1) {
      await Promise.resolve().then(() => sleep(10));
      ran.push(clock.now());
    }
  })();
  await clock.advanceAsync(25);
  expect(ran).toEqual([10, 20]);
  await clock.advanceAsync(5);
  await loop;
  expect(ran).toEqual([10, 20, 30]);
});
