import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pluginArchive } from '../../test/support/plugin-archive.ts';
import { parsePolicy } from '../core/policy.ts';
import { createCatalogServer, type CatalogServer } from '../testing/catalog-server.ts';
import { createFetcher } from './fetch/create-fetcher.ts';
import type { PluginManager } from './plugin-manager-interface.ts';
import { createPluginManager } from './plugin-manager.ts';
import { createSources } from './sources/create-sources.ts';
import type { SyncOptions, SyncProgress } from './sync-interface.ts';

let folder: string;
let server: CatalogServer;
let manager: PluginManager;
let file: string;

function open(): PluginManager {
  const policy = parsePolicy({
    sources: [{ name: 'hub', kind: 'artifact-hub', url: server.url, isLocal: true }],
    hosts: [new URL(server.url).host],
  });
  const fetcher = createFetcher({ retries: 0 });
  const host = { product: 'fleetwire', version: '2.0.0', distro: 'web', sdkVersion: '1.0.0' };
  const sources = createSources(policy, fetcher);
  return createPluginManager({ root: join(folder, 'store'), host, policy, sources, transport: fetcher });
}

/** Newest first; `salt` makes other bytes under the same version. */
function publish(name: string, versions: readonly string[], salt = '', repositoryId = 'r-1'): void {
  const [newest, ...older] = versions.map((version) => ({
    version,
    archive: pluginArchive({ name: `@acme/${name}`, version }, { 'salt.txt': `${name} ${salt}` }),
  }));
  if (newest === undefined) throw new Error('expected a version');
  server.put({ repo: 'acme', name, repositoryId, versions: [newest, ...older] });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetwire-sync-'));
  file = join(folder, 'plugins.yaml');
  server = await createCatalogServer();
  manager = open();
});
afterEach(async () => {
  await manager.dispose();
  await server.dispose();
  await rm(folder, { recursive: true, force: true });
});

const want = (text: string) => writeFile(file, text);
const sync = (options: Partial<SyncOptions> = {}) => manager.sync({ file, ...options });
const lockFile = () => join(folder, 'plugins.lock.json');
const lock = async () =>
  JSON.parse(await readFile(lockFile(), 'utf8')) as {
    plugins: Record<string, { version: string; sha256: string; archiveUrl: string }>;
  };

async function installed(): Promise<Readonly<Record<string, string>>> {
  const plugins = await manager.list();
  return Object.fromEntries(
    plugins.flatMap((plugin) => (plugin.managed ? [[plugin.pluginId, plugin.installed.active.version]] : [])),
  );
}

async function actions(options: Partial<SyncOptions> = {}): Promise<readonly string[]> {
  const { plan } = await sync(options);
  return plan.steps.map(({ action, pluginId }) => `${action} ${pluginId}`);
}

it('makes the store what the file says, writes the lock, and the second time does nothing', async () => {
  publish('a', ['1.1.0', '1.0.0']);
  publish('b', ['1.0.0']);
  publish('c', ['1.0.0']);
  await manager.install('hub:acme/c');
  await mkdir(join(folder, 'store', 'by-hand'));
  await want(`plugins:
  - id: hub:acme/a
    version: "1.0.0"
    pinned: true
  - id: hub:acme/b
    enabled: false
`);
  const told: SyncProgress[] = [];
  const running = sync({ onProgress: (progress) => told.push(progress) });
  const plan = await running.plan;
  expect(plan.steps.map(({ action, pluginId }) => [action, pluginId])).toEqual([
    ['install', 'hub:acme/a'],
    ['pin', 'hub:acme/a'],
    ['install', 'hub:acme/b'],
    ['disable', 'hub:acme/b'],
    ['remove', 'hub:acme/c'],
  ]);
  expect(await running).toMatchObject({ plan, isLockWritten: true });
  expect(told[0]).toEqual({ type: 'plan', plan });
  expect(told.filter((one) => one.type === 'step' && one.state === 'done')).toHaveLength(5);
  expect(await installed()).toEqual({ 'hub:acme/a': '1.0.0', 'hub:acme/b': '1.0.0' });
  expect(await manager.get('hub:acme/a')).toMatchObject({ installed: { isPinned: true, isEnabled: true } });
  expect(await manager.get('hub:acme/b')).toMatchObject({ installed: { isPinned: false, isEnabled: false } });
  expect((await stat(join(folder, 'store', 'by-hand'))).isDirectory()).toBe(true);
  const { plugins } = await lock();
  expect(plugins['hub:acme/a']).toMatchObject({
    version: '1.0.0',
    digest: { algorithm: 'sha256' },
    archiveUrl: `${server.url}/archives/acme/a/1.0.0.tar.gz`,
    repositoryId: 'r-1',
    packageName: '@acme/a',
  });

  const generation = await manager.generation();
  const { mtimeMs } = await stat(lockFile());
  const asked = server.requests.length;
  expect(await sync()).toMatchObject({ plan: { isInSync: true }, isLockWritten: false });
  expect(await manager.generation()).toBe(generation);
  expect((await stat(lockFile())).mtimeMs).toBe(mtimeMs);
  // What the lock names is there: nobody is asked.
  expect(server.requests).toHaveLength(asked);
});

it('installs on another machine what the lock names, though there is something newer', async () => {
  publish('a', ['1.0.0']);
  await want('plugins: [{ id: "hub:acme/a" }]');
  await sync();
  await manager.uninstall('hub:acme/a');
  publish('a', ['2.0.0', '1.0.0']);
  expect(await actions({ isFrozen: true })).toEqual(['install hub:acme/a']);
  expect(await installed()).toEqual({ 'hub:acme/a': '1.0.0' });
  await rm(lockFile());
  expect(await actions()).toEqual(['update hub:acme/a']);
  expect((await lock()).plugins['hub:acme/a']?.version).toBe('2.0.0');
});

it('fetches nothing from the URL of the lock, which says where the bytes came from: they may have moved', async () => {
  publish('a', ['1.0.0']);
  await want('plugins: [{ id: "hub:acme/a" }]');
  await sync();
  const archiveUrl = async () => (await lock()).plugins['hub:acme/a']?.archiveUrl;
  const first = await archiveUrl();
  const moved = `${first ?? ''}?moved`;
  const archive = pluginArchive({ name: '@acme/a', version: '1.0.0' }, { 'salt.txt': 'a ' });
  const versions = [{ version: '1.0.0', archive, annotations: { 'headlamp/plugin/archive-url': moved } }] as const;
  server.put({ repo: 'acme', name: 'a', repositoryId: 'r-1', versions });
  // What is there came the old way.
  expect(await manager.install('hub:acme/a')).toMatchObject({ isChanged: false });
  expect(await sync()).toMatchObject({ isLockWritten: false });
  await writeFile(
    lockFile(),
    (await readFile(lockFile(), 'utf8')).replace(String(first), 'https://gone.test/a.tar.gz'),
  );
  await manager.dispose();
  await rm(join(folder, 'store'), { recursive: true });
  manager = open();
  const asked = server.requests.length;
  expect(await actions({ isFrozen: true })).toEqual(['install hub:acme/a']);
  expect(server.requests.slice(asked)).toContain('/archives/acme/a/1.0.0.tar.gz?moved');
  expect(await archiveUrl()).toBe('https://gone.test/a.tar.gz');
  expect(await sync()).toMatchObject({ isLockWritten: true });
  expect(await archiveUrl()).toBe(first);
});

it('changes nothing when it only plans, and says what would be refused', async () => {
  publish('a', ['1.0.0']);
  await want('plugins: [{ id: "hub:acme/a" }, { id: "hub:acme/none" }, { id: "other:x/y" }]');
  const { plan, isLockWritten } = await sync({ isPlanOnly: true });
  expect(plan.steps).toMatchObject([
    { action: 'install', to: '1.0.0' },
    { action: 'refused', error: { code: 'E_NOT_FOUND' } },
    { action: 'refused', error: { code: 'E_SOURCE_DENIED' } },
  ]);
  expect(isLockWritten).toBe(false);
  expect(await installed()).toEqual({});
  await expect(stat(lockFile())).rejects.toThrow();
});

it('refuses other bytes and another repository than the lock names, before anything is fetched', async () => {
  publish('a', ['1.0.0']);
  await want('plugins: [{ id: "hub:acme/a" }]');
  await sync();
  const before = await readFile(lockFile(), 'utf8');
  await manager.uninstall('hub:acme/a');
  const asked = server.requests.length;
  publish('a', ['1.0.0'], 'other bytes');
  await expect(sync()).rejects.toMatchObject({ code: 'E_INTEGRITY', pluginId: 'hub:acme/a' });
  publish('a', ['1.0.0'], '', 'r-2');
  await expect(sync()).rejects.toMatchObject({ code: 'E_PUBLISHER_CHANGED' });
  expect(server.requests.slice(asked).some((path) => path.startsWith('/archives'))).toBe(false);
  expect(await installed()).toEqual({});
  expect(await readFile(lockFile(), 'utf8')).toBe(before);
});

it('keeps what works when something fails, and removes nothing then', async () => {
  for (const name of ['a', 'b', 'c']) publish(name, ['1.0.0']);
  await manager.install('hub:acme/c');
  await want('plugins: [{ id: "hub:acme/a" }, { id: "hub:acme/b", pinned: true }]');
  const undo = server.fail('/archives/acme/a', { kind: 'status', status: 404 });
  const running = sync();
  await expect(running).rejects.toMatchObject({
    code: 'E_HTTP_STATUS',
    pluginId: 'hub:acme/a',
    message: expect.stringContaining('nothing was removed') as string,
    details: { failures: [{ pluginId: 'hub:acme/a', action: 'install', code: 'E_HTTP_STATUS' }] },
  });
  expect((await running.plan).steps.at(-1)).toMatchObject({ action: 'remove', pluginId: 'hub:acme/c' });
  expect(await installed()).toEqual({ 'hub:acme/b': '1.0.0', 'hub:acme/c': '1.0.0' });
  expect(Object.keys((await lock()).plugins)).toEqual(['hub:acme/b']);
  undo();
  expect(await actions()).toEqual(['install hub:acme/a', 'unchanged hub:acme/b', 'remove hub:acme/c']);
  expect(await installed()).toEqual({ 'hub:acme/a': '1.0.0', 'hub:acme/b': '1.0.0' });
});

it('moves a pinned plugin where the file says what it is pinned to, and refuses where it does not', async () => {
  publish('a', ['1.1.0', '1.0.0']);
  await manager.install('hub:acme/a', { version: '1.0.0' });
  await manager.setPinned('hub:acme/a', true);
  await want('plugins: [{ id: "hub:acme/a" }]');
  expect(await actions()).toEqual(['unchanged hub:acme/a']);
  await want('plugins: [{ id: "hub:acme/a", version: "1.1.0" }]');
  await expect(sync()).rejects.toMatchObject({ code: 'E_PINNED' });
  await want('plugins: [{ id: "hub:acme/a", version: "1.1.0", pinned: true }]');
  expect(await actions()).toEqual(['update hub:acme/a']);
  expect(await manager.get('hub:acme/a')).toMatchObject({
    installed: { active: { version: '1.1.0' }, isPinned: true },
  });
  // The policy allows no way back.
  await want('plugins: [{ id: "hub:acme/a", version: "1.0.0", pinned: false }]');
  await expect(sync()).rejects.toMatchObject({ code: 'E_DOWNGRADE_DENIED' });
  expect(await manager.get('hub:acme/a')).toMatchObject({
    installed: { active: { version: '1.1.0' }, isPinned: false },
  });
});

it('mends what is damaged', async () => {
  publish('a', ['1.0.0']);
  await want('plugins: [{ id: "hub:acme/a" }]');
  await sync();
  const { folderName, installed: state } = await manager.get('hub:acme/a');
  await rm(join(folder, 'store', 'store', folderName, state.active.build, 'files', 'dist', 'main.js'));
  expect(await actions({ isFrozen: true })).toEqual(['reinstall hub:acme/a']);
  expect(await manager.verify('hub:acme/a')).toMatchObject({ isIntact: true });
});

it('a frozen sync wants a lock, and never writes it', async () => {
  publish('a', ['1.0.0']);
  await want('plugins: [{ id: "hub:acme/a" }]');
  await expect(sync({ isFrozen: true })).rejects.toMatchObject({ code: 'E_SYNC_INVALID' });
  await sync();
  await want('plugins: [{ id: "hub:acme/a", version: "1.0.0" }, { id: "hub:acme/b" }]');
  await expect(sync({ isFrozen: true })).rejects.toMatchObject({
    message: expect.stringContaining('hub:acme/b') as string,
  });
});

it('two runs at once, also of two managers, come to the same', async () => {
  for (const name of ['a', 'b', 'c']) publish(name, ['1.0.0']);
  await manager.install('hub:acme/c');
  await want('plugins: [{ id: "hub:acme/a" }, { id: "hub:acme/b", enabled: false }]');
  const other = open();
  try {
    const results = await Promise.all([sync(), sync(), other.sync({ file })]);
    expect(results.filter(({ isLockWritten }) => isLockWritten)).toHaveLength(1);
    expect(results.filter(({ plan }) => plan.isInSync)).toHaveLength(2);
  } finally {
    await other.dispose();
  }
  expect(await installed()).toEqual({ 'hub:acme/a': '1.0.0', 'hub:acme/b': '1.0.0' });
});

it('is cancelled by its signal or by itself, and what it did before stays, and is in the lock', async () => {
  for (const name of ['a', 'b']) publish(name, ['1.0.0']);
  await want('plugins: [{ id: "hub:acme/b" }]');
  await sync();
  for (const name of ['a', 'b']) publish(name, ['2.0.0', '1.0.0']);
  await want('plugins: [{ id: "hub:acme/a", version: 1.0.0 }, { id: "hub:acme/b", version: 2.0.0 }]');
  server.fail('/archives/acme/b', { kind: 'silent' });
  const asked = server.requests.length;
  const running = sync({ actor: 'ada' });
  await vi.waitFor(() => {
    expect(server.requests.slice(asked).some((path) => path.startsWith('/archives/acme/b'))).toBe(true);
  });
  running.cancel();
  await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(await installed()).toEqual({ 'hub:acme/a': '1.0.0', 'hub:acme/b': '1.0.0' });
  expect((await lock()).plugins).toMatchObject({
    'hub:acme/a': { version: '1.0.0' },
    'hub:acme/b': { version: '1.0.0' },
  });
  const late = sync({ signal: AbortSignal.abort() });
  await expect(late).rejects.toMatchObject({ code: 'E_CANCELLED' });
  await expect(late.plan).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(await readFile(join(folder, 'store', 'audit.jsonl'), 'utf8')).toContain('"actor":"ada"');
});
