import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { installFixture } from '../../../test/store/store-fixture.ts';
import { injectFaults } from '../../testing/fault-injector.ts';
import { nodeFileSystem } from './file-system.ts';
import { openPluginStore, type PluginStoreOptions } from './open-plugin-store.ts';
import type { PluginStore } from './plugin-store.ts';

const pluginId = 'hub:repo/clock';
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: vi.fn() };
const opened: PluginStore[] = [];
let folder: string;
let root: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-root-'));
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

async function put(...files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), '{"mine": true}');
  }
}

const all = async () => (await readdir(root, { recursive: true })).sort();

it.each([
  ['a folder of a backup', ['trash/photos/a.jpg', 'staging/site/index.html', 'cache/thesis.txt', 'state.json.draft']],
  ['a draft that is none', ['state.json.draft']],
  ['a shop', ['store/shelves.txt', 'README.md']],
  ['a file called like a folder of a store', ['cache']],
  ['a cache', ['cache/npm/x']],
  ['locks', ['lock/other.lock']],
])('a folder with %s is no store: it is listed, and nothing in it is changed', async (_, files) => {
  await put(...files);
  const before = await all();
  const store = await openStore();
  expect(await store.list()).toMatchObject({ generation: 0, managed: [] });
  expect((await store.state()).plugins).toEqual({});
  const refusal = { code: 'E_UNMANAGED', message: expect.not.stringContaining(root) as string };
  await expect(installFixture(store, { pluginId, version: '1.0.0' })).rejects.toMatchObject(refusal);
  const changes: readonly (() => Promise<unknown>)[] = [
    () => store.uninstall(pluginId),
    () => store.setEnabled(pluginId, true),
    () => store.repair(),
    () => store.ready(),
    () => store.audit({ action: 'install' }),
  ];
  for (const change of changes) await expect(change()).rejects.toMatchObject(refusal);
  await store.dispose();
  expect(await all()).toEqual(before);
});

it('a state that cannot be read is never taken for no plugins, and a repair keeps it and what is not of a store', async () => {
  await put('state.json', 'trash/a', 'cache/thesis.txt');
  const store = await openStore();
  const refusal = { code: 'E_STATE_CORRUPT' };
  await expect(store.list()).rejects.toMatchObject(refusal);
  await expect(installFixture(store, { pluginId, version: '1.0.0' })).rejects.toMatchObject(refusal);
  expect(await store.repair()).toMatchObject({ plugins: [] });
  await installFixture(store, { pluginId, version: '1.0.0' });
  await store.dispose();
  expect(await all()).toEqual(expect.arrayContaining(['state.corrupt.json', 'trash/a', 'cache/thesis.txt']));
});

it('a store begins beside what is none of its own, and leaves it alone', async () => {
  const theirs = ['by-hand/package.json', 'half/main.js', 'plugins.yaml', '.gitignore', '.DS_Store', 'lost+found/x'];
  await put(...theirs);
  await mkdir(join(root, 'empty'));
  await mkdir(join(folder, 'developed'));
  await symlink(join(folder, 'developed'), join(root, 'linked'));
  const store = await openStore();
  await installFixture(store, { pluginId, version: '1.0.0' });
  const { managed, unmanaged } = await store.list();
  expect(managed).toMatchObject([{ pluginId, status: 'ok' }]);
  const folders = unmanaged.map(({ folderName }) => folderName);
  expect(folders).toEqual(expect.arrayContaining(['by-hand', 'empty', 'half', 'lost+found']));
  await store.dispose();
  expect(await all()).toEqual(expect.arrayContaining([...theirs, 'empty', 'linked']));
});

it('the cache of a store may be a link to another disk', async () => {
  await mkdir(join(folder, 'large'));
  await mkdir(root);
  await symlink(join(folder, 'large'), join(root, 'cache'));
  const store = await openStore();
  await installFixture(store, { pluginId, version: '1.0.0' });
  expect((await store.list()).managed).toMatchObject([{ pluginId, status: 'ok' }]);
});

it('what somebody puts into a store stays, whatever is thrown away around it', async () => {
  await (await openStore()).dispose();
  const theirs = ['notes.txt', 'trash/photos/a.jpg', 'staging/site/index.html', 'cache/thesis.tgz', 'lock/other.db'];
  await put(...theirs, 'trash/0123456789abcdef-1/x', 'staging/0123456789abcdef/x');
  const store = await openStore();
  await installFixture(store, { pluginId, version: '1.0.0' });
  await store.uninstall(pluginId);
  await store.dispose();
  const found = await all();
  expect(found).toEqual(expect.arrayContaining(theirs));
  expect(found.filter((path) => path.includes('0123456789abcdef'))).toEqual([]);
});

it('a store whose locks were not copied along is one by its state or its builds, whatever is beside it', async () => {
  const first = await openStore();
  await installFixture(first, { pluginId, version: '1.0.0' });
  await first.dispose();
  await rm(join(root, 'lock'), { recursive: true });
  await put('notes.txt');
  await cp(root, join(folder, 'copy'), { recursive: true });
  expect((await (await openStore()).list()).managed).toMatchObject([{ pluginId, status: 'ok' }]);
  await rm(join(folder, 'copy', 'state.json'));
  const broken = await openStore({ root: join(folder, 'copy') });
  await expect(broken.list()).rejects.toMatchObject({ code: 'E_STATE_CORRUPT' });
  expect(await broken.repair()).toMatchObject({ plugins: [pluginId] });
});

/** Opened once, for whoever waits at it. */
function createGate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open: () => void = ignore;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

it('a store that another process is just beginning while the folder is looked at is one', async () => {
  await mkdir(root);
  const [atDraft, gate] = [createGate(), createGate()];
  // It has written a draft, and no state yet.
  const theirs = injectFaults(nodeFileSystem, async ({ name, path }) => {
    if (name !== 'rename' || !path.endsWith('state.json.draft')) return;
    atDraft.open();
    await gate.passed;
  });
  let other: Promise<PluginStore> | undefined;
  const ours = injectFaults(nodeFileSystem, async ({ name, path }) => {
    if (other !== undefined) gate.open();
    if (name !== 'entries' || path !== root || other !== undefined) return;
    other = openStore({ fileSystem: theirs });
    await atDraft.passed;
  });
  logger.error.mockClear();
  const store = await openStore({ fileSystem: ours });
  await other;
  expect(logger.error).not.toHaveBeenCalled();
  await store.ready();
});

it('a store whose beginning was cut off at any step is begun by the next one', async () => {
  let isPast = false;
  for (let steps = 0; !isPast; steps += 1) {
    await rm(root, { recursive: true, force: true });
    await put('by-hand/package.json');
    let left = steps;
    const fileSystem = injectFaults(nodeFileSystem, () => {
      left -= 1;
      if (left < 0) throw Object.assign(new Error('EIO: the process has ended'), { code: 'EIO' });
    });
    await openStore({ fileSystem }).catch(() => undefined);
    isPast = left >= 0;
    const store = await openStore();
    await store.ready();
    expect((await store.list()).unmanaged).toMatchObject([{ folderName: 'by-hand' }]);
    await store.dispose();
  }
});
