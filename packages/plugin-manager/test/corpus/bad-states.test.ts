import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderNameOf } from '../../src/core/state/folder-names.ts';
import { tryLock } from '../../src/node/store/store-lock.ts';
import { badRollbacks, badStates } from './bad-states.ts';
import { expectedOf } from './table.ts';
import { createWorld, pluginId, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.dispose());

describe('nothing is changed in a store with', () => {
  it.each(badStates.map((one) => [one.name, one] as const))('%s', async (name, { damage }) => {
    const { codes, phase } = expectedOf(name);
    const refusal = { code: codes[0], phase };
    const good = join(world.folder, 'state.json');
    await cp(join(world.root, 'state.json'), good);
    await damage(world.root);
    const before = await world.snapshot();
    const manager = world.open();
    await expect(manager.update(pluginId)).rejects.toMatchObject(refusal);
    await expect(manager.install(pluginId)).rejects.toMatchObject(refusal);
    await expect(manager.uninstall(pluginId)).rejects.toMatchObject({ code: codes[0] });
    await expect(manager.setEnabled(pluginId, false)).rejects.toMatchObject({ code: codes[0] });
    await expect(manager.list()).rejects.toMatchObject(refusal);
    expect(await world.snapshot()).toEqual(before);
    await manager.dispose();
    expect(await readdir(join(world.root, 'staging'))).toEqual([]);

    if (codes[0] === 'E_STATE_CORRUPT') {
      const mended = world.open();
      expect(await mended.repair()).toMatchObject({ isRebuilt: true, plugins: [pluginId], broken: [] });
      await world.expectOldVersion(mended);
      expect((await mended.get(pluginId)).installed.isEnabled).toBe(false);
      await mended.dispose();
    } else {
      await rename(good, join(world.root, 'state.json'));
      const newer = world.open();
      await world.expectOldVersion(newer);
      await newer.dispose();
    }
  });
});

describe('the newer version stays active after', () => {
  it.each(badRollbacks.map((one) => [one.name, one] as const))('%s', async (name, { damage }) => {
    const { codes, phase } = expectedOf(name);
    const manager = world.open();
    const old = (await manager.get(pluginId)).installed.active.build;
    await manager.update(pluginId);
    await damage(join(world.root, 'store', folderNameOf(pluginId), old));
    const before = await world.snapshot();
    await expect(manager.rollback(pluginId)).rejects.toMatchObject({ code: codes[0], phase });
    expect(await world.snapshot()).toEqual(before);
    expect((await manager.get(pluginId)).installed.active.version).toBe('1.1.0');
    expect(await manager.verify(pluginId)).toMatchObject({ isIntact: true });
    await manager.dispose();
  });
});

describe('edited files of the active version', () => {
  it('are told by verify, not served, and gone with the next update', async () => {
    const manager = world.open();
    const { build } = (await manager.get(pluginId)).installed.active;
    const files = join(world.root, 'store', folderNameOf(pluginId), build, 'files');
    await writeFile(join(files, 'main.js'), 'fetch("https://evil.test/")');
    await rm(join(files, 'package.json'));
    expect(await manager.verify(pluginId)).toMatchObject({
      isIntact: false,
      changed: ['main.js'],
      missing: ['package.json'],
    });
    await expect(manager.openFile(pluginId, build, 'main.js')).rejects.toMatchObject({ code: 'E_FILES_CHANGED' });
    await manager.update(pluginId);
    expect(await manager.verify(pluginId)).toMatchObject({ isIntact: true });
    await expect(manager.rollback(pluginId)).rejects.toMatchObject({ code: 'E_FILES_CHANGED' });
    await manager.dispose();
  });
});

describe('locks', () => {
  it('that a killed process left hold nobody up', async () => {
    await writeFile(join(world.root, 'lock', '0123456789abcdef.db'), '');
    await cp(join(world.root, 'lock', 'store.db'), join(world.root, 'lock', 'store.db-journal'));
    const manager = world.open();
    expect((await manager.update(pluginId)).installed.active.version).toBe('1.1.0');
    await manager.dispose();
    expect(await readdir(join(world.root, 'lock'))).not.toContain('0123456789abcdef.db');
  });

  it('that another holds are waited for, and then the old version is the active one', async () => {
    const { codes, phase } = expectedOf('a lock that another holds');
    const manager = world.open();
    await world.expectOldVersion(manager);
    const before = await world.snapshot();
    const lock = tryLock(join(world.root, 'lock', 'store.db'));
    await expect(manager.setPinned(pluginId, true)).rejects.toMatchObject({ code: codes[0], phase, retryable: true });
    expect(await world.snapshot()).toEqual(before);
    lock?.release();
    await world.expectOldVersion(manager);
    await manager.dispose();
  });
});
