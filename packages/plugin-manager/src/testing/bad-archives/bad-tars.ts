import { gzipSync } from 'node:zlib';
import { bad, badEntries, manifestEntry, type BadArchive } from './bad-archive.ts';
import { base256, endOfTar, gnuLongName, gnuMagic, paxHeader, paxRecord, rawEntry, tarOf } from './tar-builder.ts';

const file = { path: 'plugin/a.js', body: 'a' } as const;
const patch = (at: number, bytes: Uint8Array) => [{ at, bytes }];

const ends: readonly BadArchive[] = [
  bad('no end of the tar', 'E_ARCHIVE_TRUNCATED', () => gzipSync(rawEntry(manifestEntry))),
  bad('one block of zeros only', 'E_ARCHIVE_TRUNCATED', () =>
    gzipSync(Buffer.concat([rawEntry(manifestEntry), Buffer.alloc(512)])),
  ),
  bad('a body cut short', 'E_ARCHIVE_TRUNCATED', () =>
    gzipSync(rawEntry({ ...file, body: 'a'.repeat(4096) }).subarray(0, 2000)),
  ),
  bad('a header cut short', 'E_ARCHIVE_TRUNCATED', () =>
    gzipSync(Buffer.concat([rawEntry(manifestEntry), rawEntry(file).subarray(0, 300)])),
  ),
  bad('a size larger than the body', 'E_ARCHIVE_TRUNCATED', () =>
    gzipSync(Buffer.concat([rawEntry({ ...file, size: 1_000_000 }), endOfTar])),
  ),
  bad('an entry after the end', 'E_ARCHIVE_TRAILING', () =>
    gzipSync(Buffer.concat([tarOf([manifestEntry]), rawEntry(file)])),
  ),
  bad('an entry after one block of zeros', 'E_ARCHIVE_TRAILING', () =>
    gzipSync(Buffer.concat([rawEntry(manifestEntry), Buffer.alloc(512), rawEntry(file), endOfTar])),
  ),
  bad('a half block of zeros at the end', 'E_ARCHIVE_TRAILING', () =>
    gzipSync(Buffer.concat([tarOf([manifestEntry]), Buffer.alloc(100)])),
  ),
];

const headers: readonly BadArchive[] = [
  badEntries('wrong checksum of a header', 'E_ARCHIVE_HEADER', () => [{ ...file, checksumError: 1 }]),
  badEntries('magic of no tar', 'E_ARCHIVE_HEADER', () => [{ ...file, magic: 'rustar\0\0' }]),
  badEntries('magic of an old tar', 'E_ARCHIVE_HEADER', () => [{ ...file, magic: '\0'.repeat(8) }]),
  badEntries('a size of letters', 'E_ARCHIVE_HEADER', () => [{ ...file, size: '0000000000x\0' }]),
  badEntries('an empty size', 'E_ARCHIVE_HEADER', () => [{ ...file, size: Buffer.alloc(12) }]),
  badEntries('a size with digits after its end', 'E_ARCHIVE_HEADER', () => [{ ...file, size: '00000001\x00001' }]),
  badEntries('a negative size', 'E_ARCHIVE_HEADER', () => [{ ...file, size: base256(-1n) }]),
  badEntries('a negative size in octal', 'E_ARCHIVE_HEADER', () => [{ ...file, size: '-0000000001\0' }]),
  badEntries('a size above 2^53', 'E_ARCHIVE_HEADER', () => [{ ...file, size: base256(2n ** 80n) }]),
  badEntries('a size of 8 GiB', 'E_ARCHIVE_SIZE', () => [{ ...file, size: base256(2n ** 33n) }]),
  badEntries('a size above that of a file', 'E_ARCHIVE_SIZE', () => [{ ...file, size: 64 * 1024 * 1024 + 1 }]),
  badEntries('a mode of letters', 'E_ARCHIVE_HEADER', () => [{ ...file, mode: 'rw-r--r-' }]),
  badEntries('a folder with a body', 'E_ARCHIVE_HEADER', () => [{ path: 'plugin/d/', type: '5', body: 'a' }]),
  badEntries('data behind the prefix', 'E_ARCHIVE_HEADER', () => [
    { ...file, patches: patch(508, Buffer.from('tar\0')) },
  ]),
  badEntries('a prefix in a header of GNU', 'E_ARCHIVE_HEADER', () => [{ ...file, magic: gnuMagic, prefix: '../..' }]),
  badEntries('5,001 entries', 'E_ARCHIVE_ENTRIES', () => manyFiles(5_000)),
  badEntries('20,000 entries', 'E_ARCHIVE_ENTRIES', () => manyFiles(20_000)),
];

function manyFiles(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, at) => rawEntry({ path: `plugin/f${at}`, body: `${at * 7919}` }));
}

const extensions: readonly BadArchive[] = [
  badEntries('a pax record too long', 'E_ARCHIVE_HEADER', () => [paxHeader(['99 path=plugin/b\n']), file]),
  badEntries('a pax record too short', 'E_ARCHIVE_HEADER', () => [paxHeader(['12 path=plugin/b\n']), file]),
  badEntries('a pax record without a length', 'E_ARCHIVE_HEADER', () => [paxHeader(['path=plugin/b\n']), file]),
  badEntries('a pax record of length 0', 'E_ARCHIVE_HEADER', () => [paxHeader(['0 path=plugin/b\n']), file]),
  badEntries('a pax record of negative length', 'E_ARCHIVE_HEADER', () => [paxHeader(['-18 path=plugin/b\n']), file]),
  badEntries('a pax record without =', 'E_ARCHIVE_HEADER', () => [paxHeader(['10 plugin\n']), file]),
  badEntries('a pax record without a key', 'E_ARCHIVE_HEADER', () => [paxHeader([paxRecord('', 'x')]), file]),
  badEntries('a pax record without its newline', 'E_ARCHIVE_HEADER', () => [paxHeader(['17 path=plugin/bb']), file]),
  badEntries('two paths in one pax header', 'E_ARCHIVE_HEADER', () => [
    paxHeader([paxRecord('path', 'plugin/b'), paxRecord('path', '../b')]),
    file,
  ]),
  badEntries('a record hidden behind a newline', 'E_ARCHIVE_HEADER', () => [
    paxHeader([paxRecord('comment', `x\n${paxRecord('path', '../hidden').toString()}`)]),
    file,
  ]),
  badEntries('a NUL in a pax path', 'E_PATH_INVALID', () => [paxHeader([paxRecord('path', 'plugin/b\0.js')]), file]),
  badEntries('an empty pax path', 'E_PATH_INVALID', () => [paxHeader([paxRecord('path', '')]), file]),
  badEntries('a pax path that is no UTF-8', 'E_ARCHIVE_HEADER', () => [
    paxHeader([paxRecord('path', Buffer.from([0x70, 0x2f, 0xff]))]),
    file,
  ]),
  badEntries('a pax path of another character set', 'E_ARCHIVE_HEADER', () => [
    paxHeader([paxRecord('hdrcharset', 'BINARY'), paxRecord('path', 'plugin/b')]),
    file,
  ]),
  badEntries('a pax size that differs', 'E_ARCHIVE_HEADER', () => [paxHeader([paxRecord('size', '513')]), file]),
  badEntries('a pax record of no standard', 'E_ARCHIVE_HEADER', () => [paxHeader([paxRecord('mode', '4755')]), file]),
  badEntries('a negative pax size', 'E_ARCHIVE_HEADER', () => [paxHeader([paxRecord('size', '-1')]), file]),
  badEntries('a huge pax size', 'E_ARCHIVE_HEADER', () => [paxHeader([paxRecord('size', '9'.repeat(30))]), file]),
  badEntries('a pax size of letters', 'E_ARCHIVE_HEADER', () => [paxHeader([paxRecord('size', '0x1')]), file]),
  badEntries('a pax path that leads out', 'E_PATH_TRAVERSAL', () => [paxHeader([paxRecord('path', '../b')]), file]),
  badEntries('a huge pax header', 'E_ARCHIVE_HEADER', () => [
    paxHeader([paxRecord('comment', 'x'.repeat(2 ** 20))]),
    file,
  ]),
  badEntries('a pax header that says to have 2^40 bytes', 'E_ARCHIVE_HEADER', () => [
    { path: 'PaxHeader', type: 'x', size: base256(2n ** 40n) },
    file,
  ]),
  badEntries('an empty pax header', 'E_ARCHIVE_HEADER', () => [paxHeader([]), file]),
  badEntries('two pax headers', 'E_ARCHIVE_HEADER', () => [
    paxHeader([paxRecord('path', 'plugin/b')]),
    paxHeader([paxRecord('path', 'plugin/c')]),
    file,
  ]),
  badEntries('a pax header with nothing after it', 'E_ARCHIVE_HEADER', () => [
    paxHeader([paxRecord('path', 'plugin/b')]),
  ]),
  badEntries('a global pax path', 'E_ARCHIVE_HEADER', () => [paxHeader([paxRecord('path', '../b')], 'g'), file]),
  badEntries('a global pax size', 'E_ARCHIVE_HEADER', () => [paxHeader([paxRecord('size', '0')], 'g'), file]),
  badEntries('two global pax headers', 'E_ARCHIVE_HEADER', () => [
    paxHeader([paxRecord('comment', 'a')], 'g'),
    paxHeader([paxRecord('comment', 'b')], 'g'),
    file,
  ]),
  badEntries('a pax path and a GNU long name', 'E_ARCHIVE_HEADER', () => [
    paxHeader([paxRecord('path', 'plugin/b')]),
    gnuLongName('plugin/c'),
    file,
  ]),
  badEntries('a NUL in a GNU long name', 'E_ARCHIVE_HEADER', () => [gnuLongName('plugin/b\0/../../c'), file]),
  badEntries('a GNU long name without its NUL', 'E_ARCHIVE_HEADER', () => [
    { path: '././@LongLink', type: 'L', magic: gnuMagic, body: 'plugin/b' },
    file,
  ]),
  badEntries('a GNU long name that leads out', 'E_PATH_TRAVERSAL', () => [
    gnuLongName(`plugin/${'../'.repeat(40)}b`),
    file,
  ]),
  badEntries('a huge GNU long name', 'E_ARCHIVE_HEADER', () => [gnuLongName(`plugin/${'x'.repeat(2 ** 20)}`), file]),
];

/** What is wrong with the blocks of the tar. */
export const badTars: readonly BadArchive[] = [...ends, ...headers, ...extensions];
