import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Release } from '../../protocol/release.ts';
import { createArchiveCache, type CacheBounds } from './archive-cache.ts';
import { nodeFileSystem } from './file-system.ts';
import type { ArchiveCache } from './plugin-store.ts';
import { storeLayout } from './store-layout.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'archive-cache-'));
  await mkdir(join(root, 'cache'));
});
afterEach(() => rm(root, { recursive: true }));

const hashOf = (content: string, algorithm = 'sha256') => createHash(algorithm).update(content).digest('hex');
const make = (bounds: Partial<CacheBounds> = {}): ArchiveCache =>
  createArchiveCache(nodeFileSystem, storeLayout(root), { maxBytes: 1_000_000, ...bounds });
const releaseOf = (content: string, version = '1.0.0', algorithm: Release['digest']['algorithm'] = 'sha256') => ({
  ref: { source: 'hub', repo: 'acme', name: 'flux' },
  version,
  repositoryId: 'r',
  archiveUrl: 'https://example.org/flux.tgz',
  digest: { algorithm, hex: hashOf(content, algorithm) },
  isPrerelease: false,
  extraFiles: [],
});

let aged = 0;
/** Each is a second younger than the one before. */
async function keep(cache: ArchiveCache, content: string, release: Release): Promise<string> {
  const file = join(root, 'archive.part');
  await writeFile(file, content);
  aged += 1;
  await utimes(file, aged, aged);
  await cache.keep(file, hashOf(content));
  await cache.remember(release, { sha256: hashOf(content), urlChain: ['https://a.test/x'] });
  return hashOf(content);
}

it.each(['sha256', 'sha384', 'sha512'] as const)('finds the archive of a release with a %s', async (algorithm) => {
  const cache = make();
  const release = releaseOf('content', '1.0.0', algorithm);
  expect(await cache.findRelease(release)).toBeUndefined();
  const sha256 = await keep(cache, 'content', release);
  expect(await cache.findRelease(release)).toEqual({
    sha256,
    path: join(root, 'cache', `${sha256}.tgz`),
    urlChain: ['https://a.test/x'],
  });
  expect(await cache.findRelease(releaseOf('other', '1.0.0', algorithm))).toBeUndefined();
  expect(await cache.recall(release.ref, '1.0.0')).toEqual(release);
  expect(await cache.recall(release.ref, '1.0.1')).toBeUndefined();
  expect(await cache.recall({ ...release.ref, repo: 'else' }, '1.0.0')).toBeUndefined();
});

it('says of an archive that two plugins have only which way it came for the one that asks', async () => {
  const cache = make();
  const release = releaseOf('content');
  await keep(cache, 'content', release);
  const other = { ...release, ref: { ...release.ref, repo: 'else' } };
  expect(await cache.findRelease(other)).toMatchObject({ urlChain: [] });
});

it('does not believe what is written beside an archive about its other digest', async () => {
  const cache = make();
  await keep(cache, 'content', releaseOf('content'));
  const lie = releaseOf('other', '1.0.0', 'sha512');
  await cache.remember(lie, { sha256: hashOf('content'), urlChain: [] });
  expect(await cache.findRelease(lie)).toBeUndefined();
});

it('keeps nothing beside an archive that is not there', async () => {
  const cache = make();
  await cache.remember(releaseOf('content'), { sha256: hashOf('content'), urlChain: [] });
  expect(await readdir(join(root, 'cache'))).toEqual([]);
});

it('lets the oldest go, with what was said of them, by their number and by their size, and nothing that is not its own', async () => {
  const cache = make({ maxArchives: 2 });
  const hashes: string[] = [];
  for (const version of ['1.0.0', '1.1.0', '1.2.0'])
    hashes.push(await keep(cache, version, releaseOf(version, version)));
  const stray = join(root, 'cache', 'stray.tgz');
  await writeFile(stray, '');
  hashes.push(await keep(cache, '1.3.0', releaseOf('1.3.0', '1.3.0')));
  const left = async () => [...new Set((await readdir(join(root, 'cache'))).map((name) => name.slice(0, 64)))];
  await rm(stray);
  expect(await left()).toEqual(hashes.slice(2).toSorted());
  expect(await readdir(join(root, 'cache'))).toHaveLength(4);
  expect(await cache.recall(releaseOf('').ref, '1.1.0')).toBeUndefined();

  const large = 'x'.repeat(2_000);
  await keep(make({ maxBytes: 2_500 }), large, releaseOf(large, '2.0.0'));
  expect(await left()).toContain(hashOf(large));
});

it('makes room by a mebibyte of the oldest archives, and no more', async () => {
  const cache = make({ maxBytes: 10_000_000 });
  const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(600_000));
  for (const content of contents) await keep(cache, content, releaseOf(content));
  const left = async () => {
    const found = await Promise.all(contents.map((content) => cache.find(hashOf(content))));
    return found.map((path) => path !== undefined);
  };
  await cache.makeRoom();
  expect(await left()).toEqual([false, false, true, true]);
  await cache.makeRoom();
  expect(await left()).toEqual([false, false, false, false]);
});

it('a cache that cannot be read has nothing, and keeps nobody from the source', async () => {
  const [release, other] = [releaseOf('content'), releaseOf('content', '1.0.0', 'sha512')];
  const sha256 = await keep(make(), 'content', release);
  const fail = () => Promise.reject(Object.assign(new Error('EIO: injected'), { code: 'EIO' }));
  const found = async (broken: Partial<typeof nodeFileSystem>) => {
    const cache = createArchiveCache({ ...nodeFileSystem, ...broken }, storeLayout(root), { maxBytes: 1_000_000 });
    const paths = [await cache.find(sha256), (await cache.findRelease(release))?.path];
    const chain = (await cache.findRelease(release))?.urlChain;
    return [...paths, chain, await cache.findRelease(other), await cache.recall(release.ref, '1.0.0')];
  };
  const path = join(root, 'cache', `${sha256}.tgz`);
  const none = [undefined, undefined, undefined, undefined, undefined];
  expect(await found({})).toEqual([path, path, ['https://a.test/x'], undefined, release]);
  expect(await found({ read: fail })).toEqual([path, path, [], undefined, undefined]);
  expect(await found({ entries: fail })).toEqual([path, path, [], undefined, undefined]);
  expect(await found({ kind: fail })).toEqual(none);
  // One that is damaged and stays: the next that is kept takes its place.
  await writeFile(path, 'changed');
  expect((await found({ remove: fail })).slice(0, 4)).toEqual(none.slice(0, 4));
  await keep(make(), 'content', release);
  expect(await make().find(sha256)).toBe(path);
  // What cannot be read as a file is.
  await rm(path);
  await mkdir(path);
  expect((await found({ kind: () => Promise.resolve('file') })).slice(0, 4)).toEqual(none.slice(0, 4));
});
