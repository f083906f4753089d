import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFifo } from '../../../test/support/make-fifo.ts';
import { PluginError } from '../../protocol/error.ts';
import { indexOf, type CatalogPackage } from '../../testing/catalog-package.ts';
import { createCatalogServer, type CatalogServer } from '../../testing/catalog-server.ts';
import { createFetcher } from '../fetch/create-fetcher.ts';
import { createFileSource } from './file-source.ts';
import { createIndexSource } from './index-source.ts';
import type { PluginSource } from './plugin-source.ts';

const { signal } = new AbortController();
const archive = Buffer.from('an archive');
const hello: CatalogPackage = {
  repo: 'plugins',
  name: 'hello',
  title: 'Hello',
  description: 'Greets you',
  versions: [
    { version: '1.9.0', archive },
    { version: '1.10.0', archive, ts: 1_700_000_000, changes: ['Greets louder'] },
    { version: '2.0.0-rc.1', archive },
  ],
};
const ref = { repo: 'plugins', name: 'hello' };
const relativeTo = (path: string): CatalogPackage => ({
  ...hello,
  versions: [{ version: '1.0.0', archive, annotations: { 'headlamp/plugin/archive-url': path } }],
});

let server: CatalogServer;
let folder: string;
beforeEach(async () => {
  server = await createCatalogServer([hello, { ...hello, name: 'other', description: 'Else' }]);
  folder = await mkdtemp(join(tmpdir(), 'fleetwire-index-'));
});
afterEach(async () => {
  await server.dispose();
  await rm(folder, { recursive: true });
});

const overHttp = (): PluginSource =>
  createIndexSource({ name: 'own', url: `${server.url}/index.json`, fetcher: createFetcher({}), isLocal: true });
const overFile = async (value: unknown): Promise<PluginSource> => {
  const path = join(folder, 'index.json');
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  return createFileSource({ name: 'own', path, maxBytes: 100_000 });
};

describe('an index of a web server', () => {
  it('is searched by words, described newest first, and gives releases', async () => {
    const source = overHttp();
    expect(await source.search({ query: 'YOU hello', limit: 60, offset: 0, signal })).toMatchObject({
      items: [{ ref: { source: 'own', ...ref }, version: '1.10.0' }],
      total: 1,
    });
    expect(await source.search({ query: '', limit: 1, offset: 1, signal })).toMatchObject({
      items: [{ ref: { name: 'other' } }],
      total: 2,
    });
    const { versions, version } = await source.describe(ref, signal);
    expect(version).toBe('1.10.0');
    expect(versions.map((one) => one.version)).toEqual(['2.0.0-rc.1', '1.10.0', '1.9.0']);
    expect(versions[1]?.publishedAt).toBe(1_700_000_000_000);
    expect(await source.release(ref, '1.9.0', signal)).toMatchObject({
      version: '1.9.0',
      repositoryId: 'id-of-plugins',
    });
    expect((await source.release(ref, '1.10.0', signal)).changes).toEqual([{ description: 'Greets louder' }]);
  });

  it('names archives relative to itself', async () => {
    server.put(relativeTo('archives/a.tar.gz'));
    const { archiveUrl } = await overHttp().release(ref, '1.0.0', signal);
    expect(archiveUrl).toBe(`${server.url}/archives/a.tar.gz`);
  });

  it('says what it does not have', async () => {
    const none = { repo: 'plugins', name: 'none' };
    await expect(overHttp().describe(none, signal)).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
    await expect(overHttp().release(ref, '9.9.9', signal)).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  });

  it('is loaded once by a snapshot, and anew by the next', async () => {
    const source = overHttp();
    const snapshot = source.snapshot?.();
    const { version } = (await snapshot?.describe(ref, signal)) ?? {};
    server.put(relativeTo('later.tar.gz'));
    expect(version).toBe('1.10.0');
    expect(await snapshot?.release(ref, '1.9.0', signal)).toMatchObject({ version: '1.9.0' });
    expect(await source.snapshot?.().describe(ref, signal)).toMatchObject({ version: '1.0.0' });
    expect(await source.describe(ref, signal)).toMatchObject({ version: '1.0.0' });
  });

  it('shows no query of an archive that has no URL', async () => {
    server.put(relativeTo('//[?token=secret'));
    const refused: unknown = await overHttp()
      .release(ref, '1.0.0', signal)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'E_RESPONSE_INVALID', message: expect.stringContaining('"//["') as string });
    const { message, details } = refused as PluginError;
    expect(message + JSON.stringify(details)).not.toContain('secret');
  });

  it('is refused when it is HTML, huge, or redirects elsewhere', async () => {
    const run = () => overHttp().describe(ref, signal);
    const undo = server.fail('/index.json', { kind: 'html' });
    await expect(run()).rejects.toMatchObject({ code: 'E_RESPONSE_INVALID' });
    undo();
    const undoHuge = server.fail('/index.json', { kind: 'huge', bytes: 5 * 1024 * 1024 });
    await expect(run()).rejects.toMatchObject({ code: 'E_RESPONSE_TOO_LARGE' });
    undoHuge();
    server.fail('/index.json', { kind: 'redirect', location: 'http://other.example/index.json' });
    await expect(run()).rejects.toMatchObject({ code: 'E_HOST_DENIED' });
  });
});

describe('an index on this machine', () => {
  it('names archives below its folder as files, and leaves https alone', async () => {
    const source = await overFile(indexOf([relativeTo('archives/a b.tar.gz')], ''));
    const { archiveUrl } = await source.release(ref, '1.0.0', signal);
    expect(archiveUrl).toBe(pathToFileURL(join(folder, 'archives/a b.tar.gz')).href);
    const remote = await overFile(indexOf([relativeTo('https://github.com/a.tar.gz')], ''));
    expect((await remote.release(ref, '1.0.0', signal)).archiveUrl).toBe('https://github.com/a.tar.gz');
  });

  it.each(['../a.tar.gz', '/etc/passwd', 'file:///etc/passwd', 'x/%2e%2e/%2e%2e/a.tar.gz'])(
    'refuses the archive %s outside of its folder',
    async (path) => {
      const source = await overFile(indexOf([relativeTo(path)], ''));
      await expect(source.release(ref, '1.0.0', signal)).rejects.toMatchObject({ code: 'E_PATH_TRAVERSAL' });
    },
  );

  it.each(['../a.tar.gz?token=secret', '//[?token=secret'])('shows no query of the archive %s', async (path) => {
    const source = await overFile(indexOf([relativeTo(path)], ''));
    const refused: unknown = await source.release(ref, '1.0.0', signal).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PluginError);
    const { message, details } = refused as PluginError;
    expect(message + JSON.stringify(details)).not.toContain('secret');
  });

  const plugin = {
    repo: 'plugins',
    name: 'hello',
    repositoryId: 'r',
    versions: [{ version: '1.0.0', annotations: {} }],
  };
  it.each([
    ['no JSON', '{', 'E_RESPONSE_INVALID'],
    ['another schema', { schemaVersion: 2, plugins: [] }, 'E_RESPONSE_INVALID'],
    ['a plugin twice', { schemaVersion: 1, plugins: [plugin, plugin] }, 'E_RESPONSE_INVALID'],
    ['a name that is none', { schemaVersion: 1, plugins: [{ ...plugin, name: '../x' }] }, 'E_RESPONSE_INVALID'],
    ['no versions', { schemaVersion: 1, plugins: [{ ...plugin, versions: [] }] }, 'E_RESPONSE_INVALID'],
    [
      'a version that is none',
      { schemaVersion: 1, plugins: [{ ...plugin, versions: [{ version: 'v1', annotations: {} }] }] },
      'E_RESPONSE_INVALID',
    ],
    ['too much', ' '.repeat(100_001), 'E_RESPONSE_TOO_LARGE'],
  ])('is refused with %s', async (_, value, code) => {
    const source = await overFile(value);
    await expect(source.describe(ref, signal)).rejects.toMatchObject({ code, phase: 'resolve' });
  });

  it('says that it is not there, or no file', async () => {
    const missing = createFileSource({ name: 'own', path: join(folder, 'none.json') });
    await expect(missing.describe(ref, signal)).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
    const directory = createFileSource({ name: 'own', path: folder });
    await expect(directory.describe(ref, signal)).rejects.toMatchObject({ phase: 'resolve' });
  });

  it('may come back when it is not there, and where it is on the machine is for nobody to hear', async () => {
    const missing = createFileSource({ name: 'own', path: join(folder, 'none.json') });
    const failure = await missing.describe(ref, signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'E_NOT_FOUND', retryable: true });
    expect((failure as Error).message).not.toContain(folder);
  });

  it('is refused where it is a FIFO, which nobody can wait for', async () => {
    const path = join(folder, 'fifo.json');
    makeFifo(path);
    const source = createFileSource({ name: 'own', path });
    await expect(source.describe(ref, signal)).rejects.toMatchObject({ code: 'E_RESPONSE_INVALID' });
  });

  it('rejects with E_CANCELLED where nobody waits for it any more', async () => {
    const source = await overFile({ schemaVersion: 1, plugins: [plugin] });
    await expect(source.describe(ref, AbortSignal.abort())).rejects.toMatchObject({ code: 'E_CANCELLED' });
  });
});
