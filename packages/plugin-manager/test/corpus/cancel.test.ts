import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { systemClock, type Clock } from '@fleetwire/websocket-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { InstallResult } from '../../src/node/install-pipeline.ts';
import type { Operation } from '../../src/node/operation.ts';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { PluginError, pluginPhases, type PluginPhase } from '../../src/protocol/error.ts';
import { archiveOf, createWorld, pluginId, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.dispose());

/** So many files that a cancel may come between two. */
const archive = archiveOf(
  '1.1.0',
  {},
  Array.from({ length: 12 }, (_, at) => ({ path: `plugin/f${at}.js`, body: Buffer.alloc(20_000, `${at}`) })),
);

/** What the store holds; its cache may have the archive, whose bytes are those that the catalog named. */
async function placesOf(): Promise<readonly string[]> {
  return [...(await world.snapshot()).keys()].filter((path) => !path.includes('/cache/'));
}

/** The phase that an update was cancelled in; undefined where it was done before. Then it is rolled back. */
async function cancelledIn(manager: PluginManager, update: Operation<InstallResult>): Promise<PluginPhase | undefined> {
  const error: unknown = await update.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) {
    expect((await manager.get(pluginId)).installed.active.version).toBe('1.1.0');
    expect(await manager.verify(pluginId)).toMatchObject({ isIntact: true });
    await manager.rollback(pluginId);
  } else expect(error).toMatchObject({ code: 'E_CANCELLED', pluginId });
  await world.expectOldVersion(manager);
  return error instanceof PluginError ? error.phase : undefined;
}

it('a cancel in each phase before the commit leaves the old version and nothing staged; from there on it is too late', async () => {
  let left = Number.POSITIVE_INFINITY;
  let update: Operation<InstallResult> | undefined;
  // Each phase that begins asks the clock.
  const clock: Clock = {
    ...systemClock,
    monotonicNow: () => {
      left -= 1;
      if (left === 0) update?.cancel();
      return systemClock.monotonicNow();
    },
  };
  const manager = world.open({ archive, clock });
  const before = await placesOf();
  const phases = new Set<PluginPhase>();
  // A cancel as the commit begins would be one in `compat`.
  const early = pluginPhases.filter((phase) => !['compat', 'commit', 'cleanup'].includes(phase));
  const isMissing = () => early.some((phase) => !phases.has(phase));
  // How often the clock is asked while bytes come depends on the machine, so that a phase may be passed over.
  for (let sweep = 0; sweep < 5 && isMissing(); sweep += 1) {
    for (let late = 0, at = 1; late < 3; at += 1) {
      await rm(join(world.root, 'cache'), { recursive: true });
      await mkdir(join(world.root, 'cache'));
      left = at;
      update = manager.update(pluginId);
      const phase = await cancelledIn(manager, update);
      if (phase === undefined) late += 1;
      else phases.add(phase);
      expect(await placesOf()).toEqual(before);
    }
  }
  await manager.dispose();
  expect([...phases]).toEqual(expect.arrayContaining(early));
});

it('a cancel at any time leaves the old version and nothing staged, or comes too late', async () => {
  const manager = world.open({ archive });
  const before = await placesOf();
  const phases = new Set<PluginPhase>();
  for (let late = 0, turns = 0; late < 3; turns = Math.ceil(turns * 1.1) + 1) {
    const update = manager.update(pluginId);
    for (let at = 0; at < turns; at += 1) await turn();
    update.cancel();
    const phase = await cancelledIn(manager, update);
    if (phase === undefined) late += 1;
    else phases.add(phase);
    expect(await placesOf()).toEqual(before);
  }
  await manager.dispose();
  expect(phases.size).toBeGreaterThan(1);
});
