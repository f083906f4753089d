import { afterEach, beforeEach, expect, it } from 'vitest';
import { emptyState, stateTransition } from '../../src/core/state/transitions.ts';
import { mulberry32 } from '../store/mulberry32.ts';
import { countOf } from '../support/scale.ts';
import { createCrashWorld, type CrashWorld } from './crash-world.ts';

const operations = countOf('PLUGIN_PROCESS_OPERATIONS', { everyday: 25, full: 100 });
/** Times that one of two is killed. */
const rounds = countOf('PLUGIN_PROCESS_ROUNDS', { everyday: 4, full: 50 });

let world: CrashWorld;
beforeEach(async () => {
  world = await createCrashWorld();
});
afterEach(() => world.dispose());

it(
  `${operations} operations of each of two managers come to what one would have made of them, in some order`,
  async () => {
    const ended = await Promise.all([21, 22].map((seed) => world.work({ seed, operations })));
    for (const { code, errors } of ended) expect(code, errors).toBe(0);
    const changes = ended.flatMap(({ done }) => done).sort((left, right) => left.generation - right.generation);
    // By the generations there is one order; each of its operations has the effect that it has alone.
    let state = emptyState;
    for (const { generation, event } of changes) {
      const isFirst = event.type === 'update' && !Object.hasOwn(state.plugins, event.pluginId);
      state = stateTransition(state, isFirst ? { ...event, type: 'install', isEnabled: true } : event).state;
      expect(state.generation).toBe(generation);
    }
    expect(ended.every(({ done }) => done.length > 0)).toBe(true);
    expect(changes.length).toBeGreaterThan(operations / 2);
    expect(await world.expectInOrder()).toEqual(state);
  },
  60_000 + operations * 2_000,
);

it(
  'a manager goes on while another one is killed beside it',
  async () => {
    const random = mulberry32(5);
    let before = await world.expectInOrder();
    for (let round = 1; round <= rounds; round += 1) {
      const killAt = 12 + Math.floor(random() * 100);
      const [killed, living] = await Promise.all([
        world.work({ seed: round, operations: 12, killAt }),
        world.work({ seed: 1_000 + round, operations: 12 }),
      ]);
      expect([killed.code, killed.signal], killed.errors).toEqual(killed.code === 0 ? [0, null] : [null, 'SIGKILL']);
      expect(living.code, living.errors).toBe(0);
      const after = await world.expectInOrder();
      const done = killed.done.length + living.done.length;
      expect(after.generation - before.generation).toBeGreaterThanOrEqual(done);
      expect(after.generation - before.generation).toBeLessThanOrEqual(done + 1);
      before = after;
    }
  },
  60_000 + rounds * 5_000,
);
