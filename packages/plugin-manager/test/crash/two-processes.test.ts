import { afterEach, beforeEach, expect, it } from 'vitest';
import { emptyState, stateTransition } from '../../src/core/state/transitions.ts';
import { countOf } from '../support/scale.ts';
import { createCrashWorld, type CrashWorld } from './crash-world.ts';

const operations = countOf('PLUGIN_PROCESS_OPERATIONS', { everyday: 25, full: 100 });

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
