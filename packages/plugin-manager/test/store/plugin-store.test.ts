import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { injectFaults } from '../../src/testing/fault-injector.ts';
import { fixtureReceipt, installFixture, stageFixture } from './store-fixture.ts';
import { buildOfReceipt } from '../../src/node/store/verify-build.ts';
import { nodeFileSystem } from '../../src/node/store/file-system.ts';
import { openPluginStore, type PluginStoreOptions } from '../../src/node/store/open-plugin-store.ts';
import type { PluginStore } from '../../src/node/store/plugin-store.ts';
import { tryLock } from '../../src/node/store/store-lock.ts';
import { PluginError } from '../../src/protocol/error.ts';

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
  return buildOfReceipt(fixtureReceipt({ pluginId, version }).receipt);
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

it('an uninstalled plugin is gone from state and disk; what is not installed, or not ours, is refused', async () => {
  const store = await openStore();
  await installFixture(store, { pluginId, version: '1.0.0' });
  await store.uninstall(pluginId);
  expect((await store.state()).plugins).toEqual({});
  expect(await readdir(join(root, 'store'))).toEqual([]);
  await expect(store.uninstall(pluginId)).rejects.toEqual(withCode('E_NOT_INSTALLED'));
  await expect(store.setEnabled(pluginId, true)).rejects.toEqual(withCode('E_NOT_INSTALLED'));
  await expect(store.uninstall('../x')).rejects.toEqual(withCode('E_NAME_INVALID'));
});

it('folders without a receipt are listed as unmanaged, and neither replaced, removed nor swept up', async () => {
  await mkdir(join(root, 'my-plugin'), { recursive: true });
  const theirs = join(root, 'store', folderName, 'dist');
  await mkdir(theirs, { recursive: true });
  await writeFile(join(theirs, 'main.js'), 'theirs');
  const store = await openStore();
  expect((await store.list()).unmanaged.map((plugin) => plugin.folderName)).toEqual(['my-plugin', folderName]);
  await expect(installFixture(store, { pluginId, version: '1.0.0' })).rejects.toEqual(withCode('E_UNMANAGED'));
  await expect(store.uninstall(pluginId)).rejects.toEqual(withCode('E_UNMANAGED'));
  await openStore();
  expect(await readFile(join(theirs, 'main.js'), 'utf8')).toBe('theirs');
  expect((await store.state()).plugins).toEqual({});
});

it('a rollback passes over a damaged version, tells of it, and removes it; one that may not be loaded is why it fails', async () => {
  const refusal = new PluginError('E_KEY_REVOKED', 'its key is revoked', { phase: 'policy', pluginId });
  const revoked = new Set<string>();
  const store = await openStore({ loadingRefusal: ({ version }) => (revoked.has(version) ? refusal : undefined) });
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await installFixture(store, { pluginId, version });
  const [second, first] = (await store.state()).plugins[pluginId]!.previous;
  await rm(join(root, 'store', folderName, second!.build, 'files', 'package.json'));
  revoked.add('1.0.0');
  const warn = vi.fn();
  await expect(store.rollback(pluginId, warn)).rejects.toBe(refusal);
  expect(warn).not.toHaveBeenCalled();
  expect(await readdir(join(root, 'store', folderName))).toHaveLength(3);
  revoked.clear();
  expect(await store.rollback(pluginId, warn)).toMatchObject({ active: first, previous: [] });
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/^version 2\.0\.0 is passed over.*package\.json/)]]);
  expect(await readdir(join(root, 'store', folderName))).toEqual([first!.build]);
});

it('a rollback fails where the newest earlier version may not be loaded, and removes none of them', async () => {
  const refusal = new PluginError('E_KEY_UNKNOWN', 'its key is unknown', { phase: 'policy', pluginId });
  const refused = new Set(['2.0.0']);
  const store = await openStore({ loadingRefusal: ({ version }) => (refused.has(version) ? refusal : undefined) });
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await installFixture(store, { pluginId, version });
  const before = await store.state();
  await expect(store.rollback(pluginId)).rejects.toBe(refusal);
  expect(await store.state()).toEqual(before);
  expect(await readdir(join(root, 'store', folderName))).toHaveLength(3);
  refused.clear();
  expect((await store.rollback(pluginId)).active.version).toBe('2.0.0');
});

it('a rollback goes to a version to which somebody added files, and removes those', async () => {
  const store = await openStore();
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await installFixture(store, { pluginId, version });
  const [second, first] = (await store.state()).plugins[pluginId]!.previous;
  await writeFile(join(root, 'store', folderName, second!.build, 'files', '.DS_Store'), '');
  const warn = vi.fn();
  expect(await store.rollback(pluginId, warn)).toMatchObject({ active: second, previous: [first] });
  expect(warn).not.toHaveBeenCalled();
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
});

it('a plugin is removed from a disk that was full when the store was opened, and had to be put in order first', async () => {
  const first = await openStore();
  for (const version of ['1.0.0', '2.0.0']) await installFixture(first, { pluginId, version });
  const [old] = (await first.state()).plugins[pluginId]!.previous;
  await first.dispose();
  await rm(join(root, 'store', folderName, old!.build), { recursive: true });
  const archive = join(root, 'cache', `${'a'.repeat(64)}.tgz`);
  await writeFile(archive, 'kept');
  const fileSystem = injectFaults(nodeFileSystem, async ({ name, path }) => {
    const isFull = name === 'write' && path.endsWith('state.json.draft');
    if (isFull && (await nodeFileSystem.kind(archive)) !== undefined) throw fault('ENOSPC');
  });
  const store = await openStore({ fileSystem });
  // Whoever only looks, or adds to it, has no archive removed.
  await expect(store.stage(pluginId)).rejects.toEqual(withCode('E_STORE_FULL'));
  expect(await nodeFileSystem.kind(archive)).toBe('file');
  await store.uninstall(pluginId);
  expect((await store.list()).managed).toEqual([]);
});

it('a plugin is removed from a full disk, for which the oldest archives that were kept for later go', async () => {
  const kept = () => readdir(join(root, 'cache'));
  const fileSystem = injectFaults(nodeFileSystem, async ({ name, path }) => {
    if (name === 'write' && path.endsWith('state.json.draft') && (await kept()).length > 1) throw fault('ENOSPC');
  });
  const store = await openStore({ fileSystem });
  for (const name of ['clock', 'map']) await installFixture(store, { pluginId: `hub:repo/${name}`, version: '1.0.0' });
  const names = ['a', 'b'].map((digit) => `${digit.repeat(64)}.tgz`);
  for (const [age, name] of names.entries()) {
    await writeFile(join(root, 'cache', name), Buffer.alloc(900 * 1024));
    await utimes(join(root, 'cache', name), age, age);
  }
  await store.uninstall(pluginId);
  // Of the two, 1 MiB has to go.
  expect(await kept()).toEqual([]);
  expect(Object.keys((await store.state()).plugins)).toEqual(['hub:repo/map']);
  await writeFile(join(root, 'cache', `${'c'.repeat(64)}.tgz`), 'kept');
  await writeFile(join(root, 'cache', 'of-somebody-else'), '');
  await writeFile(join(root, 'cache', 'of-another'), '');
  await expect(store.setEnabled('hub:repo/map', false)).rejects.toEqual(withCode('E_STORE_FULL'));
  expect(await kept()).toEqual(['of-another', 'of-somebody-else']);
});

it('an edited, a missing and an added file are told by verify; a damaged earlier version is not rolled back to', async () => {
  const store = await openStore();
  await installFixture(store, { pluginId, version: '1.0.0' });
  const { build } = (await store.state()).plugins[pluginId]!.active;
  const files = join(root, 'store', folderName, build, 'files');
  await writeFile(join(files, 'dist/main.js'), 'export const version = "6.6.6";\n');
  await rm(join(files, 'package.json'));
  await writeFile(join(files, 'dist/more.js'), '');
  expect(await store.verify(pluginId)).toEqual({
    pluginId,
    build,
    isIntact: false,
    changed: ['dist/main.js'],
    missing: ['package.json'],
    unexpected: ['dist/more.js'],
  });
  await installFixture(store, { pluginId, version: '2.0.0' });
  await expect(store.rollback(pluginId)).rejects.toEqual(withCode('E_FILES_CHANGED'));
  expect((await store.state()).plugins[pluginId]!.active.version).toBe('2.0.0');
});

it('the same build once more mends one that was changed, and leaves one that is intact where it is', async () => {
  const store = await openStore();
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  const main = join(root, 'store', folderName, active.build, 'files/dist/main.js');
  await installFixture(store, { pluginId, version: '1.0.0' });
  await writeFile(main, 'changed');
  const again = await installFixture(store, { pluginId, version: '1.0.0' });
  expect(again).toMatchObject({ active, previous: [] });
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
  expect(await readdir(join(root, 'trash'))).toEqual([]);
});

it('a mend that fails brings back what was there, also where another process empties the trash meanwhile', async () => {
  const { active } = await installFixture(await openStore(), { pluginId, version: '1.0.0' });
  const build = join(root, 'store', folderName, active.build);
  await writeFile(join(build, 'files/dist/main.js'), 'changed');
  const fileSystem = injectFaults(nodeFileSystem, async ({ name, path }) => {
    // What was staged is about to take the place of the damaged build, which was put aside.
    if (name !== 'rename' || !path.endsWith('/build')) return;
    for (const thrown of await readdir(join(root, 'trash'))) await rm(join(root, 'trash', thrown), { recursive: true });
    throw fault('EIO');
  });
  const store = await openStore({ fileSystem });
  await expect(installFixture(store, { pluginId, version: '1.0.0' })).rejects.toEqual(withCode('E_STORE'));
  expect(await readFile(join(build, 'files/dist/main.js'), 'utf8')).toBe('changed');
});

it('only files of the receipt are opened, with their size, and not through links', async () => {
  const store = await openStore();
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  const files = join(root, 'store', folderName, active.build, 'files');
  await writeFile(join(files, 'secret.txt'), 'added later');
  for (const path of ['secret.txt', '../receipt.json', 'dist', '', '/etc/passwd', 'dist/../package.json', '__proto__'])
    await expect(store.openFile(pluginId, active.build, path)).rejects.toEqual(withCode('E_NOT_FOUND'));
  for (const build of ['..', '1.0.0', `${active.build}/files`, buildOf('2.0.0')])
    await expect(store.openFile(pluginId, build, 'package.json')).rejects.toEqual(withCode('E_NOT_FOUND'));
  await writeFile(join(files, 'dist/main.js'), 'longer than it was, or shorter');
  await expect(store.openFile(pluginId, active.build, 'dist/main.js')).rejects.toEqual(withCode('E_FILES_CHANGED'));
  await rename(join(files, 'package.json'), join(root, 'package.json'));
  await symlink(join(root, 'package.json'), join(files, 'package.json'));
  await expect(store.openFile(pluginId, active.build, 'package.json')).rejects.toEqual(withCode('E_FILES_CHANGED'));
  expect(await store.verify(pluginId)).toMatchObject({ changed: ['package.json', 'dist/main.js'] });
});

it('a damaged receipt breaks its plugin alone', async () => {
  const store = await openStore();
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  await installFixture(store, { pluginId: 'hub:repo/other', version: '1.0.0' });
  await writeFile(join(root, 'store', folderName, active.build, 'receipt.json'), '{"schemaVersion":1');
  const { managed } = await store.list();
  expect(managed.map(({ pluginId: id, status }) => [id, status])).toEqual([
    [pluginId, 'broken'],
    ['hub:repo/other', 'ok'],
  ]);
  expect(await store.verify(pluginId)).toMatchObject({
    isIntact: false,
    reason: expect.stringMatching(/JSON/) as string,
  });
});

it.each([
  ['no JSON', '{', 'E_STATE_CORRUPT'],
  ['empty', '', 'E_STATE_CORRUPT'],
  ['of another shape', '{"schemaVersion":1,"generation":1,"plugins":[]}', 'E_STATE_CORRUPT'],
  ['with a key that is no id', '{"schemaVersion":1,"generation":1,"plugins":{"../x":{}}}', 'E_STATE_CORRUPT'],
  ['gone', undefined, 'E_STATE_CORRUPT'],
  ['newer', '{"schemaVersion":2}', 'E_STATE_NEWER'],
])('a state.json that is %s is refused, and nothing is removed or changed', async (_what, content, code) => {
  const first = await openStore();
  const { active } = await installFixture(first, { pluginId, version: '1.0.0' });
  await (content === undefined ? rm(join(root, 'state.json')) : writeFile(join(root, 'state.json'), content));
  const store = await openStore();
  await expect(store.state()).rejects.toEqual(withCode(code));
  await expect(store.list()).rejects.toEqual(withCode(code));
  await expect(installFixture(store, { pluginId, version: '2.0.0' })).rejects.toEqual(withCode(code));
  expect(await readdir(join(root, 'store', folderName))).toEqual([active.build]);
  if (code === 'E_STATE_NEWER') {
    await expect(store.repair()).rejects.toEqual(withCode(code));
    return;
  }
  expect(await store.repair()).toEqual({ isRebuilt: true, plugins: [pluginId], broken: [], rolledBack: [] });
  expect((await store.state()).plugins[pluginId]).toMatchObject({ active, isEnabled: false });
  expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
});

it('a start goes back to the version before where the active one is gone, and reports a plugin that lost all', async () => {
  const first = await openStore();
  await installFixture(first, { pluginId, version: '1.0.0' });
  const { active } = await installFixture(first, { pluginId, version: '2.0.0' });
  const { active: lost } = await installFixture(first, { pluginId: 'hub:repo/lost', version: '1.0.0' });
  await rm(join(root, 'store', folderName, active.build), { recursive: true });
  await rm(join(root, 'store', 'hub~repo~lost'), { recursive: true });
  const store = await openStore();
  const { managed } = await store.list();
  expect(managed).toMatchObject([
    { pluginId, status: 'ok', installed: { active: { version: '1.0.0' }, previous: [] } },
    { pluginId: 'hub:repo/lost', status: 'broken', installed: { active: lost } },
  ]);
});

it.each([
  ['ENOSPC', 'E_STORE_FULL', true],
  ['EROFS', 'E_STORE_UNWRITABLE', false],
  ['EACCES', 'E_STORE_UNWRITABLE', false],
  ['EIO', 'E_STORE', false],
])(
  '%s at each step of an update leaves the old version or the new one, whole, and the store usable',
  async (system, code, retryable) => {
    let failAt = Infinity;
    let steps = 0;
    const fileSystem = injectFaults(nodeFileSystem, () => {
      steps += 1;
      if (steps === failAt) throw fault(system);
    });
    const store = await openStore({ fileSystem });
    await installFixture(store, { pluginId, version: '1.0.0' });
    const seen = new Set<string>();
    for (let at = 1; ; at += 1) {
      steps = 0;
      failAt = at;
      const update = installFixture(store, { pluginId, version: '2.0.0' });
      const error: unknown = await update.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      const isPast = steps < at;
      failAt = Infinity;
      const { active } = (await store.state()).plugins[pluginId]!;
      expect(await store.verify(pluginId)).toMatchObject({ isIntact: true, build: active.build });
      if (error !== undefined) expect(error).toMatchObject({ code, retryable });
      else expect(active.version).toBe('2.0.0');
      seen.add(`${active.version} ${error === undefined ? 'done' : 'failed'}`);
      expect(await readdir(join(root, 'staging')).then((tokens) => tokens.length)).toBeLessThanOrEqual(1);
      if (isPast) break;
      await store.uninstall(pluginId);
      await installFixture(store, { pluginId, version: '1.0.0' });
    }
    expect([...seen]).toEqual(expect.arrayContaining(['1.0.0 failed', '2.0.0 done']));
  },
);

it('a root that cannot be written to is opened for reading', async () => {
  await installFixture(await openStore(), { pluginId, version: '1.0.0' });
  const writes = new Set(['makeFolder', 'write', 'append', 'rename', 'remove', 'removeEmptyFolder']);
  const fileSystem = injectFaults(nodeFileSystem, ({ name }) => {
    if (writes.has(name)) throw fault('EROFS');
  });
  const store = await openStore({ fileSystem });
  expect((await store.list()).managed).toMatchObject([{ pluginId, status: 'ok' }]);
  await expect(store.stage(pluginId)).rejects.toEqual(withCode('E_STORE_UNWRITABLE'));
  await expect(store.setPinned(pluginId, true)).rejects.toEqual(withCode('E_STORE_UNWRITABLE'));
  await expect(store.audit({ action: 'pin' })).rejects.toEqual(withCode('E_STORE_UNWRITABLE'));
});

it('a lock file that is none is named, and the store can be used once it is gone', async () => {
  await mkdir(join(root, 'lock'));
  await writeFile(join(root, 'lock', 'store.db'), 'no database, and longer than its header'.repeat(40));
  const message = expect.stringContaining('lock/store.db') as string;
  await expect(openStore()).rejects.toMatchObject({ code: 'E_STORE', message });
  await rm(join(root, 'lock', 'store.db'));
  expect((await (await openStore()).list()).managed).toEqual([]);
});

it('a folder that cannot be read breaks its plugin alone, is not swept up, and keeps no repair from the others', async () => {
  const first = await openStore();
  await installFixture(first, { pluginId, version: '1.0.0' });
  await installFixture(first, { pluginId, version: '2.0.0' });
  await installFixture(first, { pluginId: 'hub:repo/other', version: '1.0.0' });
  await mkdir(join(root, 'store', 'hub~repo~stranger', 'something'), { recursive: true });
  let isFailing = true;
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    const isOfThese = path.includes('stranger') || path.includes(folderName);
    if (isFailing && isOfThese && (name === 'read' || name === 'entries')) throw fault('EACCES');
  });
  const before = await first.state();
  const store = await openStore({ fileSystem });
  expect(await store.state()).toEqual(before);
  const { managed, unmanaged } = await store.list();
  expect(managed).toMatchObject([
    { pluginId, status: 'broken', reason: 'its files cannot be read at the moment' },
    { pluginId: 'hub:repo/other', status: 'ok' },
  ]);
  expect(unmanaged).toMatchObject([{ folderName: 'hub~repo~stranger' }]);
  await store.setEnabled('hub:repo/other', false);
  expect(await store.repair()).toMatchObject({ isRebuilt: false, broken: [] });
  await writeFile(join(root, 'state.json'), '{');
  // A state that is made anew would forget what is there.
  const refused = store.repair();
  await expect(refused).rejects.toMatchObject({ code: 'E_STORE_UNWRITABLE' });
  await expect(refused).rejects.not.toThrow(root);
  isFailing = false;
  expect(await store.repair()).toMatchObject({ plugins: [pluginId, 'hub:repo/other'] });
});

it('what was read once counts while the disk cannot say it', async () => {
  let isFailing = false;
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    if (isFailing && name === 'read' && path.endsWith('receipt.json')) throw fault('EMFILE');
  });
  const store = await openStore({ fileSystem });
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  await store.list();
  isFailing = true;
  await utimes(join(root, 'store', folderName, active.build, 'receipt.json'), 1, 1);
  expect((await store.list()).managed).toMatchObject([{ status: 'ok' }]);
  const other = await openStore({ fileSystem });
  expect((await other.list()).managed).toMatchObject([
    { status: 'broken', reason: expect.not.stringContaining(root) as string },
  ]);
});

it('a lock that another holds is waited for up to its limit', async () => {
  const store = await openStore({ lockTimeoutMs: 20 });
  const lock = tryLock(join(root, 'lock', 'store.db'))!;
  await expect(store.setEnabled(pluginId, true)).rejects.toMatchObject({ code: 'E_LOCKED', retryable: true });
  lock.release();
  await expect(store.setEnabled(pluginId, true)).rejects.toEqual(withCode('E_NOT_INSTALLED'));
});

it('a start removes folders that an interrupted install or removal left empty, and no others', async () => {
  await installFixture(await openStore(), { pluginId, version: '1.0.0' });
  for (const name of ['hub~repo~empty', 'of-somebody-else']) await mkdir(join(root, 'store', name));
  await openStore();
  expect(await readdir(join(root, 'store'))).toEqual([folderName, 'of-somebody-else']);
});

it('a start leaves alone what another store that lives has staged, and removes what is abandoned', async () => {
  const living = await openStore();
  const [staging, receipt] = await stageFixture(living, { pluginId, version: '1.0.0' });
  await mkdir(join(root, 'staging', '0123456789abcdef'), { recursive: true });
  await openStore();
  expect(await readdir(join(root, 'staging'))).toHaveLength(1);
  const publisher = { repositoryId: 'r', packageName: 'p' };
  expect((await living.commit(staging, receipt, () => ({ publisher, isEnabled: false }))).isEnabled).toBe(false);
});

it('a staged file that is not as long as its receipt says is not committed', async () => {
  const store = await openStore();
  const [staging, receipt] = await stageFixture(store, { pluginId, version: '1.0.0' });
  await writeFile(join(staging.path, 'package.json'), '{}');
  const publisher = { repositoryId: 'r', packageName: 'p' };
  await expect(store.commit(staging, receipt, () => ({ publisher }))).rejects.toMatchObject({
    code: 'E_FILES_CHANGED',
    details: { entry: 'package.json', found: 2 },
  });
  await staging.discard();
  await staging.discard();
  expect((await store.state()).plugins).toEqual({});
});

it('the cache finds an archive by its hash, forgets one that was changed, and lets the oldest go', async () => {
  const store = await openStore({ maxCacheBytes: 7 });
  const { archivePath } = await store.stage(pluginId);
  const keep = async (content: string): Promise<string> => {
    await writeFile(archivePath, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    await store.cache.keep(archivePath, sha256);
    return sha256;
  };
  const first = await keep('first');
  const path = (await store.cache.find(first))!;
  expect(await readFile(path, 'utf8')).toBe('first');
  await utimes(path, 1, 1);
  const second = await keep('second');
  expect(await store.cache.find(first)).toBeUndefined();
  await writeFile((await store.cache.find(second))!, 'changed');
  expect(await store.cache.find(second)).toBeUndefined();
  expect(await readdir(join(root, 'cache'))).toEqual([]);
  await expect(store.cache.find('../../x')).rejects.toEqual(withCode('E_NAME_INVALID'));
});

it('the audit is one line of JSON for each record', async () => {
  const store = await openStore();
  await store.audit({ action: 'install', pluginId });
  await store.audit({ action: 'remove', pluginId });
  const lines = (await readFile(join(root, 'audit.jsonl'), 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { at: 1_000, action: 'install', pluginId },
    { at: 1_000, action: 'remove', pluginId },
  ]);
});

it('a full disk does not keep what is installed from being read', async () => {
  await installFixture(await openStore(), { pluginId, version: '1.0.0' });
  const { active } = await installFixture(await openStore(), { pluginId, version: '2.0.0' });
  await rm(join(root, 'store', folderName, active.build), { recursive: true });
  const fileSystem = injectFaults(nodeFileSystem, ({ name }) => {
    if (name === 'write') throw fault('ENOSPC');
  });
  const store = await openStore({ fileSystem });
  expect((await store.list()).managed).toMatchObject([{ pluginId, status: 'broken' }]);
  const updated = installFixture(store, { pluginId, version: '3.0.0' });
  await expect(updated).rejects.toMatchObject({ code: 'E_STORE_FULL', retryable: true, pluginId });
});
