import { deflateSync, gzipSync } from 'node:zlib';
import { bad, goodTgz, manifestEntry, type BadArchive } from './bad-archive.ts';
import { endOfTar, rawEntry, tarOf } from './tar-builder.ts';

const mebibyte = 1024 * 1024;

/** An archive of the given tar with the gzip changed by a function. */
function changed(change: (archive: Buffer) => Buffer): () => Buffer {
  return () => change(goodTgz());
}

/** The first local header of a zip, and nothing else of it. */
function zipStart(): Buffer {
  const name = Buffer.from('plugin/package.json');
  const header = Buffer.alloc(30);
  header.write('PK\u0003\u0004', 0, 'latin1');
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name, Buffer.from('{}'.padEnd(64))]);
}

function gzipWithFlags(flags: number): (archive: Buffer) => Buffer {
  return (archive) => {
    archive[3] = flags;
    return archive;
  };
}

/** What is wrong with the gzip, or with what it holds as a whole. */
export const badGzips: readonly BadArchive[] = [
  bad('empty', 'E_ARCHIVE_TRUNCATED', () => Buffer.alloc(0)),
  bad('HTML in place of a gzip', 'E_ARCHIVE_FORMAT', () => Buffer.from('<!doctype html><title>Sign in</title>')),
  bad('random bytes', 'E_ARCHIVE_FORMAT', () => Buffer.from(Array.from({ length: 2048 }, (_, at) => (at * 167) % 256))),
  bad('a plain tar', 'E_ARCHIVE_FORMAT', () => tarOf([manifestEntry])),
  bad('a zip', 'E_ARCHIVE_FORMAT', zipStart),
  bad('a zlib stream', 'E_ARCHIVE_FORMAT', () => deflateSync(tarOf([manifestEntry]))),
  bad('a gzip of text', 'E_ARCHIVE_FORMAT', () => gzipSync('x'.repeat(2048))),
  bad('a gzip of a gzip', 'E_ARCHIVE_FORMAT', () => gzipSync(gzipSync(Buffer.alloc(2048, 7), { level: 0 }))),
  bad('a gzip of nothing', 'E_ARCHIVE_TRUNCATED', () => gzipSync('')),
  bad('a gzip of zeros', 'E_ARCHIVE_EMPTY', () => gzipSync(endOfTar)),
  bad(
    'one byte of a gzip',
    'E_ARCHIVE_TRUNCATED',
    changed((archive) => archive.subarray(0, 1)),
  ),
  bad(
    'cut in the header of the gzip',
    'E_ARCHIVE_TRUNCATED',
    changed((archive) => archive.subarray(0, 7)),
  ),
  bad(
    'cut after the header of the gzip',
    'E_ARCHIVE_TRUNCATED',
    changed((archive) => archive.subarray(0, 10)),
  ),
  bad(
    'cut in the middle',
    'E_ARCHIVE_TRUNCATED',
    changed((archive) => archive.subarray(0, archive.length >> 1)),
  ),
  bad(
    'cut before the trailer',
    'E_ARCHIVE_TRUNCATED',
    changed((archive) => archive.subarray(0, -8)),
  ),
  bad(
    'cut in the trailer',
    'E_ARCHIVE_TRUNCATED',
    changed((archive) => archive.subarray(0, -1)),
  ),
  bad('a name in the gzip without an end', 'E_ARCHIVE_TRUNCATED', () =>
    Buffer.concat([Buffer.of(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3), Buffer.alloc(100, 0x61)]),
  ),
  bad(
    'wrong CRC',
    'E_ARCHIVE_FORMAT',
    changed((archive) => {
      archive.writeUInt32LE((archive.readUInt32LE(archive.length - 8) ^ 1) >>> 0, archive.length - 8);
      return archive;
    }),
  ),
  bad(
    'wrong length in the trailer',
    'E_ARCHIVE_FORMAT',
    changed((archive) => {
      archive.writeUInt32LE(archive.readUInt32LE(archive.length - 4) + 512, archive.length - 4);
      return archive;
    }),
  ),
  bad(
    'a damaged deflate stream',
    'E_ARCHIVE_FORMAT',
    changed((archive) => archive.fill(0xff, 10, 40)),
  ),
  bad('reserved flags in the gzip', 'E_ARCHIVE_FORMAT', changed(gzipWithFlags(0x80))),
  bad(
    'a wrong CRC of the header of the gzip',
    'E_ARCHIVE_FORMAT',
    changed((archive) =>
      Buffer.concat([gzipWithFlags(2)(archive).subarray(0, 10), Buffer.of(0, 0), archive.subarray(10)]),
    ),
  ),
  bad(
    'text after the gzip',
    'E_ARCHIVE_TRAILING',
    changed((archive) => Buffer.concat([archive, Buffer.from('more')])),
  ),
  bad(
    'zeros after the gzip',
    'E_ARCHIVE_TRAILING',
    changed((archive) => Buffer.concat([archive, Buffer.alloc(512)])),
  ),
  bad(
    'a second member of gzip',
    'E_ARCHIVE_TRAILING',
    changed((archive) => Buffer.concat([archive, goodTgz()])),
  ),
  bad(
    'an empty second member of gzip',
    'E_ARCHIVE_TRAILING',
    changed((archive) => Buffer.concat([archive, gzipSync('')])),
  ),
  bad('a bomb in one file', 'E_ARCHIVE_RATIO', () =>
    gzipSync(tarOf([manifestEntry, { path: 'plugin/zeros', body: Buffer.alloc(40 * mebibyte) }]), { level: 9 }),
  ),
  bad('a bomb in many files', 'E_ARCHIVE_RATIO', () => {
    const body = Buffer.alloc(16_384);
    const files = Array.from({ length: 1_500 }, (_, at) => rawEntry({ path: `plugin/f${at}`, body }));
    return gzipSync(tarOf([manifestEntry, ...files]), { level: 9 });
  }),
  bad('a bomb after the end of the tar', 'E_ARCHIVE_RATIO', () =>
    gzipSync(Buffer.concat([tarOf([manifestEntry]), Buffer.alloc(40 * mebibyte)]), { level: 9 }),
  ),
];
