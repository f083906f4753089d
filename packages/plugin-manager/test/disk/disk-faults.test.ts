// Before everything else: whoever comes later has the calls that it wraps.
import { beforeEachDiskStep, systemError } from '../support/disk-steps.ts';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { isFull } from '../support/scale.ts';
import { archiveOf, createWorld, pluginId, type World } from '../corpus/world.ts';

let world: World;
let manager: PluginManager;
beforeEach(async () => {
  world = await createWorld();
  manager = world.open({ archive });
});
afterEach(async () => {
  beforeEachDiskStep(() => undefined);
  await manager.dispose();
  await world.dispose();
});

const archive = archiveOf('1.1.0', {}, [
  { path: 'plugin/a.js', body: 'export {};' },
  { path: 'plugin/dist/b.js', body: Buffer.alloc(100_000, 'b') },
]);

/** What came of an update in which each step from `first` to `last` failed, counted from 0. */
async function updateWithFaults(system: string, first: number, last: number) {
  let steps = 0;
  beforeEachDiskStep(() => {
    steps += 1;
    if (steps > first && steps <= last + 1) throw systemError(system);
  });
  const error: unknown = await manager.update(pluginId).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  beforeEachDiskStep(() => undefined);
  return { error, isPast: steps <= first };
}

/** The old version or the new one is active, and whole; gives which. */
async function activeVersion(): Promise<string> {
  const { status, installed } = await manager.get(pluginId);
  expect(status).toBe('ok');
  expect(await manager.verify(pluginId)).toMatchObject({ isIntact: true });
  return installed.active.version;
}

async function stagedPlaces(): Promise<readonly string[]> {
  const staging = join(world.root, 'staging');
  const places = await Promise.all((await readdir(staging)).map((token) => readdir(join(staging, token))));
  return places.flat();
}

/** What the system says, what it becomes, and which steps it is said at: each, or each third. */
type Fault = readonly [system: string, code: string, stride: number];
const everyday: readonly Fault[] = [
  ['ENOSPC', 'E_STORE_FULL', 1],
  ['EROFS', 'E_STORE_UNWRITABLE', 3],
  ['EACCES', 'E_STORE_UNWRITABLE', 3],
  ['EMFILE', 'E_STORE', 3],
];
const full: readonly Fault[] = [
  ...everyday.map(([system, code]): Fault => [system, code, 1]),
  ['EDQUOT', 'E_STORE_FULL', 1],
  ['EIO', 'E_STORE', 1],
];

describe.each(isFull ? full : everyday)('%s at any change of the disk, which is %s', (system, code, stride) => {
  beforeEach(async () => {
    // Such a failure of the start is one of the whole store; after the others it is open for reading.
    if (code === 'E_STORE') await manager.list();
  });

  it('once: leaves the old version or the new one, whole, and nothing staged', async () => {
    const seen = new Set<string>();
    for (let step = 0, isPast = false; !isPast; step += stride) {
      const update = await updateWithFaults(system, step, step);
      isPast = update.isPast;
      if (update.error !== undefined) expect(update.error, `step ${step}`).toMatchObject({ code, pluginId });
      const version = await activeVersion();
      seen.add(`${version} ${update.error === undefined ? 'done' : 'failed'}`);
      if (isPast) expect([version, update.error]).toEqual(['1.1.0', undefined]);
      if (version === '1.0.0') await world.expectOldVersion(manager);
      else await manager.rollback(pluginId);
      // What could not be removed is gone with the next start at the latest.
      if (update.error !== undefined && (await stagedPlaces()).length > 0) {
        await manager.dispose();
        manager = world.open({ archive });
        await manager.list();
      }
      expect(await stagedPlaces()).toEqual([]);
    }
    expect([...seen]).toEqual(expect.arrayContaining(['1.0.0 failed', '1.1.0 done']));
  });

  it('and all after it: leaves the old version or the new one, whole, and the next start mends the rest', async () => {
    for (let step = 0, isPast = false; !isPast; step += 3) {
      const update = await updateWithFaults(system, step, Number.POSITIVE_INFINITY);
      isPast = update.isPast;
      if (update.error !== undefined) expect(update.error, `step ${step}`).toMatchObject({ code, pluginId });
      await activeVersion();
      await manager.dispose();
      manager = world.open({ archive });
      if ((await activeVersion()) !== '1.0.0') await manager.rollback(pluginId);
      await world.expectOldVersion(manager);
      expect(await readdir(join(world.root, 'trash'))).toEqual([]);
      expect(await stagedPlaces()).toEqual([]);
    }
  });
});
