import { expect, test } from 'vitest';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { createWorkLoop, type Controller } from './work-loop.ts';

function setUp(reconcile: (key: string) => number | undefined) {
  const clock = createManualClock();
  const errors: unknown[] = [];
  const loop = createWorkLoop(clock, (error) => errors.push(error));
  const seen: string[] = [];
  const controller: Controller = {
    name: 'test',
    reconcile: (key) => {
      seen.push(key);
      return reconcile(key);
    },
  };
  return { clock, loop, seen, errors, controller };
}

test('a key that is queued often in a short time is looked at once, in the order of the queue', () => {
  const { clock, loop, seen, controller } = setUp(() => undefined);
  for (const key of ['a', 'b', 'a', 'a']) loop.enqueue(controller, key);
  expect(seen).toEqual([]);
  clock.advance(100);
  expect(seen).toEqual(['a', 'b']);
  expect(loop.depth).toBe(0);
});

test('a key is looked at again when its controller asks for it, at the earliest time that was named', () => {
  let again: number | undefined = 1_000;
  const { clock, loop, seen, controller } = setUp(() => again);
  loop.enqueue(controller, 'a');
  clock.advance(100);
  again = undefined;
  loop.enqueue(controller, 'a', 5_000);
  clock.advance(900);
  expect(seen).toEqual(['a']);
  clock.advance(200);
  expect(seen).toEqual(['a', 'a']);
  clock.advance(10_000);
  expect(seen).toEqual(['a', 'a']);
});

test('a controller that throws is reported and tries again, and others go on', () => {
  const { clock, loop, seen, errors, controller } = setUp((key) => {
    if (key === 'bad' && seen.length < 3) throw new Error('not yet');
    return undefined;
  });
  loop.enqueue(controller, 'bad');
  loop.enqueue(controller, 'good');
  clock.advance(100);
  expect(seen).toEqual(['bad', 'good']);
  clock.advance(2_000);
  expect(seen).toEqual(['bad', 'good', 'bad']);
  expect(errors).toEqual([new Error('not yet')]);
});

test('a controller that fails on and on is tried ever more rarely, told once, and at once again after it succeeded', () => {
  let isBroken = true;
  const { clock, loop, seen, errors, controller } = setUp(() => {
    if (isBroken) throw new Error('broken');
    return undefined;
  });
  loop.enqueue(controller, 'a');
  clock.advance(3_600_000);
  // 1, 2, 4, … 256 s, then every 5 min.
  expect(seen.length).toBeGreaterThan(15);
  expect(seen.length).toBeLessThan(25);
  expect(errors).toHaveLength(1);

  isBroken = false;
  seen.length = 0;
  loop.enqueue(controller, 'a');
  clock.advance(1_100);
  expect(seen).toEqual(['a']);
  loop.enqueue(controller, 'a');
  clock.advance(20);
  expect(seen).toEqual(['a', 'a']);
});

test('a controller whose own writes queue its key again does not spin when it fails', () => {
  const { clock, loop, seen, controller } = setUp((key) => {
    loop.enqueue(controller, key);
    throw new Error('broken after a write');
  });
  loop.enqueue(controller, 'a');
  clock.advance(10_000);
  expect(seen.length).toBeLessThan(13);
});

test('more work than fits a turn leaves the others their turn, and is all done', () => {
  const { clock, loop, seen, controller } = setUp(() => undefined);
  for (let number = 0; number < 1_000; number++) loop.enqueue(controller, String(number));
  clock.advance(20);
  expect(seen.length).toBeLessThan(1_000);
  clock.advance(100);
  expect(seen).toHaveLength(1_000);
});

test('a stopped loop does nothing more', () => {
  const { clock, loop, seen, controller } = setUp(() => 10);
  loop.enqueue(controller, 'a');
  loop.stop();
  clock.advance(1_000);
  expect(seen).toEqual([]);
});
