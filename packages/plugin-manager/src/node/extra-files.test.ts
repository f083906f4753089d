import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pluginArchive } from '../../test/support/plugin-archive.ts';
import { parsePolicy } from '../core/policy.ts';
import { defaultLimits } from '../protocol/limits.ts';
import { rawEntry, tarOf } from '../testing/bad-archives/tar-builder.ts';
import { createCatalogServer, type CatalogServer } from '../testing/catalog-server.ts';
import { fetchExtraFiles, placeExtraFiles, type ExtraFilesOptions } from './extra-files.ts';
import { createFetcher } from './fetch/create-fetcher.ts';
import type { PluginManager } from './plugin-manager-interface.ts';
import { createPluginManager } from './plugin-manager.ts';
import { createSources } from './sources/create-sources.ts';

const pluginId = 'hub:acme/tool';
const here = `${process.platform}/${process.arch}`;

let folder: string;
let catalog: CatalogServer;
let downloads: Server;
let origin: string;
let manager: PluginManager | undefined;
const bodies = new Map<string, Uint8Array>();
const asked: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetwire-extra-'));
  catalog = await createCatalogServer();
  bodies.clear();
  asked.length = 0;
  downloads = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const body = bodies.get(path);
    if (path === '/silent') return;
    if (path === '/moved') {
      response.writeHead(302, { location: `http://localhost:${new URL(origin).port}/a` }).end();
      return;
    }
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-length': body.length }).end(body);
  });
  await new Promise<void>((resolve) => downloads.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${String((downloads.address() as AddressInfo).port)}`;
});
afterEach(async () => {
  await manager?.dispose();
  downloads.closeAllConnections();
  downloads.close();
  await catalog.dispose();
  await rm(folder, { recursive: true, force: true });
});

function open(more: object = {}, isLocal = true): PluginManager {
  const policy = parsePolicy({
    sources: [{ name: 'hub', kind: 'artifact-hub', url: catalog.url, isLocal }],
    hosts: [new URL(catalog.url).host],
    extraFileHosts: [new URL(origin).host],
    ...more,
  });
  const fetcher = createFetcher({ retries: 0 });
  const host = { product: 'fleetwire', version: '2.0.0', distro: 'web', sdkVersion: '1.0.0' };
  const sources = createSources(policy, fetcher);
  manager = createPluginManager({ root: join(folder, 'store'), host, policy, sources, transport: fetcher });
  return manager;
}

interface Extra {
  readonly path: string;
  readonly body: Uint8Array;
  readonly arch?: string;
  readonly checksum?: string;
  readonly outputs?: Readonly<Record<string, string>>;
}

function publish(extras: readonly Extra[], version = '1.0.0', more: Readonly<Record<string, string>> = {}): void {
  const annotations: Record<string, string> = { ...more };
  for (const [index, { path, body, arch = here, checksum, outputs = {} }] of extras.entries()) {
    bodies.set(path, body);
    const base = `headlamp/plugin/extra-files/${String(index)}`;
    annotations[`${base}/url`] = `${origin}${path}`;
    annotations[`${base}/checksum`] = checksum ?? `sha256:${createHash('sha256').update(body).digest('hex')}`;
    annotations[`${base}/arch`] = arch;
    for (const [at, [input, output]] of Object.entries(outputs).entries()) {
      annotations[`${base}/output/${String(at)}/input`] = input;
      annotations[`${base}/output/${String(at)}/output`] = output;
    }
  }
  const archive = pluginArchive({ name: 'tool', version }, { 'bin/own': 'own' });
  catalog.put({ repo: 'acme', name: 'tool', versions: [{ version, archive, annotations }] });
}

const tgz = (files: Readonly<Record<string, string>>): Uint8Array =>
  gzipSync(tarOf(Object.entries(files).map(([path, body]) => rawEntry({ path, body: Buffer.from(body) }))));

async function failureOf(using: PluginManager): Promise<unknown> {
  const failure: unknown = await using.install(pluginId).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(await using.list()).toEqual([]);
  expect(await readdir(join(folder, 'store', 'store'))).toEqual([]);
  for (const token of await readdir(join(folder, 'store', 'staging')))
    expect(await readdir(join(folder, 'store', 'staging', token))).toEqual([]);
  return failure;
}

it('places what is for this platform in bin/, in the receipt as every file, and fetches nothing else', async () => {
  const archive = tgz({ 'out/tool-linux': '#!/bin/tool', 'out/LICENSE': 'free' });
  publish([
    { path: '/v1/tool.tar.gz?x=1', body: archive, outputs: { 'out/tool-linux': 'tool', 'out/LICENSE': 'doc/LICENSE' } },
    { path: '/v1/plain', body: Buffer.from('plain') },
    { path: '/v1/renamed', body: Buffer.from('renamed'), outputs: { renamed: 'other' } },
    { path: '/v1/elsewhere', body: Buffer.from('x'), arch: 'plan9/mips' },
  ]);
  const using = open();
  const { receipt, installed } = await using.install(pluginId);
  expect(asked).toEqual(['/v1/tool.tar.gz?x=1', '/v1/plain', '/v1/renamed']);
  const expected = {
    'bin/tool': '#!/bin/tool',
    'bin/doc/LICENSE': 'free',
    'bin/plain': 'plain',
    'bin/other': 'renamed',
    'bin/own': 'own',
  };
  for (const [path, content] of Object.entries(expected)) {
    const { file, content: stream } = await using.openFile(pluginId, installed.active.build, path);
    expect(await text(stream)).toBe(content);
    expect(file).toMatchObject({
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      integrity: `sha384-${createHash('sha384').update(content).digest('base64')}`,
    });
  }
  expect(receipt.files.map(({ path }) => path)).toEqual([
    'package.json',
    'dist/main.js',
    'bin/own',
    'bin/tool',
    'bin/doc/LICENSE',
    'bin/plain',
    'bin/other',
  ]);
  expect(receipt.extraFiles).toMatchObject([
    { url: `${origin}/v1/tool.tar.gz`, digest: { algorithm: 'sha256' } },
    { url: `${origin}/v1/plain` },
    { url: `${origin}/v1/renamed` },
  ]);
  expect((await using.get(pluginId)).receipt).toMatchObject({ extraFiles: receipt.extraFiles });
  expect(await using.verify(pluginId)).toMatchObject({ isIntact: true });
  const { folderName } = await using.get(pluginId);
  const files = join(folder, 'store', 'store', folderName, installed.active.build, 'files');
  expect((await stat(join(files, 'bin/tool'))).mode & 0o777).toBe(0o644);

  // Again from the cache.
  await rm(join(files, 'bin/tool'));
  const before = asked.length;
  expect(await using.repair(pluginId)).toMatchObject({ isReinstalled: true });
  expect(await readFile(join(files, 'bin/tool'), 'utf8')).toBe('#!/bin/tool');
  expect(asked).toHaveLength(before);
});

it('asks for nothing that the policy does not allow', async () => {
  publish([{ path: '/a', body: Buffer.from('a') }]);
  const using = open({ extraFileHosts: [] });
  expect(await failureOf(using)).toMatchObject({ code: 'E_EXTRA_FILES_DENIED', phase: 'policy', pluginId });
  await using.dispose();
  // The hosts of archives do not count, and a signature that is required is one that an extra file cannot have.
  const other = open({ extraFileHosts: [], hosts: [new URL(catalog.url).host, new URL(origin).host] });
  expect(await failureOf(other)).toMatchObject({ code: 'E_EXTRA_FILES_DENIED' });
  await other.dispose();
  expect(await failureOf(open({ signature: 'require' }))).toMatchObject({ code: 'E_SIGNATURE_MISSING' });
  expect(asked).toEqual([]);
  expect(catalog.requests.some((path) => path.startsWith('/archives'))).toBe(false);
});

const plain = Buffer.from('plain');
const named = (files: Readonly<Record<string, string>>, outputs: Readonly<Record<string, string>>): Extra => ({
  path: '/x.tgz',
  body: tgz(files),
  outputs,
});
it.each<readonly [string, readonly Extra[], object]>([
  ['other bytes', [{ path: '/a', body: plain, checksum: `sha256:${'0'.repeat(64)}` }], { code: 'E_INTEGRITY' }],
  ['a file of the archive', [{ path: '/a', body: plain, outputs: { a: 'own' } }], { code: 'E_ENTRY_DUPLICATE' }],
  ['one that differs by case', [{ path: '/a', body: plain, outputs: { a: 'OWN' } }], { code: 'E_ENTRY_DUPLICATE' }],
  ['a folder below a file', [{ path: '/a', body: plain, outputs: { a: 'own/x' } }], { code: 'E_ENTRY_DUPLICATE' }],
  [
    'another extra file',
    [
      { path: '/a', body: plain, outputs: { a: 'x' } },
      { path: '/b', body: plain, outputs: { b: 'x' } },
    ],
    { code: 'E_ENTRY_DUPLICATE' },
  ],
  [
    'package.json by dots',
    [{ path: '/a', body: plain, outputs: { a: '../package.json' } }],
    { code: 'E_PATH_TRAVERSAL' },
  ],
  ['a root', [{ path: '/a', body: plain, outputs: { a: '/etc/x' } }], { code: 'E_PATH_TRAVERSAL' }],
  ['a reserved name', [{ path: '/a', body: plain, outputs: { a: 'con.txt' } }], { code: 'E_PATH_INVALID' }],
  [
    'a name that is too long',
    [{ path: '/a', body: plain, outputs: { a: 'x'.repeat(201) } }],
    { code: 'E_PATH_TOO_LONG' },
  ],
  ['what the archive does not have', [named({ 'out/a': 'a' }, { 'out/b': 'b' })], { code: 'E_ENTRY_MISSING' }],
  ['an input that is another name', [{ path: '/a', body: plain, outputs: { b: 'x' } }], { code: 'E_ENTRY_MISSING' }],
  ['nothing of an archive', [named({ 'out/a': 'a' }, {})], { code: 'E_RESPONSE_INVALID' }],
  ['what is no archive', [{ path: '/x.tgz', body: plain, outputs: { 'out/a': 'a' } }], { code: 'E_ARCHIVE_FORMAT' }],
  [
    'a link',
    [{ path: '/x.tgz', body: gzipSync(tarOf([rawEntry({ path: 'out/a', type: '2' })])), outputs: { 'out/a': 'a' } }],
    { code: 'E_ENTRY_TYPE' },
  ],
])('an extra file that is or lands on %s fails the operation, and leaves nothing', async (_, extras, error) => {
  publish([{ path: '/good', body: Buffer.from('good') }, ...extras]);
  expect(await failureOf(open())).toMatchObject({ ...error, pluginId });
});

it('one that is not there, or on another host, fails the operation', async () => {
  publish([{ path: '/a', body: plain }]);
  bodies.clear();
  const using = open();
  expect(await failureOf(using)).toMatchObject({ code: 'E_HTTP_STATUS' });
  publish([{ path: '/moved', body: plain }]);
  expect(await failureOf(using)).toMatchObject({ code: 'E_HOST_DENIED' });
  // The address of this machine is for local sources alone.
  await using.dispose();
  expect(await failureOf(open({}, false))).toBeInstanceOf(Error);
});

it('counts the archive and all extra files together', async () => {
  const big = Buffer.alloc(30_000, 'x');
  publish([
    { path: '/a', body: big },
    { path: '/b', body: big },
  ]);
  for (const limits of [{ maxDownloadBytes: 50_000 }, { maxExtractedBytes: 50_000 }, { maxEntries: 6 }]) {
    const using = open({ limits });
    const code =
      'maxDownloadBytes' in limits
        ? 'E_RESPONSE_TOO_LARGE'
        : 'maxEntries' in limits
          ? 'E_ARCHIVE_ENTRIES'
          : 'E_ARCHIVE_SIZE';
    expect(await failureOf(using)).toMatchObject({ code });
    await using.dispose();
  }
  const archive = tgz({ 'out/a': 'x'.repeat(30_000) });
  publish([
    { path: '/a', body: big },
    { path: '/x.tgz', body: archive, outputs: { 'out/a': 'x' } },
  ]);
  expect(await failureOf(open({ limits: { maxExtractedBytes: 50_000 } }))).toMatchObject({ code: 'E_ARCHIVE_SIZE' });
});

it('counts what is placed, and takes nothing twice', async () => {
  const big = Buffer.alloc(30_000, 'x');
  const outputs = Array.from({ length: 100 }, (_, index) => `x${String(index)}`);
  const annotations: Record<string, string> = {};
  const base = 'headlamp/plugin/extra-files/0';
  for (const name of outputs) {
    annotations[`${base}/output/${name}/input`] = 'a';
    annotations[`${base}/output/${name}/output`] = name;
  }
  publish([{ path: '/a', body: big }], '1.0.0', annotations);
  expect(await failureOf(open())).toMatchObject({ code: 'E_RESPONSE_INVALID' });
  await manager?.dispose();
  const two = Object.fromEntries(Object.entries(annotations).slice(0, 4));
  publish([{ path: '/a', body: big }], '1.0.0', two);
  expect(await failureOf(open())).toMatchObject({ code: 'E_ENTRY_DUPLICATE' });
  expect(asked).toEqual([]);
});

it('keeps a frozen sync to the extra files that were reviewed', async () => {
  publish([{ path: '/a', body: Buffer.from('good') }]);
  const file = join(folder, 'plugins.yaml');
  await writeFile(file, `plugins:\n  - id: ${pluginId}\n    version: "1.0.0"\n`);
  const using = open();
  await using.sync({ file });
  expect(await readFile(join(folder, 'plugins.lock.json'), 'utf8')).toContain(
    createHash('sha256').update('good').digest('hex'),
  );
  await using.uninstall(pluginId);
  await using.sync({ file, isFrozen: true });
  await using.uninstall(pluginId);
  publish([{ path: '/a', body: Buffer.from('evil!') }]);
  await expect(using.sync({ file, isFrozen: true })).rejects.toMatchObject({ code: 'E_INTEGRITY' });
  expect(await using.list()).toEqual([]);
});

it('the hosts that archives may redirect to are none for extra files', async () => {
  publish([{ path: '/moved', body: plain }]);
  const redirectHosts = [`localhost:${new URL(origin).port}`];
  expect(await failureOf(open({ redirectHosts }))).toMatchObject({ code: 'E_HOST_DENIED' });
});

it('is cancelled while an extra file is fetched, and the old version stays', async () => {
  publish([{ path: '/a', body: plain }]);
  const using = open();
  await using.install(pluginId);
  publish([{ path: '/silent', body: Buffer.from('never sent') }], '1.1.0');
  const running = using.update(pluginId);
  await vi.waitFor(() => {
    expect(asked).toContain('/silent');
  });
  running.cancel();
  await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(await using.get(pluginId)).toMatchObject({ installed: { active: { version: '1.0.0' } }, status: 'ok' });
});

it('a repair asks the source for the whole URL of an extra file; one that was withdrawn is taken out by an install', async () => {
  publish([{ path: '/a?token=1', body: plain }]);
  const using = open();
  const { installed } = await using.install(pluginId);
  const { folderName } = await using.get(pluginId);
  await rm(join(folder, 'store', 'store', folderName, installed.active.build, 'files', 'bin', 'a'));
  await using.repair(pluginId);
  expect(asked.at(-1)).toBe('/a?token=1');
  expect(await using.verify(pluginId)).toMatchObject({ isIntact: true });
  publish([]);
  const { isChanged, receipt } = await using.install(pluginId);
  expect([isChanged, receipt.extraFiles]).toEqual([true, undefined]);
  expect((await using.install(pluginId)).isChanged).toBe(false);
});

it('a cached file that another process lets go meanwhile is placed all the same, and fetched where it is gone already', async () => {
  const cached = join(folder, 'cached');
  const body = Buffer.from('a tool');
  const digest = { algorithm: 'sha256', hex: createHash('sha256').update(body).digest('hex') } as const;
  const file = { url: 'https://example.org/tool', digest, arch: here, outputs: [] };
  const downloadExtraFile = vi.fn(async ({ destination }: { readonly destination: string }) => {
    await writeFile(destination, body);
    return { bytes: body.length, sha256: digest.hex, urlChain: [] };
  });
  const keep = vi.fn(() => Promise.resolve(''));
  const ports = {
    limits: defaultLimits,
    downloadExtraFile,
    store: { cache: { find: () => Promise.resolve(cached), keep } },
  };
  async function fetchAndPlace(name: string, meanwhile: () => Promise<void>): Promise<string> {
    const scratch = join(folder, name);
    const target = join(folder, `${name}.files`);
    await mkdir(target);
    const options = {
      ref: { source: 'hub', repo: 'acme', name: 'tool' },
      planned: [{ file, isArchive: false, moves: [{ input: 'tool', path: 'bin/tool' }] }],
      archive: { bytes: 1, plan: { topFolder: 'tool', files: [], directories: [], totalBytes: 1 } },
      ...{ scratch, ports, context: { signal: new AbortController().signal, onBytes: vi.fn(), warn: vi.fn() } },
    } as unknown as ExtraFilesOptions;
    const fetched = await fetchExtraFiles(options);
    await meanwhile();
    await placeExtraFiles(fetched, target, options);
    return readFile(join(target, 'bin/tool'), 'utf8');
  }
  await writeFile(cached, body);
  expect(await fetchAndPlace('first', () => rm(cached))).toBe('a tool');
  expect([downloadExtraFile.mock.calls.length, keep.mock.calls.length]).toEqual([0, 0]);
  expect(await fetchAndPlace('second', () => Promise.resolve())).toBe('a tool');
  expect([downloadExtraFile.mock.calls.length, keep.mock.calls.length]).toEqual([1, 1]);
});
