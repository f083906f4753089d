import { createHash } from 'node:crypto';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as npmTar from 'tar';
import { afterAll, expect, it } from 'vitest';
import { defaultLimits } from '../protocol/limits.ts';
import { planArchive } from './archive.ts';
import { packPlugin, type PackProgress } from './pack.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetwire-pack-'));
  folders.push(folder);
  return folder;
}

const manifest = { name: '@acme/hello', version: '1.2.3', fleetwire: { entry: './dist/index.js' } };

async function newPlugin(files: Readonly<Record<string, string | Buffer>> = {}, more: object = {}): Promise<string> {
  const folder = await newFolder();
  const all = {
    'package.json': JSON.stringify({ ...manifest, ...more }),
    'dist/index.js': 'export default {};\n',
    ...files,
  };
  for (const [path, content] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

async function pathsOf(path: string): Promise<string[]> {
  const paths: string[] = [];
  await npmTar.t({ file: path, strict: true, onReadEntry: (entry) => paths.push(entry.path) });
  return paths;
}

const long = `${'long-'.repeat(15)}name/${'even-longer-'.repeat(10)}é.js`;

it('differently touched copies become the same bytes, on which `tar` and the checksum agree', async () => {
  const first = await newPlugin({
    'dist/b.js': 'b',
    'dist/a/c.css': 'c',
    [`dist/${long}`]: 'long',
    'README.md': '# x',
  });
  const second = await newFolder();
  await cp(first, second, { recursive: true });
  await utimes(join(second, 'dist/b.js'), 1_000_000, 1_000_000);
  await chmod(join(second, 'dist/b.js'), 0o755);
  await chmod(join(second, 'dist'), 0o700);
  await rm(join(second, 'package.json'));
  await cp(join(first, 'package.json'), join(second, 'package.json'));

  const one = await packPlugin(first, { destination: await newFolder() });
  const destination = join(await newFolder(), 'to', 'make');
  const two = await packPlugin(second, { destination });
  const bytes = await readFile(one.path);
  expect((await readFile(two.path)).equals(bytes)).toBe(true);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(two).toEqual({
    path: join(destination, 'acme-hello-1.2.3.tar.gz'),
    bytes: bytes.byteLength,
    sha256,
    checksum: `SHA256:${sha256}`,
    name: '@acme/hello',
    version: '1.2.3',
    files: 6,
    warnings: [expect.stringContaining('package.json: there is no "files"') as string],
  });
  expect(await readFile(`${two.path}.sha256`, 'utf8')).toBe(`${sha256}  acme-hello-1.2.3.tar.gz\n`);
  expect(await readdir(destination)).toEqual(['acme-hello-1.2.3.tar.gz', 'acme-hello-1.2.3.tar.gz.sha256']);
  // No flags, no time, best compression, no operating system (RFC 1952).
  expect(bytes.subarray(0, 10).toString('hex')).toBe('1f8b08000000000002ff');

  const unpacked = await newFolder();
  await npmTar.x({ file: one.path, cwd: unpacked, strict: true });
  expect(await readdir(unpacked)).toEqual(['acme-hello']);
  for (const path of ['package.json', 'README.md', 'dist/index.js', 'dist/b.js', 'dist/a/c.css', `dist/${long}`]) {
    const found = await readFile(join(unpacked, 'acme-hello', path));
    expect([path, found.equals(await readFile(join(first, path)))]).toEqual([path, true]);
  }
});

it('every header says owner 0, time 0, and mode 0644 or 0755; folders come first, all in the order of their paths', async () => {
  const folder = await newPlugin({ 'dist/run.sh': '#!/bin/sh' });
  await chmod(join(folder, 'dist/run.sh'), 0o777);
  const { path } = await packPlugin(folder, { destination: await newFolder() });
  const entries: unknown[] = [];
  await npmTar.t({
    file: path,
    strict: true,
    onReadEntry: ({ path: name, mode, uid, gid, mtime, uname, gname }) => {
      entries.push([name, mode?.toString(8), uid, gid, mtime?.getTime(), uname, gname]);
    },
  });
  const rest = [0, 0, 0, '', ''];
  expect(entries).toEqual([
    ['acme-hello/', '755', ...rest],
    ['acme-hello/dist/', '755', ...rest],
    ['acme-hello/dist/index.js', '644', ...rest],
    ['acme-hello/dist/run.sh', '644', ...rest],
    ['acme-hello/package.json', '644', ...rest],
  ]);
});

it('`files` chooses: folders, globs, and what is left out again; package.json, README and LICENSE come always', async () => {
  const sources = ['dist/index.js.map', 'dist/deep/er/x.svg', 'src/index.ts', 'assets/a.png', 'assets/sub/b.png'];
  const never = ['.env', 'dist/.cache/x', 'node_modules/x/index.js', 'dist/node_modules/y.js', 'pnpm-lock.yaml'];
  const all = [...sources, ...never, 'LICENSE', 'ReadMe.txt', 'notes.txt'];
  const files = ['./dist/', '!**/*.map', 'assets/*.png', '/notes.tx?'];
  const folder = await newPlugin(Object.fromEntries(all.map((path) => [path, path])), { files });
  const { path } = await packPlugin(folder, { destination: folder });
  const paths = (await pathsOf(path)).filter((name) => !name.endsWith('/'));
  expect(paths.map((name) => name.slice('acme-hello/'.length))).toEqual([
    'LICENSE',
    'ReadMe.txt',
    'assets/a.png',
    'dist/deep/er/x.svg',
    'dist/index.js',
    'notes.txt',
    'package.json',
  ]);
});

it('a second run into the same folder gives the same bytes: earlier archives are not packed', async () => {
  const folder = await newPlugin();
  const first = await packPlugin(folder, { destination: folder });
  const second = await packPlugin(folder, { destination: folder });
  expect(second).toEqual(first);
});

it('earlier archives are not packed where `files` names their folder either, nor those of `npm pack`', async () => {
  const folder = await newPlugin({ 'dist/acme-hello-1.0.0.tgz': 'x' }, { files: ['dist'] });
  const destination = join(folder, 'dist');
  const first = await packPlugin(folder, { destination });
  expect(first).toMatchObject({ files: 2, warnings: [] });
  expect(await packPlugin(folder, { destination })).toEqual(first);
});

it('what has no effect in package.json, or is likely packed by mistake, is a warning', async () => {
  const engines = { node: '>=22', 'fleetwire-skd': '^1.0.0', 'fleetwire-sdk': '^99.0.0' };
  const contributes = { overviewWidget: [{ id: 'x' }], overviewWidgets: [] };
  const fleetwire = { ...manifest.fleetwire, contributes, contribute: {} };
  const files = ['dist', '*.pem', '*.zip', '.env', 'dits', '!no'];
  const more = { engines, fleetwire, files };
  const folder = await newPlugin({ 'server.pem': '', 'old.zip': '', 'dist/key.ts': '', '.env': '' }, more);
  const { warnings } = await packPlugin(folder, { destination: await newFolder() });
  expect(warnings).toEqual([
    'package.json: fleetwire["contribute"] has no effect; expected entry or contributes',
    'package.json: engines["fleetwire-skd"] has no effect; expected fleetwire or fleetwire-sdk',
    expect.stringMatching(/^package\.json: fleetwire\.contributes\.overviewWidget\[0\].*leaves it out$/),
    expect.stringMatching(
      /^package\.json: fleetwire\.contributes: there is no kind "overviewWidgets"; did you mean overviewWidget\?/,
    ),
    expect.stringMatching(/^package\.json: engines\["fleetwire-sdk"\] "\^99\.0\.0" does not hold 1\./),
    'package.json: "files" names .env, dits, and nothing that is packed fits',
    'server.pem may hold a private key, and is packed; "files" of package.json says what is',
    'old.zip is an archive, and is packed; "files" of package.json says what is',
  ]);
});

it('a contribution that is declared under another id than it is registered under is a warning', async () => {
  const contributes = { overviewWidget: [{ id: 'hello', title: 'Hello' }] };
  const pack = async (id: string) => {
    const source = `export default { activate: ({ register }) => register('overviewWidget', { id: '${id}' }) };`;
    const more = { files: ['dist'], fleetwire: { ...manifest.fleetwire, contributes } };
    return packPlugin(await newPlugin({ 'dist/index.js': source }, more), { destination: await newFolder() });
  };
  expect(await pack('hello')).toMatchObject({ warnings: [] });
  expect(await pack('hallo')).toMatchObject({ warnings: [expect.stringContaining('declares "hello"')] });
});

it('an entry that no page could load is refused before anything is written', async () => {
  const destination = await newFolder();
  const folder = await newPlugin({ 'dist/index.js': "import 'lodash';\nexport default {};" });
  await expect(packPlugin(folder, { destination })).rejects.toMatchObject({ code: 'E_ENTRY_INVALID' });
  expect(await readdir(destination)).toEqual([]);
  expect(await packPlugin(folder, { destination, shared: ['lodash'] })).toMatchObject({ files: 2 });
});

it('the modules that a page shares are those of the decision', async () => {
  const text = await readFile(
    new URL('../../../../docs/decisions/0014-modules-that-plugins-share.md', import.meta.url),
    'utf8',
  );
  const [, list = ''] = /each shared specifier \(([^)]+)\)/.exec(text) ?? [];
  const shared = [...list.matchAll(/`([^`]+)`/g)].map(([, specifier]) => specifier);
  const source = `${shared.map((specifier) => `import '${String(specifier)}';`).join('\n')}\nexport default {};`;
  const destination = await newFolder();
  const ofAll = packPlugin(await newPlugin({ 'dist/index.js': source }, { files: ['dist'] }), { destination });
  expect(await ofAll).toMatchObject({ warnings: [] });
  const other = await newPlugin({ 'dist/index.js': "import 'other'; export default {};" });
  const said = shared.join(', ');
  await expect(packPlugin(other, { destination })).rejects.toThrow(`what pages share (${said})`);
});

it.each<[code: string, says: string, files: Record<string, string | Buffer>, more: object]>([
  ['E_MANIFEST_INVALID', 'JSON', { 'package.json': '{' }, {}],
  ['E_MANIFEST_INVALID', 'name', {}, { name: '../x' }],
  ['E_MANIFEST_INVALID', 'version', {}, { version: '1' }],
  ['E_MANIFEST_INVALID', 'files', {}, { files: 'dist' }],
  ['E_MANIFEST_INVALID', 'files[1]', {}, { files: ['dist', '../secrets'] }],
  ['E_MANIFEST_INVALID', 'files[0]', {}, { files: ['{a,b}'] }],
  ['E_ENTRY_MISSING', 'names no entry', {}, { fleetwire: {} }],
  ['E_ENTRY_MISSING', 'dist/other.js: has it been built?', {}, { fleetwire: { entry: 'dist/other.js' } }],
  ['E_ENTRY_MISSING', 'is not packed: see "files"', { 'lib/x.js': '' }, { files: ['lib'] }],
  ['E_PATH_TRAVERSAL', '../index.js', {}, { fleetwire: { entry: '../index.js' } }],
  ['E_PATH_INVALID', 'dist/a\\\\b.js', { 'dist/a\\b.js': '' }, {}],
  ['E_PATH_INVALID', 'aux.js', { 'dist/aux.js': '' }, {}],
  ['E_ENTRY_DUPLICATE', 'INDEX.js', { 'dist/INDEX.js': '' }, {}],
  ['E_PATH_TOO_LONG', 'deep', { [`${'deep/'.repeat(33)}x`]: '' }, {}],
])('%s for a folder that no reader would take, naming %s, and nothing is left', async (code, says, files, more) => {
  const destination = await newFolder();
  const error = await packPlugin(await newPlugin(files, more), { destination }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, message: expect.stringContaining(says) as string });
  expect(await readdir(destination)).toEqual([]);
});

it('a symbolic link is refused, wherever it leads', async () => {
  const folder = await newPlugin();
  await symlink('index.js', join(folder, 'dist/link.js'));
  await expect(packPlugin(folder, { destination: folder })).rejects.toMatchObject({
    code: 'E_ENTRY_TYPE',
    details: { entry: 'dist/link.js' },
  });
});

it('a folder without package.json is said to have none', async () => {
  const folder = await newFolder();
  await expect(packPlugin(folder, { destination: folder })).rejects.toMatchObject({
    code: 'E_MANIFEST_MISSING',
    message: expect.stringContaining(join(folder, 'package.json')) as string,
  });
});

it('what is larger than the limits of those who install it is refused, before or after it is packed', async () => {
  const folder = await newPlugin({ 'dist/zeros.bin': '' });
  await truncate(join(folder, 'dist/zeros.bin'), 300_000);
  const destination = await newFolder();
  const codeWith = async (limits: Partial<typeof defaultLimits>) =>
    packPlugin(folder, { destination, limits: { ...defaultLimits, ...limits } }).then(
      () => 'packed',
      ({ code }: { readonly code: string }) => code,
    );
  expect(await codeWith({ maxFileBytes: 299_999 })).toBe('E_ARCHIVE_SIZE');
  expect(await codeWith({ maxExtractedBytes: 300_000 })).toBe('E_ARCHIVE_SIZE');
  expect(await codeWith({ maxEntries: 4 })).toBe('E_ARCHIVE_ENTRIES');
  expect(await codeWith({ maxDownloadBytes: 100 })).toBe('E_ARCHIVE_SIZE');
  expect(await codeWith({ ratioFreeBytes: 100_000 })).toBe('E_ARCHIVE_RATIO');
  expect(await codeWith({ maxManifestBytes: 10 })).toBe('E_MANIFEST_INVALID');
  expect(await readdir(destination)).toEqual([]);
  expect(await codeWith({})).toBe('packed');
});

it('tells how far it is, never backwards, and to the end', async () => {
  const folder = await newPlugin({ 'dist/big.bin': Buffer.alloc(1_000_000, 'x') });
  const told: PackProgress[] = [];
  const onProgress = (progress: PackProgress) => told.push(progress);
  await packPlugin(folder, { destination: await newFolder(), onProgress });
  const done = told.map((progress) => progress.done);
  expect(done.length).toBeGreaterThan(3);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(done.at(-1)).toBe(told[0]?.total);
});

it('a cancelled run leaves the archive of an earlier one as it was, and nothing beside it', async () => {
  const folder = await newPlugin({ 'dist/big.bin': Buffer.alloc(1_000_000, 'x') });
  const destination = await newFolder();
  const { path } = await packPlugin(folder, { destination });
  const before = await readFile(path);
  await writeFile(join(folder, 'dist/big.bin'), Buffer.alloc(1_000_000, 'y'));
  const controller = new AbortController();
  const cancelled = packPlugin(folder, {
    destination,
    signal: controller.signal,
    onProgress: () => {
      controller.abort();
    },
  });
  await expect(cancelled).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect((await readFile(path)).equals(before)).toBe(true);
  expect(await readdir(destination)).toHaveLength(2);
});

it('a file that grows while it is packed fails the run', async () => {
  const folder = await newPlugin({ 'dist/a.bin': Buffer.alloc(200_000, 'x'), 'dist/z.bin': 'short' });
  const destination = await newFolder();
  let grown: Promise<void> | undefined;
  const packing = packPlugin(folder, {
    destination,
    onProgress: () => {
      grown ??= writeFile(join(folder, 'dist/z.bin'), 'longer than it was');
    },
  });
  await expect(packing).rejects.toMatchObject({ code: 'E_STORE', message: expect.stringContaining('z.bin') as string });
  await grown;
  expect(await readdir(destination)).toEqual([]);
});

it('the reader that installs archives takes what was packed, and finds the same files', async () => {
  const folder = await newPlugin({ [`dist/${long}`]: 'long', 'dist/empty.txt': '' });
  const { path } = await packPlugin(folder, { destination: await newFolder() });
  const plan = await planArchive(path, defaultLimits, new AbortController().signal);
  expect(plan.topFolder).toBe('acme-hello');
  const expected = [`dist/${long}`, 'dist/empty.txt', 'dist/index.js', 'package.json'].toSorted();
  expect(plan.files.map((file) => file.path)).toEqual(expected);
});
