import { afterEach, beforeEach, expect, it } from 'vitest';
import { mulberry32 } from '../store/mulberry32.ts';
import { countOf } from '../support/scale.ts';
import { createCrashWorld, type CrashWorld } from './crash-world.ts';

const kills = countOf('PLUGIN_STORE_KILLS', { everyday: 20, full: 200 });
/** Operations of a process, and steps of the disk that it takes for its start and at least for its operations. */
const operations = 12;
const stepsOfStart = 12;
const stepsOfWork = 130;

let world: CrashWorld;
beforeEach(async () => {
  world = await createCrashWorld();
});
afterEach(() => world.dispose());

it(
  `of ${kills} managers that are killed at any step, or at any time, each leaves what the next start puts in order`,
  async () => {
    const random = mulberry32(11);
    let killed = 0;
    let survived = 0;
    let before = await world.expectInOrder();
    for (let seed = 1; killed < kills; seed += 1) {
      expect(seed).toBeLessThan(kills * 3);
      const isByStep = seed % 4 !== 0;
      const killAt = isByStep ? Math.floor(random() * (seed % 8 === 1 ? stepsOfStart : stepsOfWork)) : undefined;
      const delayMs = random() * 150;
      const { signal, code, errors, done } = await world.work({ seed, operations, killAt }, (child) => {
        if (!isByStep) setTimeout(() => child.kill('SIGKILL'), delayMs);
      });
      expect([signal, code], errors).toEqual(signal === 'SIGKILL' ? ['SIGKILL', null] : [null, 0]);
      if (signal === 'SIGKILL') killed += 1;
      const after = await world.expectInOrder();
      // What was said to be done is on the disk, and at most one operation more.
      expect(after.generation - before.generation).toBeGreaterThanOrEqual(done.length);
      expect(after.generation - before.generation).toBeLessThanOrEqual(done.length + 1);
      survived += done.length;
      before = after;
    }
    expect(survived).toBeGreaterThan(kills / 2);
  },
  60_000 + kills * 5_000,
);
