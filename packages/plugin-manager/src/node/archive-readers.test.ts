import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Parser, type ReadEntry } from 'tar';
import { extract as tarStream } from 'tar-stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collisionKey } from '../core/tar/path-rules.ts';
import { defaultLimits as limits } from '../protocol/limits.ts';
import { PluginError } from '../protocol/error.ts';
import { goodArchive, type GoodArchiveSpec } from '../testing/bad-archives/good-archives.ts';
import { gnuLongName, paxHeader, paxRecord, rawEntry } from '../testing/bad-archives/tar-builder.ts';
import { extractArchive, planArchive } from './archive.ts';

const { signal } = new AbortController();
/** Path and SHA-256 of every file, in order. */
type Listing = readonly string[];
/** The other readers never answer for a few changed archives; that is a refusal. */
const hangMs = 5_000;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'archive-readers-'));
});
afterAll(() => rm(root, { recursive: true }));

const withoutDot = (path: string) => path.replace(/^\.\//, '');

/** What our reader makes of an archive, written and read again; undefined where it refuses. */
async function listingOfOurs(archive: Buffer): Promise<Listing | undefined> {
  const path = join(root, 'archive.tgz');
  const destination = join(root, 'destination');
  await rm(destination, { recursive: true, force: true });
  await mkdir(destination);
  await writeFile(path, archive);
  try {
    const plan = await planArchive(path, limits, signal);
    const files = await extractArchive(path, plan, destination, { limits, signal });
    for (const file of files) {
      const bytes = await readFile(join(destination, file.path));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
      expect(`sha384-${createHash('sha384').update(bytes).digest('base64')}`).toBe(file.integrity);
      expect(bytes.length).toBe(file.size);
    }
    return files.map(({ path, sha256 }) => `${plan.topFolder}/${path} ${sha256}`);
  } catch (error) {
    if (error instanceof PluginError) return undefined;
    throw error;
  }
}

/** What tar of npm makes of it; undefined where it refuses. Anything but files and folders is listed by its type. */
function listingOfNpmTar(archive: Buffer): Promise<Listing | undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), hangMs).unref();
    const found: (() => string)[] = [];
    const parser = new Parser({ strict: true });
    parser.on('error', () => resolve(undefined));
    parser.on('entry', (entry: ReadEntry) => {
      const hash = createHash('sha256');
      entry.on('data', (chunk: Buffer) => hash.update(chunk));
      if (entry.type === 'File' || entry.type === 'OldFile') {
        found.push(() => `${withoutDot(entry.path)} ${hash.digest('hex')}`);
      } else if (entry.type !== 'Directory') found.push(() => `${entry.path} ${entry.type}`);
    });
    parser.on('end', () => resolve(found.map((text) => text())));
    parser.end(archive);
  });
}

/** What tar-stream makes of it; undefined where it refuses. Its iterator would wait for ever for a folder's body. */
function listingOfTarStream(archive: Buffer): Promise<Listing | undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), hangMs).unref();
    const found: string[] = [];
    const extract = tarStream();
    extract.on('entry', ({ name, type }, body, next) => {
      // A body that ends too early fails by itself.
      body.on('error', () => resolve(undefined));
      if (type !== 'file') {
        if (type !== 'directory') found.push(`${name} ${String(type)}`);
        body.resume();
        next();
        return;
      }
      const hash = createHash('sha256');
      body.on('data', (chunk) => hash.update(chunk as Buffer));
      body.on('end', () => {
        found.push(`${withoutDot(name)} ${hash.digest('hex')}`);
        next();
      });
    });
    extract.on('error', () => resolve(undefined));
    extract.on('close', () => resolve(undefined));
    extract.on('finish', () => resolve(found));
    extract.end(gunzipSync(archive));
  });
}

const characters = fc.constantFrom(...'abcxyz019-_+=~@,;()[] é日本ñ🚀', 'é', '🚀', '.');
const name = (first: string) => fc.string({ unit: characters, maxLength: 30 }).map((text) => `${first}${text}x`);
const path = fc
  .tuple(fc.array(name('d'), { maxLength: 6 }), name('f'))
  .map(([folders, file]) => [...folders, file].join('/'))
  .filter((text) => Buffer.byteLength(text) <= limits.maxPathBytes);
const files = fc.uniqueArray(fc.record({ path, body: fc.uint8Array({ maxLength: 1_300 }) }), {
  selector: (file) => collisionKey(file.path),
  minLength: 1,
  maxLength: 8,
});
const spec: fc.Arbitrary<GoodArchiveSpec> = fc.record({
  dialect: fc.constantFrom('ustar', 'pax', 'gnu'),
  topFolder: name('p'),
  files,
  hasFolderEntries: fc.boolean(),
  hasDotPrefix: fc.boolean(),
  hasGlobalHeader: fc.boolean(),
});

it('good archives of three dialects are read as tar of npm and tar-stream read them', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(spec, async (wanted) => {
      const archive = goodArchive(wanted);
      if (archive === undefined) return;
      compared += 1;
      const listing = await listingOfOurs(archive);
      expect(listing).toEqual(
        wanted.files.map(
          ({ path, body }) => `${wanted.topFolder}/${path} ${createHash('sha256').update(body).digest('hex')}`,
        ),
      );
      expect(await listingOfNpmTar(archive)).toEqual(listing);
      expect(await listingOfTarStream(archive)).toEqual(listing);
    }),
    { numRuns: 200 },
  );
  expect(compared).toBeGreaterThan(100);
}, 60_000);

/** Makes the checksum of a block right again, so that a change of it is looked at. */
function withChecksum(tar: Buffer, start: number): void {
  tar.fill(' ', start + 148, start + 156);
  const sum = tar.subarray(start, start + 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, start + 148, 'latin1');
}

const extension = fc.oneof(
  fc
    .array(
      fc.tuple(
        fc.constantFrom(
          'path',
          'size',
          'linkpath',
          'comment',
          'mode',
          'type',
          'GNU.sparse.name',
          'SCHILY.dev',
          'hdrcharset',
        ),
        fc.constantFrom('pl/f', 'pl/f/', '0', '1', '512', '', '../x', 'a\nb', 'a\n12 size=5\n', 'BINARY', 'pl/\0f'),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .chain((pairs) =>
      fc.constantFrom('x', 'g').map((type) =>
        paxHeader(
          pairs.map(([key, value]) => paxRecord(key, value)),
          type as 'x',
        ),
      ),
    ),
  fc.constantFrom('pl/f', 'pl/f/', 'pl/\0f', '').map((text) => gnuLongName(text)),
  fc
    .constantFrom('0', '1', '2', '5', '7', 'S', 'K', 'Z', '\0')
    .map((type) => rawEntry({ path: 'pl/extra', type, body: 'x' })),
  fc.constant(Buffer.alloc(512)),
);
const place = fc.nat(1_000);
const mutation = fc.oneof(
  fc.record({
    kind: fc.constant('field' as const),
    block: place,
    at: fc.oneof(
      fc.nat(511),
      fc.constantFrom(0, 99, 100, 107, 124, 134, 135, 156, 157, 257, 262, 263, 345, 475, 500, 508),
    ),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x20, 0x2f, 0x30, 0x31, 0x35, 0x80, 0xff)),
  }),
  fc.record({ kind: fc.constant('insert' as const), block: place, bytes: extension }),
  fc.record({ kind: fc.constant('delete' as const), block: place }),
  fc.record({ kind: fc.constant('copy' as const), block: place, to: place }),
);

function mutate(tar: Buffer, change: typeof mutation extends fc.Arbitrary<infer T> ? T : never): Buffer {
  const start = (change.block % (tar.length / 512)) * 512;
  switch (change.kind) {
    case 'field': {
      const changed = Buffer.from(tar);
      changed[start + change.at] = change.byte;
      withChecksum(changed, start);
      return changed;
    }
    case 'insert':
      return Buffer.concat([tar.subarray(0, start), change.bytes, tar.subarray(start)]);
    case 'delete':
      return Buffer.concat([tar.subarray(0, start), tar.subarray(start + 512)]);
    case 'copy': {
      const to = (change.to % (tar.length / 512)) * 512;
      return Buffer.concat([tar.subarray(0, to), tar.subarray(start, start + 512), tar.subarray(to)]);
    }
  }
}

it('a changed archive that is still accepted is one that tar of npm and tar-stream read in the same way', async () => {
  const counts = { accepted: 0, refused: 0, disagreed: 0 };
  await fc.assert(
    fc.asyncProperty(spec, fc.array(mutation, { minLength: 1, maxLength: 2 }), async (wanted, changes) => {
      const archive = goodArchive(wanted);
      if (archive === undefined) return;
      const tar = gzipSync(changes.reduce(mutate, gunzipSync(archive)));
      const [ours, npm, stream] = [await listingOfOurs(tar), await listingOfNpmTar(tar), await listingOfTarStream(tar)];
      if (JSON.stringify(npm) !== JSON.stringify(stream)) {
        counts.disagreed += 1;
        expect(ours, 'the two disagree').toBeUndefined();
      }
      counts[ours === undefined ? 'refused' : 'accepted'] += 1;
      if (ours !== undefined) expect(npm).toEqual(ours);
    }),
    { numRuns: 300 },
  );
  expect(counts.accepted).toBeGreaterThan(5);
  expect(counts.disagreed).toBeGreaterThan(5);
}, 60_000);
