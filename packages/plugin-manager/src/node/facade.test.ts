import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parsePolicy } from '../core/policy.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginProgress } from '../protocol/progress.ts';

import { pluginArchive } from '../../test/support/plugin-archive.ts';
import { createCatalogServer, type CatalogServer } from '../testing/catalog-server.ts';
import { defaultUserPluginsDir } from './facade-folder.ts';
import type { StaticPluginManager } from './facade-interface.ts';
import { createPluginFacade, PluginManager } from './facade.ts';
import { createFetcher } from './fetch/create-fetcher.ts';

let root: string;
let server: CatalogServer;
let plugins: StaticPluginManager;
let page: string;
const told: PluginProgress[] = [];
const onProgress = (progress: PluginProgress) => told.push(progress);

function publish(...versions: readonly string[]): void {
  for (const name of ['flux', 'copy']) {
    const [newest, ...older] = versions.map((version) => ({
      version,
      archive: pluginArchive({ name: '@acme/flux', version, title: 'Flux', author: 'Ada' }),
      annotations: { 'headlamp/plugin/version-compat': '>=0.22', 'fleetwire/plugin/version-compat': '>=2' },
    }));
    if (newest === undefined) throw new Error('expected a version');
    server.put({ repo: 'acme', name, title: 'Flux', versions: [newest, ...older] });
  }
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fleetwire-facade-'));
  server = await createCatalogServer();
  page = `${server.url}/packages/headlamp/acme/flux`;
  plugins = createPluginFacade({
    policy: parsePolicy({
      sources: [{ name: 'hub', kind: 'artifact-hub', url: server.url, isLocal: true }],
      hosts: [new URL(server.url).host],
    }),
    fetcher: createFetcher({ retries: 0 }),
  });
  told.length = 0;
});

afterEach(async () => {
  await server.dispose();
  await rm(root, { recursive: true, force: true });
});

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

it('installs, lists, updates and removes, and tells the progress in the words that people know', async () => {
  publish('1.0.0');
  const installed = await plugins.install(page, root, '2.0.0', onProgress);
  expect(installed).toMatchObject({
    pluginName: '@acme/flux',
    pluginId: 'hub:acme/flux',
    folderName: 'hub~acme~flux',
    artifacthubURL: page,
    managed: true,
    pluginTitle: 'Flux',
    pluginVersion: '1.0.0',
    repoName: 'acme',
    author: 'Ada',
    status: 'ok',
    isEnabled: true,
  });
  expect(told.at(-1)).toEqual({ type: 'success', message: 'Plugin Installed', percentage: 100 });
  expect(told.some(({ message }) => message.includes('Headlamp plugin API'))).toBe(true);
  const percentages = told.map(({ percentage = 0 }) => percentage);
  expect(percentages).toEqual(percentages.toSorted((a, b) => a - b));
  expect(told.filter(({ type }) => type !== 'info')).toHaveLength(1);

  await mkdir(join(root, 'by-hand'));
  const byHand = { pluginName: 'by-hand', folderName: 'by-hand', managed: false };
  expect(await plugins.list(root)).toEqual([installed, byHand]);

  const current = await failureOf(plugins.update('@acme/flux', root, '2.0.0', onProgress));
  expect(current).toBeInstanceOf(PluginError);
  expect(current).toMatchObject({ code: 'E_UP_TO_DATE', message: 'No updates available' });
  expect(told.at(-1)).toMatchObject({ type: 'error', message: 'No updates available' });

  publish('1.1.0', '1.0.0');
  for (const name of ['hub:acme/flux', 'hub~acme~flux']) {
    const code = await failureOf(plugins.update(name, root, '1.0.0'));
    expect(code).toMatchObject({ code: 'E_INCOMPATIBLE_HOST' });
  }
  expect(await plugins.update('@acme/flux', root, '2.0.0', onProgress)).toMatchObject({ pluginVersion: '1.1.0' });
  expect(told.at(-1)).toMatchObject({ type: 'success', message: 'Plugin Updated' });

  await plugins.uninstall('@acme/flux', root, onProgress);
  expect(told.at(-1)).toMatchObject({ type: 'success', message: 'Plugin Uninstalled' });
  expect(await plugins.list(root)).toEqual([byHand]);
});

it('rejects with a known message and its code, whatever onProgress is told or throws', async () => {
  publish('1.0.0');
  const throwing = () => {
    throw new Error('of the caller');
  };
  expect(await failureOf(plugins.update('flux', root, '2.0.0', throwing))).toMatchObject({
    code: 'E_NOT_INSTALLED',
    message: 'Plugin not found',
  });
  expect(await failureOf(plugins.uninstall('flux', join(root, 'none')))).toMatchObject({ message: 'Plugin not found' });
  expect(existsSync(join(root, 'none'))).toBe(false);
  expect(await plugins.list(join(root, 'none'))).toEqual([]);
  expect(await failureOf(plugins.install('hub:acme/none', root, '2.0.0'))).toMatchObject({
    code: 'E_NOT_FOUND',
    message: 'Plugin not found',
    cause: { message: expect.stringContaining('none') as string },
  });
  await plugins.install(page, root, '2.0.0', throwing);
  await mkdir(join(root, 'by-hand'));
  const unmanaged = { code: 'E_UNMANAGED', message: expect.stringContaining('by-hand has no receipt') as string };
  expect(await failureOf(plugins.update('by-hand', root, '2.0.0'))).toMatchObject(unmanaged);
  expect(await failureOf(plugins.uninstall('by-hand', root))).toMatchObject(unmanaged);
  expect(existsSync(join(root, 'by-hand'))).toBe(true);
});

it('does not guess which plugin a name means', async () => {
  publish('1.0.0');
  await plugins.install(page, root, '2.0.0');
  await plugins.install('hub:acme/copy', root, '2.0.0');
  expect(await failureOf(plugins.uninstall('@acme/flux', root, onProgress))).toMatchObject({
    code: 'E_NAME_INVALID',
    details: { pluginIds: ['hub:acme/copy', 'hub:acme/flux'] },
  });
  await plugins.uninstall('hub:acme/copy', root);
  await plugins.uninstall('@acme/flux', root);
});

it.each([
  ['', 'E_NAME_REQUIRED', 'Plugin name is required'],
  [undefined, 'E_NAME_REQUIRED', 'Plugin name is required'],
  ['../flux', 'E_NAME_INVALID', 'Invalid plugin name'],
  ['flux/../../etc', 'E_NAME_INVALID', 'Invalid plugin name'],
  ['__proto__', 'E_NAME_INVALID', 'Invalid plugin name'],
  ['a\\b', 'E_NAME_INVALID', 'Invalid plugin name'],
  ['a\0b', 'E_NAME_INVALID', 'Invalid plugin name'],
  ['x'.repeat(10_000), 'E_NAME_INVALID', 'Invalid plugin name'],
  [{ length: 1 }, 'E_NAME_INVALID', 'Invalid plugin name'],
])('the name %.20j is refused everywhere', async (name, code, message) => {
  const given = name as string;
  for (const call of [
    () => plugins.update(given, root, '2.0.0'),
    () => plugins.uninstall(given, root),
    () => plugins.install(given, root, '2.0.0'),
    () => plugins.fetchPluginInfo(given),
  ])
    expect(await failureOf(call())).toMatchObject({ code, message });
  expect(server.requests).toEqual([]);
});

it.each([
  ['/packages/headlamp/acme/flux/1.0.0/more', 'E_NAME_INVALID'],
  ['/packages/headlamp/acme/../flux', 'E_NAME_INVALID'],
  ['/packages/headlamp/acme', 'E_NAME_INVALID'],
  ['/packages/helm/acme/flux', 'E_URL_INVALID'],
])('the page %s is refused', async (path, code) => {
  expect(await failureOf(plugins.install(`${server.url}${path}`, root, '2.0.0'))).toMatchObject({ code });
});

it('takes a version from the end of the page, and asks no other server than the policy names', async () => {
  publish('1.1.0', '1.0.0');
  expect(await plugins.fetchPluginInfo(`${page}/?modal=install`, { onProgress })).toMatchObject({
    pluginId: 'hub:acme/flux',
    name: 'flux',
    display_name: 'Flux',
    version: '1.1.0',
    repository: { name: 'acme' },
    archiveURL: `${server.url}/archives/acme/flux/1.1.0.tar.gz`,
    archiveChecksum: expect.stringMatching(/^SHA256:[0-9a-f]{64}$/) as string,
    versionCompat: '>=0.22',
  });
  expect(told.at(-1)).toMatchObject({ type: 'success', message: 'Plugin Metadata Fetched' });
  expect(await plugins.install(`${page}/1.0.0`, root, '2.0.0')).toMatchObject({ pluginVersion: '1.0.0' });
  const elsewhere = 'https://artifacthub.io.evil.example/packages/headlamp/acme/flux';
  expect(await failureOf(PluginManager.fetchPluginInfo(elsewhere))).toMatchObject({ code: 'E_URL_INVALID' });
});

it('needs the version of the host, and compares all that a host says of itself', async () => {
  publish('1.0.0');
  for (const host of ['', undefined, 'latest', null, { version: '2.0.0' }, { distro: 'web' }])
    expect(await failureOf(plugins.install(page, root, host as unknown as string))).toMatchObject({
      code: 'E_INCOMPATIBLE_HOST',
    });
  const host = { product: 'fleetwire', version: '2.0.0', distro: 'web', sdkVersion: '1.0.0' };
  const old = { ...host, compat: { headlamp: '0.21.0' } };
  expect(await failureOf(plugins.install(page, root, old))).toMatchObject({ code: 'E_INCOMPATIBLE_HOST' });
  await plugins.install(page, root, { ...host, compat: { headlamp: '0.30.0' } }, onProgress);
  expect(told.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      'Compatible: Headlamp plugin API 0.30.0 is in >=0.22',
      'Compatible: fleetwire 2.0.0 is in >=2',
    ]),
  );
});

it('is cancelled by its signal, and leaves nothing', async () => {
  publish('1.0.0');
  server.fail('/archives/', { kind: 'silent' });
  const controller = new AbortController();
  const failure = failureOf(plugins.install(page, root, '2.0.0', onProgress, controller.signal));
  await vi.waitFor(() => {
    expect(server.requests.some((path) => path.startsWith('/archives/'))).toBe(true);
  });
  controller.abort();
  expect(await failure).toMatchObject({ code: 'E_CANCELLED', message: 'Download cancelled' });
  expect(told.at(-1)).toMatchObject({ type: 'error', message: 'Download cancelled' });
  expect(await readdir(join(root, 'staging'))).toEqual([]);
  expect(await plugins.list(root)).toEqual([]);
});

it('the default folder is that of the platform', () => {
  const home = '/home/ada';
  expect(defaultUserPluginsDir({ platform: 'linux', environment: {}, home })).toBe(
    '/home/ada/.local/share/fleetwire/user-plugins',
  );
  for (const [value, base] of [
    ['/data', '/data'],
    ['relative', '/home/ada/.local/share'],
    ['', '/home/ada/.local/share'],
  ] as const) {
    const environment = { XDG_DATA_HOME: value };
    const folder = `${base}/fleetwire/user-plugins`;
    expect(defaultUserPluginsDir({ platform: 'linux', environment, home })).toBe(folder);
  }
  expect(defaultUserPluginsDir({ platform: 'darwin', environment: { XDG_DATA_HOME: '/data' }, home })).toBe(
    '/home/ada/Library/Application Support/Fleetwire/user-plugins',
  );
  const windows = { platform: 'win32', home: 'C:\\Users\\ada' } as const;
  expect(defaultUserPluginsDir({ ...windows, environment: { APPDATA: 'D:\\Roaming' } })).toBe(
    'D:\\Roaming\\Fleetwire\\user-plugins',
  );
  expect(defaultUserPluginsDir({ ...windows, environment: {} })).toBe(
    'C:\\Users\\ada\\AppData\\Roaming\\Fleetwire\\user-plugins',
  );
});
