import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { installFixture, stageFixture } from '../../../test/store/store-fixture.ts';
import { injectFaults } from '../../testing/fault-injector.ts';
import { nodeFileSystem } from './file-system.ts';
import { openPluginStore, type PluginStoreOptions } from './open-plugin-store.ts';
import type { PluginStore } from './plugin-store.ts';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: vi.fn() };
const pluginId = 'hub:repo/clock';
const folderName = 'hub~repo~clock';
const opened: PluginStore[] = [];
let folder: string;
let root: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start-store-'));
  root = join(folder, 'root');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.dispose();
  await rm(folder, { recursive: true });
});

async function openStore(options: Partial<PluginStoreOptions> = {}): Promise<PluginStore> {
  const store = await openPluginStore({ root, now: () => 1_700_000_000_000, logger, ...options });
  opened.push(store);
  return store;
}

/** A disk that cannot be written to until it is told. */
function failingDisk(code: string) {
  const writes = new Set(['makeFolder', 'write', 'append', 'rename', 'remove', 'removeEmptyFolder']);
  const disk = { isFailing: true };
  const fileSystem = injectFaults(nodeFileSystem, ({ name }) => {
    if (disk.isFailing && writes.has(name)) throw Object.assign(new Error(`${code}: injected`), { code });
  });
  return { disk, fileSystem };
}

it('a state that is made anew has a generation that nobody can take for an old one', async () => {
  const store = await openStore();
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) await installFixture(store, { pluginId, version });
  const { generation } = await store.state();
  await writeFile(join(root, 'state.json'), '{');
  expect(await store.repair()).toMatchObject({ isRebuilt: true });
  expect((await store.state()).generation).toBeGreaterThan(generation);
});

it('the folder of a new store is brought to the disk before anything is in it', async () => {
  root = join(folder, 'new', 'root');
  const steps: string[] = [];
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    if (name === 'makeFolder' || name === 'sync') steps.push(`${name} ${path}`);
  });
  await openStore({ fileSystem });
  expect(steps.slice(0, 5)).toEqual([
    `makeFolder ${join(folder, 'new')}`,
    `sync ${folder}`,
    `makeFolder ${root}`,
    `sync ${join(folder, 'new')}`,
    `makeFolder ${join(root, 'lock')}`,
  ]);
});

it.each([
  ['ENOSPC', 'E_STORE_FULL'],
  ['EROFS', 'E_STORE_UNWRITABLE'],
])(
  'a new store on a disk that says %s is empty, refuses changes, and begins with the first that can be made',
  async (system, code) => {
    // Below a link: where the root is made later is where it is looked for.
    await mkdir(join(folder, 'disk'));
    await symlink('disk', join(folder, 'link'));
    root = join(folder, 'link', 'root');
    const { disk, fileSystem: failing } = failingDisk(system);
    const synced = new Set<string>();
    const fileSystem = injectFaults(failing, ({ name, path }) => {
      if (name === 'sync') synced.add(path);
    });
    const store = await openStore({ fileSystem });
    expect(await store.list()).toEqual({ generation: 0, managed: [], unmanaged: [] });
    expect((await store.state()).plugins).toEqual({});
    await expect(installFixture(store, { pluginId, version: '1.0.0' })).rejects.toMatchObject({ code, pluginId });
    await expect(store.uninstall(pluginId)).rejects.toMatchObject({ code });
    expect(await readdir(join(folder, 'disk'))).toEqual([]);
    disk.isFailing = false;
    synced.clear();
    const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
    expect(synced).toContain(join(folder, 'disk'));
    expect((await store.list()).managed).toMatchObject([{ pluginId, status: 'ok' }]);
    (await store.openFile(pluginId, active.build, 'dist/main.js')).content.destroy();
  },
);

it.each([
  ['ENOSPC', 'E_STORE_FULL'],
  ['EROFS', 'E_STORE_UNWRITABLE'],
])(
  'a store that was opened while its disk said %s is put in order by the first change that it takes',
  async (system, code) => {
    const first = await openStore();
    await installFixture(first, { pluginId, version: '1.0.0' });
    const { active } = await installFixture(first, { pluginId, version: '2.0.0' });
    await installFixture(first, { pluginId: 'hub:repo/other', version: '1.0.0' });
    await rm(join(root, 'store', folderName, active.build), { recursive: true });
    await first.dispose();
    await mkdir(join(root, 'staging', '0123456789abcdef'));
    const { disk, fileSystem } = failingDisk(system);
    const onRecovered = vi.fn(() => Promise.resolve());
    const store = await openStore({ fileSystem, onRecovered });
    const listed = async () =>
      (await store.list()).managed.map(({ status, installed }) => [status, installed.active.version]);
    expect(await listed()).toEqual([
      ['broken', '2.0.0'],
      ['ok', '1.0.0'],
    ]);
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(store.setPinned('hub:repo/other', true)).rejects.toMatchObject({ code });
    expect(onRecovered).not.toHaveBeenCalled();
    disk.isFailing = false;
    await store.setPinned('hub:repo/other', true);
    expect(await listed()).toEqual([
      ['ok', '1.0.0'],
      ['ok', '1.0.0'],
    ]);
    expect(await readdir(join(root, 'staging'))).toEqual([]);
    const recovered = [{ pluginId, from: { version: '2.0.0' }, to: { version: '1.0.0' } }];
    expect(onRecovered).toHaveBeenCalledOnce();
    expect(onRecovered.mock.calls[0]).toMatchObject([recovered, { audit: expect.any(Function) as unknown }]);
  },
);

it('a state.json that is gone while receipts are damaged is told of, and a repair names what is lost', async () => {
  const first = await openStore();
  const { active } = await installFixture(first, { pluginId, version: '1.0.0' });
  await rm(join(root, 'state.json'));
  await writeFile(join(root, 'store', folderName, active.build, 'receipt.json'), '{}');
  // Of the one that runs, and of the next one.
  for (const store of [first, await openStore()]) {
    await expect(store.list()).rejects.toMatchObject({ code: 'E_STATE_CORRUPT' });
    await expect(installFixture(store, { pluginId, version: '2.0.0' })).rejects.toMatchObject({
      code: 'E_STATE_CORRUPT',
    });
  }
  expect(await readdir(root)).not.toContain('state.json');
  expect(await readdir(join(root, 'store', folderName))).toEqual([active.build]);
  const store = await openStore();
  expect(await store.repair()).toEqual({ isRebuilt: true, plugins: [], broken: [pluginId], rolledBack: [] });
  expect((await store.list()).unmanaged).toMatchObject([{ folderName }]);
  await installFixture(store, { pluginId, version: '1.0.0' });
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
});

it('what a repair takes back to an earlier version is told of, as by a start', async () => {
  const warn = vi.fn();
  const onRecovered = vi.fn(() => Promise.resolve());
  const store = await openStore({ onRecovered, logger: { ...logger, warn } });
  for (const version of ['1.0.0', '2.0.0']) await installFixture(store, { pluginId, version });
  const { [pluginId]: installed } = (await store.state()).plugins;
  await rm(join(root, 'store', folderName, installed?.active.build ?? ''), { recursive: true });
  const rolledBack = [{ pluginId, from: '2.0.0', to: '1.0.0' }];
  expect(await store.repair()).toEqual({ isRebuilt: false, plugins: [pluginId], broken: [], rolledBack });
  const recovered = [{ pluginId, from: { version: '2.0.0' }, to: { version: '1.0.0' } }];
  expect(onRecovered.mock.calls).toMatchObject([[recovered, { audit: expect.any(Function) as unknown }]]);
  expect(warn.mock.calls).toMatchObject([[{ pluginId }, expect.stringContaining('the one before it') as string]]);
  await store.repair();
  expect(onRecovered).toHaveBeenCalledOnce();
});

it('a repair names what the opening took back, once, and not what was changed since', async () => {
  const first = await openStore();
  for (const id of [pluginId, 'hub:repo/other'])
    for (const version of ['1.0.0', '2.0.0']) await installFixture(first, { pluginId: id, version });
  for (const { active } of Object.values((await first.state()).plugins))
    for (const name of [folderName, 'hub~repo~other'])
      await rm(join(root, 'store', name, active.build), { recursive: true, force: true });
  await first.dispose();
  const store = await openStore();
  await installFixture(store, { pluginId: 'hub:repo/other', version: '3.0.0' });
  expect((await store.repair()).rolledBack).toEqual([{ pluginId, from: '2.0.0', to: '1.0.0' }]);
  expect((await store.repair()).rolledBack).toEqual([]);
});

it('a repair puts back what a process that is no more had moved away, and touches nothing that is being staged', async () => {
  const store = await openStore();
  for (const version of ['1.0.0', '2.0.0']) await installFixture(store, { pluginId, version });
  const { [pluginId]: installed } = (await store.state()).plugins;
  const build = installed?.active.build ?? '';
  const place = join(root, 'staging', '0123456789abcdef', '1');
  await mkdir(place, { recursive: true });
  await rename(join(root, 'store', folderName, build), join(place, 'displaced'));
  const [staging, receipt] = await stageFixture(store, { pluginId, version: '3.0.0' });
  await store.repair();
  expect((await store.list()).managed).toMatchObject([{ status: 'ok', installed: { active: { build } } }]);
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
  const publisher = { repositoryId: receipt.repositoryId, packageName: receipt.packageName };
  expect((await store.commit(staging, receipt, () => ({ publisher }))).active.version).toBe('3.0.0');
});

it('what stood in the place of state.json is kept by each repair, whatever the one before it kept', async () => {
  const store = await openStore();
  await installFixture(store, { pluginId, version: '1.0.0' });
  const stateFile = join(root, 'state.json');
  const kept = join(root, 'state.corrupt.json');
  for (const round of [1, 2]) {
    await rename(stateFile, join(folder, `state-${String(round)}.json`));
    await mkdir(join(stateFile, 'x'), { recursive: true });
    expect(await store.repair()).toMatchObject({ isRebuilt: true, plugins: [pluginId] });
    expect(await readdir(kept)).toEqual(['x']);
  }
  await writeFile(stateFile, '{');
  expect(await store.repair()).toMatchObject({ isRebuilt: true, plugins: [pluginId] });
  expect(await readFile(kept, 'utf8')).toBe('{');
});

it('a state that is made anew is newer than the one before also where the clock went back', async () => {
  const store = await openStore({ now: () => 1_000 });
  await installFixture(store, { pluginId, version: '1.0.0' });
  const state = await store.state();
  const text = JSON.stringify({ ...state, generation: 1_700_000_000_000 }, undefined, 2);
  await writeFile(join(root, 'state.json'), text.slice(0, -10));
  await store.repair();
  expect((await store.state()).generation).toBe(1_700_000_000_001);
});

it('a disk that is taken away from a store that runs is no store without plugins', async () => {
  const store = await openStore();
  await installFixture(store, { pluginId, version: '1.0.0' });
  await rename(root, join(folder, 'away'));
  await mkdir(root);
  await expect(store.list()).rejects.toMatchObject({ code: 'E_STATE_CORRUPT' });
  await expect(store.state()).rejects.toMatchObject({ code: 'E_STATE_CORRUPT' });
  await expect(store.setPinned(pluginId, true)).rejects.toMatchObject({ phase: 'commit' });
  expect(await readdir(root)).toEqual([]);
  await rm(root, { recursive: true });
  await rename(join(folder, 'away'), root);
  await store.setPinned(pluginId, true);
  expect((await store.list()).managed).toMatchObject([{ status: 'ok', installed: { isPinned: true } }]);
});

it('an older program removes nothing from a store whose state is newer', async () => {
  await (await openStore()).dispose();
  await writeFile(join(root, 'state.json'), '{"schemaVersion":2}');
  const theirs = ['trash/0123456789abcdef-1/x', 'staging/0123456789abcdef/1/x', 'state.json.draft'];
  for (const path of theirs) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), '');
  }
  const store = await openStore();
  for (const change of [() => store.repair(), () => store.setPinned(pluginId, true)])
    await expect(change()).rejects.toMatchObject({ code: 'E_STATE_NEWER' });
  await store.dispose();
  const found = await readdir(root, { recursive: true });
  expect(found).toEqual(expect.arrayContaining(theirs));
});
