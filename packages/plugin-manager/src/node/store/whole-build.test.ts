import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
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
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const opened: PluginStore[] = [];
let folder: string;
let root: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whole-build-'));
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

const filesOf = (build: string) => join(root, 'store', folderName, build, 'files');

async function installedIn(store: PluginStore) {
  const { [pluginId]: installed } = (await store.state()).plugins;
  if (installed === undefined) throw new Error('expected the plugin');
  return installed;
}

/** Moves the files of a build out of the store, to where somebody works on them, and leaves a link. */
async function moveOut(build: string): Promise<string> {
  const work = join(folder, 'work');
  await rename(filesOf(build), work);
  await writeFile(join(work, 'source.ts'), 'precious');
  await symlink(work, filesOf(build));
  return work;
}

const theirs = ['dist', 'package.json', 'source.ts'];

it('a build whose files are behind a link is damaged, and a rollback removes nothing there', async () => {
  const store = await openStore();
  for (const version of ['1.0.0', '2.0.0']) await installFixture(store, { pluginId, version });
  const [old] = (await installedIn(store)).previous;
  const work = await moveOut(old?.build ?? '');
  const message = expect.stringContaining('reached through a link') as string;
  await expect(store.rollback(pluginId)).rejects.toMatchObject({ code: 'E_FILES_CHANGED', message });
  expect(await readdir(work)).toEqual(theirs);
});

it('a start neither goes back to a build whose files are behind a link, nor removes anything there', async () => {
  const first = await openStore();
  for (const version of ['1.0.0', '2.0.0']) await installFixture(first, { pluginId, version });
  const { active, previous } = await installedIn(first);
  await first.dispose();
  const work = await moveOut(previous[0]?.build ?? '');
  await rm(join(root, 'store', folderName, active.build), { recursive: true });
  const store = await openStore();
  expect((await store.list()).managed).toMatchObject([{ status: 'broken' }]);
  expect(await readdir(work)).toEqual(theirs);
});

it('the same version once more takes the place of one whose files are behind a link, and removes nothing there', async () => {
  const store = await openStore();
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  const work = await moveOut(active.build);
  expect(await store.verify(pluginId)).toMatchObject({
    isIntact: false,
    reason: `the files of ${pluginId} ${active.build} are reached through a link`,
  });
  await installFixture(store, { pluginId, version: '1.0.0' });
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
  expect(await readdir(work)).toEqual(theirs);
});

it('files that are a link to themselves are damage, and no failure of the disk', async () => {
  const store = await openStore();
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  await rm(filesOf(active.build), { recursive: true });
  await symlink('files', filesOf(active.build));
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: false, missing: ['package.json', 'dist/main.js'] });
});

/** A disk on which what is called so cannot be removed by itself: another program has it open, say. */
const diskThatKeeps = (name: string) =>
  injectFaults(nodeFileSystem, ({ name: step, path }) => {
    if (step === 'remove' && path.endsWith(`/${name}`))
      throw Object.assign(new Error('EBUSY: injected'), { code: 'EBUSY' });
  });

it('a rollback goes to a version with an added file that cannot be removed, and removes the others', async () => {
  const store = await openStore({ fileSystem: diskThatKeeps('.nfs0001') });
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await installFixture(store, { pluginId, version });
  const [second, first] = (await installedIn(store)).previous;
  for (const name of ['.nfs0001', 'added.txt']) await writeFile(join(filesOf(second?.build ?? ''), name), '');
  const warn = vi.fn();
  expect(await store.rollback(pluginId, warn)).toMatchObject({ active: second, previous: [first] });
  expect(warn).not.toHaveBeenCalled();
  expect(await store.verify(pluginId)).toMatchObject({ changed: [], missing: [], unexpected: ['.nfs0001'] });
});

it('a start goes back to a version with an added file that cannot be removed', async () => {
  const first = await openStore();
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await installFixture(first, { pluginId, version });
  const { active, previous } = await installedIn(first);
  await first.dispose();
  await rm(join(root, 'store', folderName, active.build), { recursive: true });
  await writeFile(join(filesOf(previous[0]?.build ?? ''), '.nfs0001'), '');
  const store = await openStore({ fileSystem: diskThatKeeps('.nfs0001') });
  expect(await installedIn(store)).toMatchObject({ active: { version: '2.0.0' }, previous: [{ version: '1.0.0' }] });
});

it('the same version once more takes the place of one with an added file that cannot be removed', async () => {
  const store = await openStore({ fileSystem: diskThatKeeps('files/.nfs0001') });
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  await mkdir(join(filesOf(active.build), 'more'));
  for (const name of ['.nfs0001', 'more/x']) await writeFile(join(filesOf(active.build), name), '');
  await installFixture(store, { pluginId, version: '1.0.0' });
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
});
