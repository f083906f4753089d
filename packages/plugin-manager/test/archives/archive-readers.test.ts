import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { goodTgz } from '../../src/testing/bad-archives/bad-archive.ts';
import { goodArchive } from '../../src/testing/bad-archives/good-archives.ts';
import { rawEntry, tarOf } from '../../src/testing/bad-archives/tar-builder.ts';
import { countOf } from '../support/scale.ts';
import { largeSpec, mutated, mutations, spec } from './arbitrary-archives.ts';
import { createReaderThread, type ReaderThread, type Reading } from './reader-thread.ts';

/** Archives of each kind that are compared. */
const runs = countOf('PLUGIN_READER_RUNS', { everyday: 300, full: 5_000 });
/** Time for one archive of a few kilobytes, on a machine that has other things to do. */
const limitMs = 10_000;
const timeoutMs = 60_000 + runs * 100;

let root: string;
let ours: ReaderThread;
let others: readonly ReaderThread[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'archive-readers-'));
  const folder = join(root, 'ours');
  await mkdir(folder);
  ours = createReaderThread({ reader: 'ours', folder }, limitMs);
  others = (['tar of npm', 'tar-stream'] as const).map((reader) => createReaderThread({ reader, folder }, limitMs));
});
afterAll(async () => {
  await Promise.all([ours, ...others].map((thread) => thread.dispose()));
  await rm(root, { recursive: true });
});

/** By ours, by tar of npm and by tar-stream. */
async function readingsOf(archive: Buffer): Promise<[Reading, Reading, Reading]> {
  const [first, ...rest] = await Promise.all([ours, ...others].map((thread) => thread.read(archive)));
  const [second, third] = rest;
  if (first === undefined || second === undefined || third === undefined) throw new Error('expected three readers');
  // Whatever came in ends in bounded time.
  expect(first.kind).not.toBe('hung');
  return [first, second, third];
}

it.each([
  ['good archives of three dialects', spec, runs],
  ['large good archives', largeSpec, Math.ceil(runs / 50)],
] as const)(
  '%s are read as tar of npm and tar-stream read them',
  async (_what, specs, numRuns) => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(specs, async (wanted) => {
        const archive = goodArchive(wanted);
        if (archive === undefined) return;
        compared += 1;
        const listing = wanted.files.map(
          ({ path, body }) => `${wanted.topFolder}/${path} ${createHash('sha256').update(body).digest('hex')}`,
        );
        const read: Reading = { kind: 'listed', listing };
        expect(await readingsOf(archive)).toEqual([read, read, read]);
      }),
      { numRuns },
    );
    expect(compared).toBeGreaterThan(numRuns / 2);
  },
  timeoutMs,
);

it(
  'a changed archive that is still accepted is one that tar of npm and tar-stream read in the same way',
  async () => {
    const counts = { accepted: 0, refused: 0, disagreed: 0 };
    await fc.assert(
      fc.asyncProperty(spec, mutations, async (wanted, changes) => {
        const good = goodArchive(wanted);
        if (good === undefined) return;
        const archive = mutated(good, changes);
        const [first, second, third] = await readingsOf(archive);
        counts[first.kind === 'listed' ? 'accepted' : 'refused'] += 1;
        if (JSON.stringify(second) !== JSON.stringify(third)) {
          counts.disagreed += 1;
          expect(first, 'the two others disagree').toEqual({ kind: 'refused' });
        }
        if (first.kind === 'listed') expect(second).toEqual(first);
      }),
      { numRuns: runs },
    );
    expect(counts.accepted).toBeGreaterThan(runs / 50);
    expect(counts.disagreed).toBeGreaterThan(runs / 50);
  },
  timeoutMs,
);

it('a size that is no number is refused, where tar-stream 3 takes it for null and waits for ever', async () => {
  const size = Buffer.from('00000000001\0');
  // Neither octal digits nor one of the two first bytes of base 256.
  size[0] = 0xb0;
  const archive = gzipSync(tarOf([rawEntry({ path: 'p/f', size, body: 'x' })]));
  expect(await ours.read(archive)).toEqual({ kind: 'refused' });
});

it(
  'whatever bytes come, our reader ends',
  async () => {
    const good = goodTgz();
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(changes, fc.option(fc.nat(good.length)), async (bytes, end) => {
        const archive = Buffer.from(good);
        for (const [at, byte] of bytes) archive[at] = byte;
        expect((await ours.read(archive.subarray(0, end ?? archive.length))).kind).not.toBe('hung');
      }),
      { numRuns: runs },
    );
  },
  timeoutMs,
);
