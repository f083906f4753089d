import { createManualClock } from '@fleetwire/websocket-core/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PluginManagerEvent } from '../../src/node/plugin-manager-interface.ts';
import { createWorld, type World } from './manager-world.ts';

vi.mock('node:fs', async (original) => ({
  ...(await original<object>()),
  watch: () => {
    throw Object.assign(new Error('no space left for watches'), { code: 'ENOSPC' });
  },
}));

/** For machines that do much else. */
const patience = 10_000;
let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.dispose());

it('a change is found by a look from time to time where the file system tells nothing', async () => {
  const clock = createManualClock();
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const manager = world.open({ clock, logger });
  const heard: PluginManagerEvent[] = [];
  const undo = manager.events.subscribe((event) => heard.push(event));
  await vi.waitFor(() => {
    expect(heard).toEqual([{ type: 'changed', generation: 0 }]);
    expect(logger.warn).toHaveBeenCalledWith(expect.anything(), expect.stringContaining('cannot be watched'));
  }, patience);
  world.publish('flux', { version: '1.0.0' });
  await world.open().install('hub:acme/flux');
  expect(heard).toHaveLength(1);
  clock.advance(10_000);
  await vi.waitFor(() => {
    expect(heard.at(-1)).toEqual({ type: 'changed', generation: 1 });
  }, patience);
  expect(clock.pending).toBeGreaterThan(0);
  undo();
  expect(clock.pending).toBe(0);
});
