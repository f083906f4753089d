import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fixtureReceipt, installFixture } from '../../../test/store/store-fixture.ts';
import { injectFaults } from '../../testing/fault-injector.ts';
import { sealBuild } from './commit-build.ts';
import { nodeFileSystem } from './file-system.ts';
import { openPluginStore } from './open-plugin-store.ts';

const pluginId = 'hub:repo/clock';
const folderName = 'hub~repo~clock';
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'commit-build-'));
});
afterEach(() => rm(root, { recursive: true }));

it('the disk has every file, every folder on the way to one, and the receipt before the build takes its name', async () => {
  const steps: string[] = [];
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    if (name !== 'sync' && name !== 'rename') return;
    const place = relative(root, path).replace(/^staging\/[^/]+\/\d+\/build/, 'build');
    steps.push(`${name} ${place}`);
  });
  const store = await openPluginStore({ root, now: () => 0, logger, fileSystem });
  steps.length = 0;
  await installFixture(store, { pluginId, version: '1.0.0', files: { 'package.json': '{}', 'a/b/c/d.js': '' } });
  await store.dispose();
  const renamed = steps.indexOf('rename build');
  expect(steps.slice(0, renamed).toSorted()).toEqual([
    'sync build',
    'sync build/files',
    'sync build/files/a',
    'sync build/files/a/b',
    'sync build/files/a/b/c',
    'sync build/files/a/b/c/d.js',
    'sync build/files/package.json',
    'sync build/receipt.json',
  ]);
  expect(steps.slice(renamed)).toEqual([
    'rename build',
    'sync store/hub~repo~clock',
    'sync store',
    'sync state.json.draft',
    'rename state.json.draft',
    'sync ',
  ]);
});

it('of files that the disk has already only their length is looked at', async () => {
  const synced: string[] = [];
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    if (name === 'sync') synced.push(path);
  });
  const folder = join(root, 'build');
  const { receipt } = fixtureReceipt({ pluginId, version: '1.0.0', files: { 'a.js': 'a', 'dist/b.js': 'b' } });
  const [first, second] = receipt.files;
  await mkdir(join(folder, 'files', 'dist'), { recursive: true });
  await writeFile(join(folder, 'files', 'a.js'), 'a');
  await writeFile(join(folder, 'files', 'dist', 'b.js'), 'b');
  await sealBuild(fileSystem, folder, receipt, first && [first]);
  expect(synced.map((path) => relative(folder, path)).toSorted()).toEqual(
    ['', 'files', 'files/dist', `files/${second?.path ?? ''}`, 'receipt.json'].toSorted(),
  );
  await writeFile(join(folder, 'files', 'a.js'), 'longer');
  const sealing = sealBuild(fileSystem, folder, receipt, receipt.files);
  await expect(sealing).rejects.toMatchObject({ code: 'E_FILES_CHANGED', details: { entry: 'a.js', found: 6 } });
});

it('what decides sees the plugin as it is under the lock, and what it throws leaves everything as it was', async () => {
  const store = await openPluginStore({ root, now: () => 0, logger });
  await installFixture(store, { pluginId, version: '1.0.0' });
  const before = await store.state();
  const staging = await store.stage(pluginId);
  const receipt = await store.receipt(pluginId, before.plugins[pluginId]?.active.build ?? '');
  const refused = store.commit(staging, { ...receipt, version: '2.0.0', files: [] }, (current) => {
    expect(current).toEqual(before.plugins[pluginId]);
    throw new RangeError('no');
  });
  await expect(refused).rejects.toMatchObject({ code: 'E_STORE', cause: expect.any(RangeError) as unknown });
  expect(await store.state()).toEqual(before);
  expect((await store.list()).unmanaged).toEqual([]);
  await staging.discard();
  await store.dispose();
});

it('what somebody added to a build is removed by the same build once more, which moves nothing', async () => {
  const moved: string[] = [];
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    if (name === 'rename') moved.push(relative(join(root, 'store'), path));
  });
  const store = await openPluginStore({ root, now: () => 0, logger, fileSystem });
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  const { generation } = await store.state();
  await mkdir(join(root, 'store', folderName, active.build, 'files', 'more'));
  for (const path of ['.DS_Store', 'more/of-it.js'])
    await writeFile(join(root, 'store', folderName, active.build, 'files', path), '');
  moved.length = 0;
  await installFixture(store, { pluginId, version: '1.0.0' });
  expect(moved).toEqual([]);
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
  expect((await store.state()).generation).toBe(generation);
  await store.dispose();
});

it('a damaged build without a receipt stays until another is active', async () => {
  const first = await openPluginStore({ root, now: () => 0, logger });
  const { active } = await installFixture(first, { pluginId, version: '1.0.0' });
  await writeFile(join(root, 'store', folderName, active.build, 'receipt.json'), '{');
  await writeFile(join(root, 'state.json'), '{');
  await first.repair();
  await first.dispose();
  const disk = { isFull: true };
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    if (disk.isFull && name === 'rename' && path.endsWith('state.json.draft'))
      throw Object.assign(new Error('ENOSPC: injected'), { code: 'ENOSPC' });
  });
  const store = await openPluginStore({ root, now: () => 0, logger, fileSystem });
  // Of another build, and of the same.
  for (const version of ['2.0.0', '1.0.0']) {
    const installing = installFixture(store, { pluginId, version });
    await expect(installing).rejects.toMatchObject({ code: 'E_STORE_FULL' });
    expect(await readdir(join(root, 'store', folderName))).toEqual([active.build]);
    expect(await readFile(join(root, 'store', folderName, active.build, 'receipt.json'), 'utf8')).toBe('{');
  }
  disk.isFull = false;
  const { active: next } = await installFixture(store, { pluginId, version: '2.0.0' });
  expect(await readdir(join(root, 'store', folderName))).toEqual([next.build]);
  await store.dispose();
});

it('a build that was moved out of the way comes back where the new one cannot take its place, though the state cannot be read then', async () => {
  const disk = { isFailing: false };
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    const isFailing = path.endsWith('build') ? name === 'rename' : name === 'read' && path.endsWith('state.json');
    if (name === 'rename' && path.endsWith(active.build)) disk.isFailing = true;
    else if (disk.isFailing && isFailing) throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
  });
  const first = await openPluginStore({ root, now: () => 0, logger });
  const { active } = await installFixture(first, { pluginId, version: '1.0.0' });
  await first.dispose();
  const entry = join(root, 'store', folderName, active.build, 'files', 'dist', 'main.js');
  await writeFile(entry, 'damaged');
  const store = await openPluginStore({ root, now: () => 0, logger, fileSystem });
  await expect(installFixture(store, { pluginId, version: '1.0.0' })).rejects.toMatchObject({ code: 'E_STORE' });
  expect(await readFile(entry, 'utf8')).toBe('damaged');
  disk.isFailing = false;
  expect((await store.list()).managed).toMatchObject([
    { status: 'ok', installed: { active: { build: active.build } } },
  ]);
  await store.dispose();
});

it('a build that was moved out of the way and cannot be put back is kept for the next start', async () => {
  const first = await openPluginStore({ root, now: () => 0, logger });
  const { active } = await installFixture(first, { pluginId, version: '1.0.0' });
  await first.dispose();
  const entry = join(root, 'store', folderName, active.build, 'files', 'dist', 'main.js');
  await writeFile(entry, 'damaged');
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    if (name === 'rename' && /\/(build|displaced)$/.test(path))
      throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
  });
  const store = await openPluginStore({ root, now: () => 0, logger, fileSystem });
  await expect(installFixture(store, { pluginId, version: '1.0.0' })).rejects.toMatchObject({ code: 'E_STORE' });
  await store.dispose();
  const next = await openPluginStore({ root, now: () => 0, logger });
  expect(await readFile(entry, 'utf8')).toBe('damaged');
  expect((await next.list()).managed).toMatchObject([{ status: 'ok' }]);
  await next.dispose();
  expect(await readdir(join(root, 'staging'))).toEqual([]);
});

it('a folder of somebody else that is called like a build stays, whatever is installed beside it', async () => {
  const theirs = join(root, 'store', folderName, '9.9.9-0123456789ab');
  const store = await openPluginStore({ root, now: () => 0, logger });
  await mkdir(theirs, { recursive: true });
  await writeFile(join(theirs, 'precious.txt'), 'theirs');
  await installFixture(store, { pluginId, version: '1.0.0' });
  await store.uninstall(pluginId);
  expect(await readFile(join(theirs, 'precious.txt'), 'utf8')).toBe('theirs');
  await store.dispose();
});

it.each(['update', 'uninstall'] as const)(
  'an earlier version whose receipt is gone leaves the disk with the next %s, and what somebody else put there stays',
  async (change) => {
    const first = await openPluginStore({ root, now: () => 0, logger });
    const { active: old } = await installFixture(first, { pluginId, version: '1.0.0' });
    const { active } = await installFixture(first, { pluginId, version: '2.0.0' });
    await first.dispose();
    await rm(join(root, 'store', folderName, old.build, 'receipt.json'));
    const [theirs, unreadable] = ['9.9.9-0123456789ab', '9.9.9-1123456789ab'];
    for (const build of [theirs, unreadable])
      await mkdir(join(root, 'store', folderName, build, 'x'), { recursive: true });
    const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
      if (name === 'entries' && path.endsWith(unreadable)) throw Object.assign(new Error('EIO'), { code: 'EIO' });
    });
    const store = await openPluginStore({ root, now: () => 0, logger, fileSystem });
    expect((await store.state()).plugins[pluginId]).toMatchObject({ active, previous: [] });
    const named = [active.build];
    if (change === 'uninstall') await store.uninstall(pluginId);
    else named.push((await installFixture(store, { pluginId, version: '3.0.0' })).active.build);
    const left = change === 'uninstall' ? [] : named;
    expect(await readdir(join(root, 'store', folderName))).toEqual([...left, theirs, unreadable]);
    await store.dispose();
  },
);

it('a version that the state names stays where an update passes, though its receipt is damaged', async () => {
  const store = await openPluginStore({ root, now: () => 0, logger });
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  await writeFile(join(root, 'store', folderName, active.build, 'receipt.json'), '{');
  const next = await installFixture(store, { pluginId, version: '2.0.0' });
  expect(next.previous).toEqual([active]);
  expect(await readdir(join(root, 'store', folderName))).toEqual([active.build, next.active.build]);
  await store.dispose();
});

it('an empty folder that is called like a build goes once a version is installed', async () => {
  const store = await openPluginStore({ root, now: () => 0, logger });
  await mkdir(join(root, 'store', folderName, '9.9.9-0123456789ab'), { recursive: true });
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  expect(await readdir(join(root, 'store', folderName))).toEqual([active.build]);
  await store.dispose();
});

it('a build that is made anew is the active one before and after, wherever that was cut off', async () => {
  const first = await openPluginStore({ root, now: () => 0, logger });
  await installFixture(first, { pluginId, version: '1.0.0' });
  const { active } = await installFixture(first, { pluginId, version: '2.0.0' });
  await first.dispose();
  const entry = join(root, 'store', folderName, active.build, 'files', 'dist', 'main.js');
  await writeFile(entry, 'damaged');
  const left = `${root}-left`;
  await rename(root, left);
  const ends = new Set<string>();
  let steps = 0;
  for (let isPast = false; !isPast; steps += 1) {
    await rm(root, { recursive: true, force: true });
    await cp(left, root, { recursive: true });
    const disk = { stepsLeft: Number.POSITIVE_INFINITY };
    const fileSystem = injectFaults(nodeFileSystem, () => {
      disk.stepsLeft -= 1;
      if (disk.stepsLeft < 0) throw Object.assign(new Error('EIO: the process has ended'), { code: 'EIO' });
    });
    const ending = await openPluginStore({ root, now: () => 0, logger, fileSystem });
    disk.stepsLeft = steps;
    await installFixture(ending, { pluginId, version: '2.0.0' }).catch(() => undefined);
    isPast = disk.stepsLeft >= 0;
    disk.stepsLeft = -1;
    await ending.dispose();
    const store = await openPluginStore({ root, now: () => 0, logger });
    const { managed, unmanaged } = await store.list();
    expect(unmanaged).toEqual([]);
    expect(managed).toMatchObject([
      { status: 'ok', installed: { active: { build: active.build }, previous: [{ version: '1.0.0' }] } },
    ]);
    ends.add(await readFile(entry, 'utf8'));
    await store.dispose();
    for (const name of ['staging', 'trash']) expect(await readdir(join(root, name))).toEqual([]);
  }
  expect(ends).toEqual(new Set(['damaged', 'export const version = "2.0.0";\n']));
  expect(steps).toBeGreaterThan(20);
  await rm(left, { recursive: true });
});

it('a build that no state names gives its place to the same one, with the receipt of that', async () => {
  const store = await openPluginStore({ root, now: () => 0, logger });
  const before = await readFile(join(root, 'state.json'));
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  await writeFile(join(root, 'state.json'), before);
  expect(await installFixture(store, { pluginId, version: '1.0.0', installedAt: 5 })).toMatchObject({
    active: { build: active.build, installedAt: 5 },
  });
  expect(await store.receipt(pluginId, active.build)).toMatchObject({ installedAt: 5 });
  await store.dispose();
});

it('a commit that fails removes no build that came to its place meanwhile', async () => {
  const first = await openPluginStore({ root, now: () => 0, logger });
  const before = await readFile(join(root, 'state.json'));
  const { active } = await installFixture(first, { pluginId, version: '1.0.0' });
  await first.dispose();
  await writeFile(join(root, 'state.json'), before);
  const [place, aside] = [join(root, 'store', folderName, active.build), join(root, 'aside')];
  await rename(place, aside);
  const fileSystem = injectFaults(nodeFileSystem, async ({ name, path }) => {
    if (name !== 'rename' || !path.endsWith('/build')) return;
    await rename(aside, place);
    throw Object.assign(new Error('ENOTEMPTY: injected'), { code: 'ENOTEMPTY' });
  });
  const store = await openPluginStore({ root, now: () => 0, logger, fileSystem });
  const installing = installFixture(store, { pluginId, version: '1.0.0', installedAt: 5 });
  await expect(installing).rejects.toMatchObject({ code: 'E_STORE' });
  expect(await store.receipt(pluginId, active.build)).toMatchObject({ installedAt: 0 });
  await store.dispose();
});
