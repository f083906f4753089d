import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PluginError } from '../../protocol/error.ts';
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
let folder: string;
let root: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recover-store-'));
  root = join(folder, 'root');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.dispose();
  await rm(folder, { recursive: true });
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
    const stuck = '0123456789abcdef';
    for (const token of [stuck, '1123456789abcdef', '2123456789abcdef'])
      for (const name of [`trash/${token}-1/${token}`, `staging/${token}`])
        await mkdir(join(root, name), { recursive: true });
    const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
      const isStuck = path === join(root, 'trash', `${stuck}-1`) || path === join(root, 'staging', stuck);
      if (name === 'remove' && isStuck) throw Object.assign(new Error(`${code}: injected`), { code });
    });
    const store = await openStore({ fileSystem });
    expect(await readdir(join(root, 'trash'))).toEqual([`${stuck}-1`]);
    expect(await readdir(join(root, 'staging'))).toEqual([stuck]);
    expect(logger.warn).toHaveBeenCalledTimes(2);
    await installFixture(store, { pluginId, version: '1.0.0' });
    await store.setPinned(pluginId, true);
    expect((await store.list()).managed).toMatchObject([{ status: 'ok', installed: { isPinned: true } }]);
  },
);

it('a start goes back to a version to which somebody added a file, and removes that', async () => {
  const first = await openStore();
  const { active: old } = await installFixture(first, { pluginId, version: '1.0.0' });
  const { active } = await installFixture(first, { pluginId, version: '2.0.0' });
  await first.dispose();
  await rm(join(root, 'store', folderName, active.build), { recursive: true });
  await writeFile(join(root, 'store', folderName, old.build, 'files', '.DS_Store'), '');
  const store = await openStore();
  expect((await store.list()).managed).toMatchObject([
    { status: 'ok', installed: { active: { build: old.build }, previous: [] } },
  ]);
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
});

it('a lock of a process that is no lock file any more holds nothing up', async () => {
  await mkdir(join(root, 'lock'), { recursive: true });
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

/** A disk on which nothing is done any more so many steps after it was told, as after the end of a process. */
function diskThatEnds() {
  const disk = { stepsLeft: Number.POSITIVE_INFINITY };
  const fileSystem = injectFaults(nodeFileSystem, () => {
    disk.stepsLeft -= 1;
    if (disk.stepsLeft < 0) throw Object.assign(new Error('EIO: the process has ended'), { code: 'EIO' });
  });
  return { disk, fileSystem };
}

/** A store that has everything that a start puts right; gives the build that is to be active then. */
async function leaveBehind(): Promise<string> {
  const store = await openStore();
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  const { active: lost } = await installFixture(store, { pluginId, version: '2.0.0' });
  const before = await readFile(join(root, 'state.json'));
  await installFixture(store, { pluginId: 'hub:repo/orphan', version: '1.0.0' });
  await store.dispose();
  await writeFile(join(root, 'state.json'), before);
  await rm(join(root, 'store', folderName, lost.build), { recursive: true });
  await mkdir(join(root, 'store', 'hub~repo~empty'));
  await mkdir(join(root, 'trash', '0123456789abcdef-1'));
  await mkdir(join(root, 'staging', '0123456789abcdef'));
  await writeFile(join(root, 'lock', '0123456789abcdef.db'), '');
  await writeFile(join(root, 'state.json.draft'), '{');
  return active.build;
}

async function expectInOrder(build: string): Promise<void> {
  const store = await openStore();
  const { managed, unmanaged } = await store.list();
  expect(managed).toMatchObject([{ pluginId, status: 'ok', installed: { active: { build }, previous: [] } }]);
  expect(unmanaged).toEqual([]);
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
  await store.dispose();
  const found = await Promise.all(['store', 'trash', 'staging', 'lock'].map((name) => readdir(join(root, name))));
  expect(found).toEqual([[folderName], [], [], ['store.db']]);
}

it('a start that is cut off at any step, and the next one too, is brought to its end by the one after', async () => {
  const build = await leaveBehind();
  const left = join(folder, 'left');
  await rename(root, left);
  let steps = 0;
  for (let isPast = false; !isPast; steps += 1) {
    await rm(root, { recursive: true, force: true });
    await cp(left, root, { recursive: true });
    for (const share of [1, 0.7]) {
      const { disk, fileSystem } = diskThatEnds();
      disk.stepsLeft = Math.floor(steps * share);
      await openStore({ fileSystem }).catch(() => undefined);
      if (share === 1) isPast = disk.stepsLeft >= 0;
    }
    await expectInOrder(build);
  }
  expect(steps).toBeGreaterThan(20);
});

it('a repair that is cut off at any step leaves what the next one brings to its end', async () => {
  const build = await leaveBehind();
  await rm(join(root, 'store', 'hub~repo~orphan'), { recursive: true });
  await writeFile(join(root, 'state.json'), '{"schemaVersion":1,"generation":7,');
  await mkdir(join(root, 'state.corrupt.json'));
  const left = join(folder, 'left');
  await rename(root, left);
  let steps = 0;
  for (let isPast = false; !isPast; steps += 1) {
    await rm(root, { recursive: true, force: true });
    await cp(left, root, { recursive: true });
    const { disk, fileSystem } = diskThatEnds();
    const store = await openStore({ fileSystem });
    disk.stepsLeft = steps;
    await store.repair().catch(() => undefined);
    isPast = disk.stepsLeft >= 0;
    const next = await openStore();
    const { generation } = await next.state().catch(async (error: unknown) => {
      expect(error).toMatchObject({ code: 'E_STATE_CORRUPT' });
      expect(await next.repair()).toMatchObject({ isRebuilt: true, plugins: [pluginId] });
      return next.state();
    });
    expect(generation).toBeGreaterThan(7);
    await next.dispose();
    await expectInOrder(build);
  }
  expect(steps).toBeGreaterThan(10);
});

/** A store of three versions, of which the active one is gone; gives the builds of the others, newest first. */
async function loseActive(): Promise<readonly [string, string]> {
  const store = await openStore();
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await installFixture(store, { pluginId, version });
  const { [pluginId]: installed } = (await store.state()).plugins;
  await store.dispose();
  await rm(join(root, 'store', folderName, installed?.active.build ?? ''), { recursive: true });
  const [second, first] = installed?.previous ?? [];
  return [second?.build ?? '', first?.build ?? ''];
}

async function versionsOf(store: PluginStore): Promise<readonly (string | undefined)[]> {
  const { [pluginId]: installed } = (await store.state()).plugins;
  return [installed?.active.version, ...(installed?.previous ?? []).map(({ version }) => version)];
}

it.each(['EMFILE', 'EIO'])(
  'a version that cannot be read (%s) while a start looks for one to go back to is passed over, and kept',
  async (code) => {
    const [second] = await loseActive();
    let isFailing = true;
    const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
      if (!isFailing || name !== 'entries' || !path.endsWith(`${second}/files`)) return;
      isFailing = false;
      throw Object.assign(new Error(`${code}: injected`), { code });
    });
    const store = await openStore({ fileSystem });
    expect(await versionsOf(store)).toEqual(['1.0.0', '2.0.0']);
    expect((await store.rollback(pluginId)).active.version).toBe('2.0.0');
    expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
  },
);

it('a version that may not be loaded is passed over by a start, and kept', async () => {
  const [second, first] = await loseActive();
  const refusal = new PluginError('E_SOURCE_DENIED', 'its source is denied', { phase: 'policy', pluginId });
  const store = await openStore({ loadingRefusal: ({ version }) => (version === '2.0.0' ? refusal : undefined) });
  expect(await versionsOf(store)).toEqual(['1.0.0', '2.0.0']);
  expect(await readdir(join(root, 'store', folderName))).toEqual([first, second]);
});

it('a version that is damaged is passed over by a start, and removed, whether it may be loaded or not', async () => {
  const [second, first] = await loseActive();
  await rm(join(root, 'store', folderName, second, 'files', 'dist'), { recursive: true });
  const refusal = new PluginError('E_SOURCE_DENIED', 'its source is denied', { phase: 'policy', pluginId });
  const store = await openStore({ loadingRefusal: ({ version }) => (version === '2.0.0' ? refusal : undefined) });
  expect(await versionsOf(store)).toEqual(['1.0.0']);
  expect(await readdir(join(root, 'store', folderName))).toEqual([first]);
});

it('what a start took back is told of also where the store cannot be looked at afterwards', async () => {
  await loseActive();
  let isReplaced = false;
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    if (name === 'rename' && path.endsWith('state.json.draft')) isReplaced = true;
    if (!isReplaced || name !== 'entries' || path !== join(root, 'store')) return;
    isReplaced = false;
    throw Object.assign(new Error('EMFILE: injected'), { code: 'EMFILE' });
  });
  const onRecovered = vi.fn(() => Promise.resolve());
  logger.warn.mockClear();
  await openStore({ fileSystem, onRecovered });
  expect(onRecovered.mock.calls).toMatchObject([[[{ pluginId, to: { version: '2.0.0' } }], {}]]);
  expect(logger.warn).toHaveBeenCalledWith(
    { err: expect.objectContaining({ code: 'EMFILE' }) as unknown, count: 1 },
    expect.stringContaining('it stays'),
  );
});
