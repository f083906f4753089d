import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
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
