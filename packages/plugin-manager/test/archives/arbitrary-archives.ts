import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { collisionKey } from '../../src/core/tar/path-rules.ts';
import { defaultLimits as limits } from '../../src/protocol/limits.ts';
import type { GoodArchiveSpec } from '../../src/testing/bad-archives/good-archives.ts';
import { gnuLongName, paxHeader, paxRecord, rawEntry } from '../../src/testing/bad-archives/tar-builder.ts';

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
/** What common writers write, with the names that they may meet. */
export const spec: fc.Arbitrary<GoodArchiveSpec> = fc.record({
  dialect: fc.constantFrom('ustar', 'pax', 'gnu'),
  topFolder: name('p'),
  files,
  hasFolderEntries: fc.boolean(),
  hasDotPrefix: fc.boolean(),
  hasGlobalHeader: fc.boolean(),
});

/** Of several times the pieces that archives are read and written in. */
export const largeSpec: fc.Arbitrary<GoodArchiveSpec> = fc
  .array(fc.tuple(fc.oneof(fc.nat(2_000), fc.nat(700_000)), fc.nat(0xff_ff)), { minLength: 1, maxLength: 60 })
  .map((bodies) => ({
    dialect: 'pax',
    topFolder: 'p',
    files: bodies.map(([length, seed], at) => ({ path: `d${at % 3}/f${at}`, body: noise(length, seed) })),
    hasFolderEntries: false,
    hasDotPrefix: false,
    hasGlobalHeader: false,
  }));

/** Bytes that no two places of a file have in common, and of which little can be packed. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed | 1;
  return new Uint8Array(length).map(() => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
}

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
  fc.record({ kind: fc.constant('cut' as const), block: place, bytes: fc.constantFrom(0, 1, 256, 511) }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

/** One or two changes of an archive. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(mutation, { minLength: 1, maxLength: 2 });

/** The archive with its tar changed; header blocks that are changed get the checksum that they need. */
export function mutated(archive: Buffer, changes: readonly Mutation[]): Buffer {
  return gzipSync(changes.reduce(mutate, gunzipSync(archive)));
}

function mutate(tar: Buffer, change: Mutation): Buffer {
  if (tar.length < 512) return tar;
  const start = (change.block % Math.floor(tar.length / 512)) * 512;
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
      const to = (change.to % Math.floor(tar.length / 512)) * 512;
      return Buffer.concat([tar.subarray(0, to), tar.subarray(start, start + 512), tar.subarray(to)]);
    }
    case 'cut':
      return tar.subarray(0, start + change.bytes);
  }
}
