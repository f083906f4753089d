import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { installFixture } from '../../../test/store/store-fixture.ts';
import { injectFaults } from '../../testing/fault-injector.ts';
import { nodeFileSystem } from './file-system.ts';
import { openPluginStore, type PluginStoreOptions } from './open-plugin-store.ts';
import type { PluginStore } from './plugin-store.ts';

const pluginId = 'hub:repo/clock';
const folderName = 'hub~repo~clock';
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: vi.fn(), error: vi.fn() };
const opened: PluginStore[] = [];
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'recover-store-'));
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.dispose();
  await rm(root, { recursive: true });
});

async function openStore(options: Partial<PluginStoreOptions> = {}): Promise<PluginStore> {
  const store = await openPluginStore({ root, now: () => 1_000, logger, ...options });
  opened.push(store);
  return store;
}

/** A disk on which what is called so can be neither moved nor removed: it belongs to somebody else. */
function diskWith(name: string, code: string) {
  return injectFaults(nodeFileSystem, ({ name: step, path }) => {
    if (['rename', 'remove', 'removeEmptyFolder'].includes(step) && path.split('/').includes(name))
      throw Object.assign(new Error(`${code}: injected`), { code });
  });
}

it.each(['EACCES', 'EBUSY', 'EIO'])(
  'what was thrown away or abandoned and cannot be removed (%s) holds nothing else up, and is told of',
  async (code) => {
    logger.warn.mockClear();
    for (const name of ['a-stuck', 'b', 'c']) {
      await mkdir(join(root, 'trash', name), { recursive: true });
      await mkdir(join(root, 'staging', name), { recursive: true });
    }
    const store = await openStore({ fileSystem: diskWith('a-stuck', code) });
    expect(await readdir(join(root, 'trash'))).toEqual(['a-stuck']);
    expect(await readdir(join(root, 'staging'))).toEqual(['a-stuck']);
    expect(logger.warn).toHaveBeenCalledTimes(2);
    await installFixture(store, { pluginId, version: '1.0.0' });
    await store.setPinned(pluginId, true);
    expect((await store.list()).managed).toMatchObject([{ status: 'ok', installed: { isPinned: true } }]);
  },
);

it('a lock of a process that is no lock file any more holds nothing up', async () => {
  await mkdir(join(root, 'lock'));
  await writeFile(join(root, 'lock', '0123456789abcdef.db'), 'no database, and longer than its header'.repeat(40));
  await installFixture(await openStore(), { pluginId, version: '1.0.0' });
});

it.each(['EACCES', 'EIO'])(
  'a build that no state names and that cannot be moved (%s) keeps no other plugin from being changed',
  async (code) => {
    const first = await openStore();
    const stray = (await installFixture(first, { pluginId, version: '1.0.0' })).active.build;
    const state = await first.state();
    await installFixture(first, { pluginId: 'hub:repo/other', version: '1.0.0' });
    const { 'hub:repo/other': other } = (await first.state()).plugins;
    await first.dispose();
    const plugins = { 'hub:repo/other': other };
    await writeFile(join(root, 'state.json'), JSON.stringify({ ...state, plugins }));
    await mkdir(join(root, 'store', 'hub~repo~empty'));
    const store = await openStore({ fileSystem: diskWith(folderName, code) });
    await store.setPinned('hub:repo/other', true);
    expect(await readdir(join(root, 'store'))).toEqual([folderName, 'hub~repo~other']);
    expect(await readdir(join(root, 'store', folderName))).toEqual([stray]);
    // Once it can be, it is.
    await openStore();
    expect(await readdir(join(root, 'store'))).toEqual(['hub~repo~other']);
  },
);
