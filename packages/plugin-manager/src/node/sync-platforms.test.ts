import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pluginArchive } from '../../test/support/plugin-archive.ts';
import { createCatalogServer, type CatalogServer } from '../testing/catalog-server.ts';
import type { PluginManager } from './plugin-manager-interface.ts';

const pluginId = 'hub:acme/tool';
const ownArch = process.arch;
const [one, other] = ['x64', 'arm64'];

let folder: string;
let catalog: CatalogServer;
let downloads: Server;
let origin: string;
let file: string;
let lockFile: string;
const asked: string[] = [];
const managers: PluginManager[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetwire-platforms-'));
  file = join(folder, 'plugins.yaml');
  lockFile = join(folder, 'plugins.lock.json');
  await writeFile(file, `plugins: [{ id: "${pluginId}" }]`);
  catalog = await createCatalogServer();
  asked.length = 0;
  downloads = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(`the file ${request.url ?? ''}`);
  });
  await new Promise<void>((resolve) => downloads.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${String((downloads.address() as AddressInfo).port)}`;
});
afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.dispose();
  Object.defineProperty(process, 'arch', { value: ownArch });
  downloads.close();
  await catalog.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** A manager as it is on a machine of this architecture, which its modules look up when they are loaded. */
async function managerOn(arch: string): Promise<PluginManager> {
  Object.defineProperty(process, 'arch', { value: arch });
  vi.resetModules();
  const { parsePolicy } = await import('../core/policy.ts');
  const { createFetcher } = await import('./fetch/create-fetcher.ts');
  const { createSources } = await import('./sources/create-sources.ts');
  const { createPluginManager } = await import('./plugin-manager.ts');
  const policy = parsePolicy({
    sources: [{ name: 'hub', kind: 'artifact-hub', url: catalog.url, isLocal: true }],
    hosts: [new URL(catalog.url).host],
    extraFileHosts: [new URL(origin).host],
  });
  const transport = createFetcher({ retries: 0 });
  const host = { product: 'fleetwire', version: '2.0.0', distro: 'web', sdkVersion: '1.0.0' };
  const sources = createSources(policy, transport);
  const manager = createPluginManager({ root: join(folder, arch), host, policy, sources, transport });
  managers.push(manager);
  return manager;
}

/** Publishes the version with a file for each of these architectures; `changed` has other bytes. */
function publish(arches: readonly string[], changed?: string): void {
  const annotations = Object.fromEntries(
    arches.flatMap((arch, index) => {
      const path = arch === changed ? `/changed/${arch}` : `/${arch}`;
      const base = `headlamp/plugin/extra-files/${String(index)}`;
      const digest = createHash('sha256').update(`the file ${path}`).digest('hex');
      return [
        [`${base}/url`, `${origin}${path}`],
        [`${base}/checksum`, `sha256:${digest}`],
        [`${base}/arch`, `${process.platform}/${arch}`],
      ];
    }),
  );
  const archive = pluginArchive({ name: 'tool', version: '1.0.0' });
  catalog.put({ repo: 'acme', name: 'tool', versions: [{ version: '1.0.0', archive, annotations }] });
}

interface LockText {
  readonly plugins: Record<string, { extraFiles?: readonly { arch?: string; digest: unknown; url: string }[] }>;
}
const lockText = () => readFile(lockFile, 'utf8');
const lockedFiles = async () => (JSON.parse(await lockText()) as LockText).plugins[pluginId]?.extraFiles;

it('a lock that was written on one platform is good on another, and is written there in the same way', async () => {
  publish([other, one]);
  await (await managerOn(one)).sync({ file });
  expect(asked).toEqual([`/${one}`]);
  const platforms = [other, one].map((arch) => `${process.platform}/${arch}`);
  expect(await lockedFiles()).toMatchObject(platforms.map((arch) => ({ arch, digest: { algorithm: 'sha256' } })));
  const written = await lockText();
  const there = await managerOn(other);
  expect((await there.sync({ file, isFrozen: true })).plan.steps).toMatchObject([{ action: 'install' }]);
  expect(asked).toEqual([`/${one}`, `/${other}`]);
  const { installed, receipt } = (await there.list())[0] as never as {
    installed: { active: { build: string } };
    receipt: object;
  };
  expect(receipt).toMatchObject({ extraFiles: [{ arch: platforms[0] }], otherExtraFiles: [{ arch: platforms[1] }] });
  (await there.openFile(pluginId, installed.active.build, `bin/${other}`)).content.destroy();
  // Also by a sync that may write it.
  await rm(lockFile);
  await there.sync({ file });
  expect(await lockText()).toBe(written);
  expect(await (await managerOn(one)).sync({ file })).toMatchObject({ plan: { isInSync: true }, isLockWritten: false });
});

it('an extra file that was changed for any platform is refused on all of them', async () => {
  publish([one, other]);
  await (await managerOn(one)).sync({ file });
  publish([one, other], other);
  const refusal = { code: 'E_INTEGRITY' };
  for (const isFrozen of [true, false])
    await expect((await managerOn(other)).sync({ file, isFrozen })).rejects.toMatchObject(refusal);
  const { plan } = await (await managerOn(other)).sync({ file, isPlanOnly: true });
  expect(plan.steps).toMatchObject([{ action: 'refused', error: refusal }]);
  await managers[0]?.uninstall(pluginId);
  await expect((await managerOn(one)).sync({ file, isFrozen: true })).rejects.toMatchObject(refusal);
  // What was fetched, of the first sync, is all that ever was.
  expect(asked).toEqual([`/${one}`]);
});

it('a plugin that has extra files for other platforms alone is locked with them', async () => {
  publish([other]);
  const here = await managerOn(one);
  await here.sync({ file });
  expect(asked).toEqual([]);
  expect(await lockedFiles()).toHaveLength(1);
  expect((await here.install(pluginId)).isChanged).toBe(false);
  await (await managerOn(other)).sync({ file, isFrozen: true });
  expect(asked).toEqual([`/${other}`]);
  // The source says something else of another platform: the receipt, and the next lock, have to as well.
  publish([other], other);
  expect(await here.install(pluginId)).toMatchObject({ isChanged: true });
  expect((await here.install(pluginId)).isChanged).toBe(false);
});

it('a lock without platforms, of an earlier program, is for the platform that wrote it, and is completed there', async () => {
  publish([one, other]);
  const here = await managerOn(one);
  await here.sync({ file });
  const written = await lockText();
  const old = JSON.parse(written) as LockText;
  const locked = old.plugins[pluginId]!;
  locked.extraFiles = (locked.extraFiles ?? [])
    .filter(({ arch }) => arch?.endsWith(one) === true)
    .map(({ url, digest }) => ({ url, digest }));
  await writeFile(lockFile, JSON.stringify(old));
  await expect((await managerOn(other)).sync({ file, isFrozen: true })).rejects.toMatchObject({ code: 'E_INTEGRITY' });
  await here.uninstall(pluginId);
  expect((await here.sync({ file, isFrozen: true })).plan.steps).toMatchObject([{ action: 'install' }]);
  expect(await here.sync({ file, isFrozen: true })).toMatchObject({ plan: { isInSync: true } });
  expect(await here.sync({ file })).toMatchObject({ plan: { isInSync: true }, isLockWritten: true });
  expect(await lockText()).toBe(written);
});
