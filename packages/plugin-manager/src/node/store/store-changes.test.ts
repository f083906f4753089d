import { mkdtemp, readdir, rm } from 'node:fs/promises';
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
