import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { installFixture } from '../../../test/store/store-fixture.ts';
import { PluginError } from '../../protocol/error.ts';
import { injectFaults } from '../../testing/fault-injector.ts';
import { nodeFileSystem } from './file-system.ts';
import { openPluginStore, type PluginStoreOptions } from './open-plugin-store.ts';
import type { PluginStore } from './plugin-store.ts';

const pluginId = 'hub:repo/clock';
const folderName = 'hub~repo~clock';
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const opened: PluginStore[] = [];
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'store-changes-'));
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

const ignore = () => undefined;
const fault = (code: string) => Object.assign(new Error(`${code}: injected`), { code });
const foldersIn = (...path: readonly string[]) => readdir(join(root, ...path)).catch(() => []);

async function versionsOf(store: PluginStore): Promise<readonly (string | undefined)[]> {
  const { [pluginId]: installed } = (await store.state()).plugins;
  return [installed?.active.version, ...(installed?.previous ?? []).map(({ version }) => version)];
}

/** A store of three versions, and a disk that fails to read the files of some of them, once it is told. */
async function openWithUnreadable(code: string, ...unreadable: readonly string[]) {
  const disk = { isFailing: false };
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    const isOfThese = unreadable.some((version) => path.includes(`/${version}-`) && path.endsWith('/files'));
    if (disk.isFailing && name === 'entries' && isOfThese) throw fault(code);
  });
  const store = await openStore({ fileSystem });
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await installFixture(store, { pluginId, version });
  disk.isFailing = true;
  return { store, disk };
}

it('a rollback passes over a damaged version also where that may not be loaded', async () => {
  const refusal = new PluginError('E_KEY_REVOKED', 'its key is revoked', { phase: 'policy', pluginId });
  const store = await openStore({ loadingRefusal: ({ version }) => (version === '2.0.0' ? refusal : undefined) });
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await installFixture(store, { pluginId, version });
  const [second] = (await store.state()).plugins[pluginId]?.previous ?? [];
  await rm(join(root, 'store', folderName, second?.build ?? '', 'files', 'dist'), { recursive: true });
  const warn = vi.fn();
  await store.rollback(pluginId, warn);
  expect(await versionsOf(store)).toEqual(['1.0.0']);
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/^version 2\.0\.0 is passed over, and removed: /)]]);
});

it('a rollback passes over a version that the disk cannot read, keeps it, and tells of it', async () => {
  const { store, disk } = await openWithUnreadable('EIO', '2.0.0');
  const warn = vi.fn();
  await store.rollback(pluginId, warn);
  expect(await versionsOf(store)).toEqual(['1.0.0', '2.0.0']);
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/^version 2\.0\.0 is passed over, and kept: .*EIO/)]]);
  disk.isFailing = false;
  expect((await store.rollback(pluginId, warn)).active.version).toBe('2.0.0');
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
});

it.each(['EMFILE', 'EBUSY'])('a rollback fails where a version can be read at the next try (%s)', async (code) => {
  const { store, disk } = await openWithUnreadable(code, '2.0.0');
  await expect(store.rollback(pluginId)).rejects.toMatchObject({ code: 'E_STORE', pluginId, retryable: true });
  expect(await versionsOf(store)).toEqual(['3.0.0', '2.0.0', '1.0.0']);
  disk.isFailing = false;
  expect((await store.rollback(pluginId)).active.version).toBe('2.0.0');
});

it('a rollback fails, and keeps all, where no earlier version can be read', async () => {
  const { store } = await openWithUnreadable('EIO', '1.0.0', '2.0.0');
  await expect(store.rollback(pluginId)).rejects.toMatchObject({ code: 'E_STORE', pluginId });
  expect(await versionsOf(store)).toEqual(['3.0.0', '2.0.0', '1.0.0']);
  expect(await foldersIn('store', folderName)).toHaveLength(3);
});

/** A disk on which a state can be written only while these folders of the store are empty. */
function fullDisk(...folders: readonly string[]) {
  const disk = { isFull: false };
  const fileSystem = injectFaults(nodeFileSystem, async ({ name, path }) => {
    if (!disk.isFull || name !== 'write' || !path.endsWith('state.json.draft')) return;
    for (const folder of folders) if ((await foldersIn(folder)).length > 0) throw fault('ENOSPC');
  });
  return { disk, fileSystem };
}

it('a plugin is removed from a full disk also where no archive is kept: its own files make the room', async () => {
  const { disk, fileSystem } = fullDisk(`store/${folderName}`, 'trash');
  const store = await openStore({ fileSystem });
  for (const version of ['1.0.0', '2.0.0']) await installFixture(store, { pluginId, version });
  await installFixture(store, { pluginId: 'hub:repo/other', version: '1.0.0' });
  disk.isFull = true;
  await expect(store.setPinned(pluginId, true)).rejects.toMatchObject({ code: 'E_STORE_FULL' });
  expect(await versionsOf(store)).toEqual(['2.0.0', '1.0.0']);
  await store.uninstall(pluginId);
  expect(Object.keys((await store.state()).plugins)).toEqual(['hub:repo/other']);
  expect(await foldersIn('store')).toEqual(['hub~repo~other']);
});

it('a removal that the full disk has and did not bring to it says that the disk is full', async () => {
  let isFull = false;
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    if (isFull && name === 'sync' && path === root) throw fault('ENOSPC');
  });
  const store = await openStore({ fileSystem });
  await installFixture(store, { pluginId, version: '1.0.0' });
  isFull = true;
  await expect(store.uninstall(pluginId)).rejects.toMatchObject({ code: 'E_STORE_FULL', pluginId });
});

it('a plugin whose files did not make room enough is broken, and the next try removes it', async () => {
  const { disk, fileSystem } = fullDisk('lock');
  const store = await openStore({ fileSystem });
  await installFixture(store, { pluginId, version: '1.0.0' });
  disk.isFull = true;
  logger.warn.mockClear();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(store.uninstall(pluginId)).rejects.toMatchObject({ code: 'E_STORE_FULL', pluginId });
    expect((await store.list()).managed).toMatchObject([{ pluginId, status: 'broken' }]);
  }
  disk.isFull = false;
  await store.uninstall(pluginId);
  expect(await store.list()).toMatchObject({ managed: [], unmanaged: [] });
  const said = logger.warn.mock.calls.map(([, message]) => message as string);
  expect(said.filter((message) => message.includes('could not be removed'))).toEqual([]);
});

it('what was thrown away makes room on a full disk, too', async () => {
  const { disk, fileSystem } = fullDisk('trash');
  const store = await openStore({ fileSystem });
  await installFixture(store, { pluginId, version: '1.0.0' });
  await mkdir(join(root, 'trash', '0123456789abcdef-1'));
  disk.isFull = true;
  expect((await store.setPinned(pluginId, true)).isPinned).toBe(true);
});

it('a removal from a full disk that is cut off at any step goes back to no earlier version, and the next one ends it', async () => {
  const ends = new Set<string>();
  for (let steps = 0, isPast = false; !isPast; steps += 1) {
    const { disk, fileSystem: full } = fullDisk(`store/${folderName}`, 'trash');
    let stepsLeft = Number.POSITIVE_INFINITY;
    const fileSystem = injectFaults(full, () => {
      stepsLeft -= 1;
      if (stepsLeft < 0) throw fault('EIO');
    });
    const ending = await openStore({ fileSystem });
    for (const version of ['1.0.0', '2.0.0']) await installFixture(ending, { pluginId, version });
    disk.isFull = true;
    stepsLeft = steps;
    await ending.uninstall(pluginId).catch(ignore);
    isPast = stepsLeft >= 0;
    stepsLeft = -1;
    await ending.dispose();
    const store = await openStore();
    const [found] = (await store.list()).managed;
    ends.add(found === undefined ? 'removed' : `${found.status} ${found.installed.active.version}`);
    if (found !== undefined) await store.uninstall(pluginId);
    expect(await store.list()).toMatchObject({ managed: [], unmanaged: [] });
    await store.dispose();
  }
  expect(ends).toEqual(new Set(['ok 2.0.0', 'broken 2.0.0', 'removed']));
});
