import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fixtureReceipt } from '../../../test/store/store-fixture.ts';
import { buildOfReceipt } from './verify-build.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import { createBuildFiles, type BuildFiles } from './build-files.ts';
import { nodeFileSystem } from './file-system.ts';
import { filesFolder, folderOf, receiptPath, storeLayout, type StoreLayout } from './store-layout.ts';

const hashed = vi.hoisted(() => ({ count: 0 }));
vi.mock('node:crypto', async (original) => {
  const crypto = await original<{ createHash: (name: string) => unknown }>();
  const createHash = (name: string) => {
    hashed.count += 1;
    return crypto.createHash(name);
  };
  return { ...crypto, createHash };
});

const pluginId = 'hub:repo/clock';
let root: string;
let layout: StoreLayout;
let receipt: Receipt;
let build: string;
let folder: string;
let files: BuildFiles;
const read = vi.fn((path: string) => nodeFileSystem.read(path));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'build-files-'));
  layout = storeLayout(root);
  const large = 'x'.repeat(300_000);
  const made = fixtureReceipt({ pluginId, version: '1.0.0', files: { 'package.json': '{}', 'main.js': large } });
  receipt = made.receipt;
  build = buildOfReceipt(receipt);
  folder = filesFolder(folderOf(layout, pluginId, build));
  await nodeFileSystem.makeFolder(folder);
  for (const [path, content] of Object.entries(made.contents)) await writeFile(join(folder, path), content);
  await writeFile(receiptPath(folderOf(layout, pluginId, build)), JSON.stringify(receipt));
  read.mockClear();
  files = createBuildFiles({ ...nodeFileSystem, read }, layout);
});
afterEach(() => rm(root, { recursive: true }));

it('parses a receipt once for as long as it is the same file', async () => {
  for (let time = 0; time < 3; time += 1) expect(await files.receipt(pluginId, build)).toEqual(receipt);
  expect(read).toHaveBeenCalledOnce();
  const path = receiptPath(folderOf(layout, pluginId, build));
  await writeFile(`${path}.new`, JSON.stringify({ ...receipt, installedAt: 7 }));
  await rename(`${path}.new`, path);
  expect(await files.receipt(pluginId, build)).toMatchObject({ installedAt: 7 });
  // All else that it says is what the build is named after.
  await writeFile(path, JSON.stringify({ ...receipt, title: 'Other' }));
  await expect(files.receipt(pluginId, build)).rejects.toMatchObject({ code: 'E_FILES_CHANGED' });
  await rm(path);
  await expect(files.receipt(pluginId, build)).rejects.toMatchObject({ code: 'E_FILES_CHANGED' });
});

it('gives the whole file, to several at once, and refuses it once a byte of it is another', async () => {
  const contents = await Promise.all(
    Array.from({ length: 4 }, async () => buffer((await files.open(pluginId, build, 'main.js')).content)),
  );
  expect(contents.map(({ length }) => length)).toEqual([300_000, 300_000, 300_000, 300_000]);
  expect(await files.check(pluginId, build, 'main.js')).toEqual(receipt.files.find(({ path }) => path === 'main.js'));
  await writeFile(join(folder, 'main.js'), `${'x'.repeat(299_999)}y`);
  const refused = { code: 'E_FILES_CHANGED', details: { build, path: 'main.js' } };
  await expect(files.open(pluginId, build, 'main.js')).rejects.toMatchObject(refused);
  await expect(files.check(pluginId, build, 'main.js')).rejects.toMatchObject(refused);
});

it('hashes a file once for as long as it is the same one, also where several ask at once', async () => {
  await files.receipt(pluginId, build);
  hashed.count = 0;
  await Promise.all(Array.from({ length: 4 }, () => files.check(pluginId, build, 'main.js')));
  (await files.open(pluginId, build, 'main.js')).content.destroy();
  expect(hashed.count).toBe(1);
  await writeFile(join(folder, 'main.js'), 'x'.repeat(300_000));
  await files.check(pluginId, build, 'main.js');
  expect(hashed.count).toBe(2);
});

it('finds nothing that the receipt does not name', async () => {
  await writeFile(join(folder, 'added.js'), '');
  for (const path of ['added.js', '../receipt.json', '', 'toString'])
    await expect(files.open(pluginId, build, path)).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
});
