import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buffer, text } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { OperationProgress } from '../core/operation-progress.ts';
import { parsePolicy } from '../core/policy.ts';
import { createCatalogServer, type CatalogServer } from '../testing/catalog-server.ts';
import { createFetcher } from './fetch/create-fetcher.ts';
import type { PluginAuditRecord, PluginManager } from './plugin-manager-interface.ts';
import { createPluginManager } from './plugin-manager.ts';
import { createArtifactHubSource } from './sources/artifact-hub.ts';
import { createFileSource } from './sources/file-source.ts';

const pluginId = 'hub:acme/flux';
const host = { product: 'fleetwire', version: '2.0.0', distro: 'web', sdkVersion: '1.0.0' };

let root: string;
let server: CatalogServer;
let manager: PluginManager;
let audit: PluginAuditRecord[];

async function archiveOf(version: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Buffer> {
  const manifest = { name: '@acme/flux', version, title: 'Flux', fleetwire: { entry: './dist/main.js' }, ...changes };
  const tar = pack();
  tar.entry({ name: 'flux/', type: 'directory', mode: 0o755 });
  tar.entry({ name: 'flux/package.json', mode: 0o644 }, JSON.stringify(manifest));
  tar.entry({ name: 'flux/dist/main.js', mode: 0o644 }, `export const version = '${version}';\n`);
  tar.finalize();
  return buffer(tar.pipe(createGzip()));
}

async function publish(...versions: readonly string[]): Promise<void> {
  const [newest, ...older] = await Promise.all(
    versions.map(async (version) => ({ version, archive: await archiveOf(version) })),
  );
  if (newest === undefined) throw new Error('expected a version');
  server.put({ repo: 'acme', name: 'flux', title: 'Flux', versions: [newest, ...older] });
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'plugin-manager-'));
  server = await createCatalogServer();
  audit = [];
  const { url } = server;
  const fetcher = createFetcher({ retries: 0 });
  manager = createPluginManager({
    root,
    host,
    policy: parsePolicy({
      sources: [{ name: 'hub', kind: 'artifact-hub', url, isLocal: true }],
      hosts: [new URL(url).host],
      deny: ['hub:acme/denied'],
    }),
    sources: [createArtifactHubSource({ name: 'hub', url, fetcher, isLocal: true })],
    transport: fetcher,
    audit: (record) => {
      audit.push(record);
    },
  });
});

afterEach(async () => {
  await manager.dispose();
  await server.dispose();
  await rm(root, { recursive: true, force: true });
});

/** What the entry of the active version says. */
async function activeEntry(): Promise<string> {
  const { installed, receipt } = await manager.get(pluginId);
  const { content } = await manager.openFile(pluginId, installed.active.build, receipt?.entry ?? '');
  return text(content);
}

/** The store keeps a folder of its process in `staging/`; what is in it is left over. */
async function stagingLeft(): Promise<readonly string[]> {
  const staging = join(root, 'staging');
  const folders = await readdir(staging);
  return (await Promise.all(folders.map((folder) => readdir(join(staging, folder))))).flat();
}

it('installs, updates, rolls back and removes a plugin of a catalog', async () => {
  await publish('1.0.0');
  expect(await manager.search({ query: 'flux' })).toMatchObject({ total: 1, items: [{ title: 'Flux' }], failures: [] });
  expect(await manager.plan(pluginId)).toMatchObject({ pluginId, release: { version: '1.0.0' } });

  const installing = manager.install(pluginId);
  const progress: OperationProgress[] = [];
  for await (const event of installing) progress.push(event);
  const { installed, receipt } = await installing;
  expect(progress.at(-1)).toMatchObject({ type: 'done', percentage: 100 });
  expect(installed).toMatchObject({ active: { version: '1.0.0' }, previous: [], isEnabled: true });
  expect(receipt).toMatchObject({ packageName: '@acme/flux', entry: 'dist/main.js' });
  expect(receipt.files.map(({ path }) => path).toSorted()).toEqual(['dist/main.js', 'package.json']);
  expect(await activeEntry()).toBe("export const version = '1.0.0';\n");
  expect(await manager.list()).toMatchObject([
    {
      pluginId,
      pluginName: '@acme/flux',
      managed: true,
      status: 'ok',
      artifacthubURL: `${server.url}/packages/headlamp/acme/flux`,
    },
  ]);
  await expect(manager.update(pluginId)).rejects.toMatchObject({ code: 'E_UP_TO_DATE' });
  expect(await manager.checkForUpdates()).toMatchObject([{ pluginId, state: 'up-to-date' }]);

  await publish('1.1.0', '1.0.0');
  expect(await manager.checkForUpdates()).toMatchObject([{ pluginId, state: 'available', version: '1.1.0' }]);
  await manager.setEnabled(pluginId, false);
  expect((await manager.update(pluginId)).installed).toMatchObject({
    active: { version: '1.1.0' },
    previous: [{ version: '1.0.0' }],
    isEnabled: false,
  });
  expect(await activeEntry()).toBe("export const version = '1.1.0';\n");
  expect(await manager.verify(pluginId)).toMatchObject({ isIntact: true });

  const asked = server.requests.length;
  expect(await manager.rollback(pluginId)).toMatchObject({ active: { version: '1.0.0' }, previous: [] });
  expect(await activeEntry()).toBe("export const version = '1.0.0';\n");
  expect(server.requests).toHaveLength(asked);

  await manager.uninstall(pluginId);
  expect(await manager.list()).toEqual([]);
  await expect(manager.get(pluginId)).rejects.toMatchObject({ code: 'E_NOT_INSTALLED' });
  await expect(manager.uninstall(pluginId)).rejects.toMatchObject({ code: 'E_NOT_INSTALLED' });
  expect(audit.map(({ action, outcome, code }) => [action, outcome, code])).toEqual([
    ['install', 'done', undefined],
    ['update', 'failed', 'E_UP_TO_DATE'],
    ['disable', 'done', undefined],
    ['update', 'done', undefined],
    ['verify', 'done', undefined],
    ['rollback', 'done', undefined],
    ['uninstall', 'done', undefined],
    ['uninstall', 'failed', 'E_NOT_INSTALLED'],
  ]);
  expect((await readFile(join(root, 'audit.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(audit.length);
});

it('keeps the old version and leaves nothing when an update is bad', async () => {
  await publish('1.0.0');
  await manager.install(pluginId);
  const bad = async (archive: Uint8Array, annotations: Readonly<Record<string, string | null>> = {}) => {
    server.put({ repo: 'acme', name: 'flux', versions: [{ version: '1.1.0', archive, annotations }] });
    const failure: unknown = await manager.update(pluginId).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect((await manager.get(pluginId)).installed.active.version).toBe('1.0.0');
    expect(await stagingLeft()).toEqual([]);
    return failure;
  };
  const good = await archiveOf('1.1.0');
  const wrong = { 'headlamp/plugin/archive-checksum': `SHA256:${'0'.repeat(64)}` };
  expect(await bad(good, wrong)).toMatchObject({ code: 'E_INTEGRITY', pluginId });
  expect(await bad(good, { 'headlamp/plugin/archive-checksum': null })).toMatchObject({ code: 'E_CHECKSUM_MISSING' });
  expect(await bad(good.subarray(0, 60))).toMatchObject({ code: 'E_ARCHIVE_TRUNCATED', phase: 'inspect' });
  expect(await bad(Buffer.from('no archive at all'))).toMatchObject({ code: 'E_ARCHIVE_FORMAT' });
  expect(await bad(await archiveOf('9.0.0'))).toMatchObject({ code: 'E_MANIFEST_MISMATCH' });
  expect(await bad(await archiveOf('1.1.0', { name: '@other/flux' }))).toMatchObject({ code: 'E_PUBLISHER_CHANGED' });
  expect(await activeEntry()).toBe("export const version = '1.0.0';\n");
});

it('is cancelled while the server says nothing, and takes the next operation on the plugin after it', async () => {
  await publish('1.0.0');
  const undo = server.fail('/archives/', { kind: 'silent' });
  const stuck = manager.install(pluginId);
  const next = manager.install(pluginId);
  await vi.waitFor(() => {
    expect(server.requests.some((path) => path.startsWith('/archives/'))).toBe(true);
  });
  expect(next.latest.type).toBe('queued');
  undo();
  stuck.cancel();
  await expect(stuck).rejects.toMatchObject({ code: 'E_CANCELLED', phase: 'download' });
  expect((await next).installed.active.version).toBe('1.0.0');
  expect(await stagingLeft()).toEqual([]);
});

it('asks no server about a plugin that the policy denies, or of a source that it does not know', async () => {
  await expect(manager.install('hub:acme/denied')).rejects.toMatchObject({ code: 'E_PLUGIN_DENIED', phase: 'policy' });
  await expect(manager.install('elsewhere:acme/flux')).rejects.toMatchObject({ code: 'E_SOURCE_DENIED' });
  await expect(manager.describe('hub:acme/denied')).rejects.toMatchObject({ code: 'E_PLUGIN_DENIED' });
  expect(server.requests).toEqual([]);
});

it('rejects what is no plugin id, and everything once it is disposed', async () => {
  await expect(manager.install('')).rejects.toMatchObject({ code: 'E_NAME_REQUIRED' });
  await expect(manager.uninstall('../../etc')).rejects.toMatchObject({ code: 'E_NAME_INVALID' });
  expect(audit).toEqual([]);
  await manager.dispose();
  await expect(manager.install(pluginId)).rejects.toMatchObject({ code: 'E_CANCELLED' });
});

it('updates no pinned plugin', async () => {
  await publish('1.0.0');
  await manager.install(pluginId);
  await manager.setPinned(pluginId, true);
  await publish('1.1.0');
  expect(await manager.checkForUpdates()).toEqual([{ pluginId, installedVersion: '1.0.0', state: 'pinned' }]);
  await expect(manager.update(pluginId)).rejects.toMatchObject({ code: 'E_PINNED' });
});

it('names a source that fails, and gives what the others have found', async () => {
  server.fail('/api/', { kind: 'status', status: 500 });
  expect(await manager.search()).toMatchObject({
    items: [],
    failures: [{ source: 'hub', error: { code: 'E_HTTP_STATUS' } }],
  });
});

it('installs from an index on this machine without a network, and checks the archive as any other', async () => {
  const folder = join(root, 'mirror');
  await mkdir(folder);
  const archive = await archiveOf('1.0.0');
  await writeFile(join(folder, 'flux.tgz'), archive);
  const writeIndex = async (sha256: string) => {
    const annotations = {
      'headlamp/plugin/archive-url': 'flux.tgz',
      'headlamp/plugin/archive-checksum': `SHA256:${sha256}`,
    };
    const versions = [{ version: '1.0.0', annotations }];
    const plugin = { repo: 'acme', name: 'flux', title: 'Flux', description: '', repositoryId: 'acme-1', versions };
    await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 1, plugins: [plugin] }));
  };
  const path = join(folder, 'index.json');
  const local = createPluginManager({
    root: join(root, 'store-of-mirror'),
    host,
    policy: parsePolicy({ sources: [{ name: 'mirror', kind: 'file', path }] }),
    sources: [createFileSource({ name: 'mirror', path })],
  });
  try {
    await writeIndex('0'.repeat(64));
    await expect(local.install('mirror:acme/flux')).rejects.toMatchObject({ code: 'E_INTEGRITY', phase: 'integrity' });
    await writeIndex(createHash('sha256').update(archive).digest('hex'));
    expect((await local.install('mirror:acme/flux')).receipt).toMatchObject({ archiveBytes: archive.length });
    expect(server.requests).toEqual([]);
  } finally {
    await local.dispose();
  }
});
