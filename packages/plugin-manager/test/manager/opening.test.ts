import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPluginFacade } from '../../src/node/facade.ts';
import type { PluginManagerEvent } from '../../src/node/plugin-manager-interface.ts';
import { createStoreOpener } from '../../src/node/store-opener.ts';
import type { PluginStore } from '../../src/node/store/plugin-store.ts';
import { createWorld, type World } from './manager-world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.dispose());

it('a store that cannot be opened at first is opened by a later call, and its changes are heard of from then on', async () => {
  world.publish('app', { version: '1.0.0' });
  const obstacle = join(world.root, 'lock', 'store.db');
  await mkdir(join(world.root, 'lock'));
  await writeFile(obstacle, 'no lock file, and longer than the header of one'.repeat(10));
  const manager = world.open();
  const heard: PluginManagerEvent[] = [];
  manager.events.subscribe((event) => void heard.push(event));
  await expect(manager.list()).rejects.toMatchObject({ code: 'E_STORE' });
  await rm(obstacle);
  await manager.install('hub:acme/app');
  expect(await manager.list()).toMatchObject([{ status: 'ok' }]);
  const other = world.open();
  await other.setEnabled('hub:acme/app', false);
  const generation = await other.generation();
  await vi.waitFor(() => {
    expect(heard.at(-1)).toEqual({ type: 'changed', generation });
  });
});

it('a store is opened once for all who ask, and anew after a failure; none is once it was left', async () => {
  const dispose = vi.fn(() => Promise.resolve());
  const store = { dispose } as unknown as PluginStore;
  const openStore = vi.fn(() => Promise.resolve(store)).mockRejectedValueOnce(new Error('busy'));
  const opener = createStoreOpener(openStore, () => undefined);
  const first = [opener.open(), opener.open()];
  for (const one of first) await expect(one).rejects.toThrow('busy');
  expect(await Promise.all([opener.open(), opener.open()])).toEqual([store, store]);
  expect(openStore).toHaveBeenCalledTimes(2);
  await opener.dispose();
  expect(dispose).toHaveBeenCalledOnce();
  const late = createStoreOpener(openStore, () => undefined);
  await late.dispose();
  await expect(late.open()).rejects.toMatchObject({ code: 'E_CANCELLED' });
});

it('a folder of somebody else is listed, and neither a change nor a sync writes there or takes anything away', async () => {
  world.publish('app', { version: '1.0.0' });
  const root = join(world.root, 'home');
  const theirs = ['trash/photo.jpg', 'staging/site.html', 'cache/thesis.txt', 'by-hand/package.json', 'plugins.yaml'];
  for (const path of theirs) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), 'plugins: [{ id: "hub:acme/app" }]');
  }
  const before = (await readdir(root, { recursive: true })).sort();
  const listed = [{ folderName: 'by-hand', managed: false }];
  expect(await createPluginFacade().list(root)).toMatchObject(listed);
  const manager = world.open({ root });
  const refusal = { code: 'E_UNMANAGED' };
  await expect(manager.install('hub:acme/app')).rejects.toMatchObject(refusal);
  await expect(manager.sync({ file: join(root, 'plugins.yaml') })).rejects.toMatchObject(refusal);
  await expect(manager.repair()).rejects.toMatchObject(refusal);
  expect(await manager.list()).toMatchObject(listed);
  expect(await manager.runtime()).toMatchObject({ plugins: [] });
  await manager.dispose();
  expect((await readdir(root, { recursive: true })).sort()).toEqual(before);
});
