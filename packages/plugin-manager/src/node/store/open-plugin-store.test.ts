import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { injectFaults } from '../../testing/fault-injector.ts';
import { fixtureReceipt, installFixture, stageFixture } from '../../testing/store-fixture.ts';
import { buildNameOf } from '../../core/state/folder-names.ts';
import { nodeFileSystem } from './file-system.ts';
import { openPluginStore, type PluginStoreOptions } from './open-plugin-store.ts';
import type { PluginStore } from './plugin-store.ts';
import { tryLock } from './store-lock.ts';

const pluginId = 'hub:repo/clock';
const folderName = 'hub~repo~clock';
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const opened: PluginStore[] = [];
let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'plugin-store-'));
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.dispose();
  await rm(root, { recursive: true, force: true });
});

async function openStore(options: Partial<PluginStoreOptions> = {}): Promise<PluginStore> {
  const store = await openPluginStore({ root, now: () => 1_000, logger, ...options });
  opened.push(store);
  return store;
}

function withCode(code: string): unknown {
  return expect.objectContaining({ code });
}

function buildOf(version: string): string {
  return buildNameOf(fixtureReceipt({ pluginId, version }).receipt);
}

function fault(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

it('a version that is staged and committed is listed, served and intact; its place is empty afterwards', async () => {
  const store = await openStore();
  const installed = await installFixture(store, { pluginId, version: '1.0.0' });
  expect(installed).toMatchObject({ active: { version: '1.0.0' }, previous: [], isEnabled: true, isPinned: false });
  const { managed, unmanaged } = await store.list();
  expect(managed).toMatchObject([{ pluginId, folderName, status: 'ok', receipt: { version: '1.0.0' } }]);
  expect(unmanaged).toEqual([]);
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true, build: installed.active.build });
  const { file, content } = await store.openFile(pluginId, installed.active.build, 'dist/main.js');
  expect(await text(content)).toBe('export const version = "1.0.0";\n');
  expect(file.integrity).toMatch(/^sha384-/);
  await store.dispose();
  expect(await readdir(join(root, 'staging'))).toEqual([]);
  expect(await readdir(join(root, 'lock'))).toEqual(['store.db']);
});

it('two earlier versions are kept, a rollback takes the newest of them, and what is dropped leaves the disk', async () => {
  const store = await openStore();
  for (const version of ['1.0.0', '2.0.0', '3.0.0', '4.0.0']) await installFixture(store, { pluginId, version });
  const folder = join(root, 'store', folderName);
  expect(await readdir(folder)).toEqual(['2.0.0', '3.0.0', '4.0.0'].map(buildOf));
  expect((await store.rollback(pluginId)).active.version).toBe('3.0.0');
  expect((await store.rollback(pluginId)).active.version).toBe('2.0.0');
  await expect(store.rollback(pluginId)).rejects.toEqual(withCode('E_NO_ROLLBACK'));
  expect(await readdir(folder)).toEqual([buildOf('2.0.0')]);
  expect(await readdir(join(root, 'trash'))).toEqual([]);
});
