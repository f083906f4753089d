import { gzipSync } from 'node:zlib';
import type { PluginErrorCode } from '../../protocol/error-codes.ts';
import { bad, badEntries, manifestEntry, type BadArchive } from './bad-archive.ts';
import { gnuLongName, gnuMagic, paxHeader, paxRecord, tarOf, type RawEntry } from './tar-builder.ts';

const link = (path: string, linkName: string, type = '2'): RawEntry => ({ path, linkName, type });

const types: readonly BadArchive[] = [
  badEntries('a symbolic link inside', 'E_ENTRY_TYPE', () => [link('plugin/l', 'package.json')]),
  badEntries('a symbolic link outside', 'E_ENTRY_TYPE', () => [link('plugin/l', '../../../etc/passwd')]),
  badEntries('a symbolic link to a root', 'E_ENTRY_TYPE', () => [link('plugin/l', '/etc')]),
  badEntries('a chain of symbolic links', 'E_ENTRY_TYPE', () => [link('plugin/a', '..'), link('plugin/b', 'a/..')]),
  badEntries('a file written through a symbolic link', 'E_ENTRY_TYPE', () => [
    link('plugin/d', '..'),
    { path: 'plugin/d/evil.js', body: 'evil' },
  ]),
  badEntries('a symbolic link with a long target', 'E_ENTRY_TYPE', () => [
    gnuLongName('../'.repeat(60), 'K'),
    { ...link('plugin/l', '../'), magic: gnuMagic },
  ]),
  badEntries('a symbolic link by pax', 'E_ENTRY_TYPE', () => [
    paxHeader([paxRecord('linkpath', '/etc/passwd')]),
    link('plugin/l', 'x'),
  ]),
  badEntries('a file with a target by pax', 'E_ENTRY_TYPE', () => [
    paxHeader([paxRecord('linkpath', '/etc/passwd')]),
    { path: 'plugin/l' },
  ]),
  badEntries('a file with the target of a link', 'E_ENTRY_TYPE', () => [link('plugin/l', '/etc/passwd', '0')]),
  badEntries('a hard link inside', 'E_ENTRY_TYPE', () => [link('plugin/l', 'plugin/package.json', '1')]),
  badEntries('a hard link outside', 'E_ENTRY_TYPE', () => [link('plugin/l', '../../state.json', '1')]),
  badEntries('a hard link to a symbolic link', 'E_ENTRY_TYPE', () => [
    link('plugin/a', '/etc/passwd'),
    link('plugin/b', 'plugin/a', '1'),
  ]),
  badEntries('a character device', 'E_ENTRY_TYPE', () => [{ path: 'plugin/null', type: '3' }]),
  badEntries('a block device', 'E_ENTRY_TYPE', () => [{ path: 'plugin/sda', type: '4' }]),
  badEntries('a FIFO', 'E_ENTRY_TYPE', () => [{ path: 'plugin/pipe', type: '6' }]),
  badEntries('a contiguous file', 'E_ENTRY_TYPE', () => [{ path: 'plugin/c', type: '7' }]),
  badEntries('a sparse file of GNU', 'E_ENTRY_TYPE', () => [{ path: 'plugin/s', type: 'S' }]),
  badEntries('a sparse file of pax', 'E_ENTRY_TYPE', () => [
    paxHeader([paxRecord('GNU.sparse.major', '1'), paxRecord('GNU.sparse.realsize', '1099511627776')]),
    { path: 'plugin/s', body: '0\n' },
  ]),
  badEntries('an unknown type', 'E_ENTRY_TYPE', () => [{ path: 'plugin/z', type: 'Z' }]),
  badEntries('a file that is a folder by its path', 'E_ENTRY_TYPE', () => [{ path: 'plugin/d/', body: 'a' }]),
  ...[0o4755, 0o2755, 0o1755, 0o000, 0o120644, 0o7777].map((mode) =>
    badEntries(`the mode 0${mode.toString(8)}`, 'E_ENTRY_MODE', () => [{ path: 'plugin/m', mode }]),
  ),
  badEntries('a folder of mode 000', 'E_ENTRY_MODE', () => [{ path: 'plugin/m/', type: '5', mode: 0 }]),
];

const badPaths: Readonly<Partial<Record<PluginErrorCode, readonly string[]>>> = {
  E_PATH_TRAVERSAL: [
    '../evil',
    'plugin/../../evil',
    'plugin/..',
    'plugin/a/../b',
    '..',
    './../evil',
    '/etc/cron.d/evil',
    '//server/share/x',
    'C:/evil',
    'c:evil',
    '\\\\server\\share\\x',
    '\\evil',
    'plugin\\..\\..\\evil',
    'plugin/\u2025/evil',
    'plugin/\uff0e\uff0e/evil',
  ],
  E_PATH_INVALID: [
    'plugin\\evil',
    'plugin/a\\b',
    'plugin/./a',
    'plugin//a',
    '././plugin/a',
    'plugin/a\u0001b',
    'plugin/a\nb',
    'plugin/a\u007f',
    'plugin/\u009b31m',
    'plugin/\u202esj.exe',
    'plugin/\u200fa',
    'plugin/a\u200b.js',
    'plugin/a\u200d.js',
    'plugin/a\u2060',
    'plugin/a\u00ad',
    'plugin/\ufeffa',
    'plugin/a\u{e0041}',
    'plugin/a:stream',
    'plugin/a?',
    'plugin/a*',
    'plugin/a|b',
    'plugin/<a>',
    'plugin/CON',
    'plugin/con.js',
    'plugin/NUL.tar.gz',
    'plugin/aux/a.js',
    'plugin/COM1',
    'plugin/lpt9.txt',
    'plugin/com\u00b9',
    'plugin/CONIN$',
    'plugin/nul .txt',
    'plugin/a.',
    'plugin/a ',
    'plugin/d./a',
    'plugin/d /a',
    'plugin/a\uff0fb',
    'plugin/...',
    'CON/a',
    'plugin/\ufffd',
  ],
  E_PATH_TOO_LONG: [
    `plugin/${'x'.repeat(201)}`,
    `plugin/${'\u00e9'.repeat(101)}`,
    `plugin/${'x'.repeat(120)}/${'y'.repeat(120)}`,
    `plugin/${'d/'.repeat(32)}a`,
    `${'x'.repeat(201)}/a`,
  ],
  E_ARCHIVE_LAYOUT: ['main.js', './main.js', 'other/main.js', 'Plugin/main.js'],
};

const paths: readonly BadArchive[] = Object.entries(badPaths).flatMap(([code, list]) =>
  list.map((path) =>
    badEntries(
      `the path ${JSON.stringify(path).slice(0, 60)}${path.length > 60 ? `… of ${path.length}` : ''}`,
      code as PluginErrorCode,
      () =>
        Buffer.byteLength(path) > 100
          ? [gnuLongName(path), { path: Buffer.from(path).subarray(0, 100), magic: gnuMagic, body: 'a' }]
          : [{ path, body: 'a' }],
    ),
  ),
);

const twice = (name: string, ...entries: readonly RawEntry[]) => badEntries(name, 'E_ENTRY_DUPLICATE', () => entries);
const folder = (path: string): RawEntry => ({ path, type: '5' });

const collisions: readonly BadArchive[] = [
  twice('a file twice', { path: 'plugin/a', body: '1' }, { path: 'plugin/a', body: '2' }),
  twice('package.json twice', manifestEntry),
  twice('a folder twice', folder('plugin/d/'), folder('plugin/d/')),
  twice('a file twice, once with ./', { path: 'plugin/a' }, { path: './plugin/a' }),
  twice('names that differ by case', { path: 'plugin/a.js' }, { path: 'plugin/A.js' }),
  twice('folders that differ by case', { path: 'plugin/d/a' }, { path: 'plugin/D/b' }),
  twice('names that differ by normal form', { path: 'plugin/\u00e9' }, { path: 'plugin/e\u0301' }),
  twice('names that differ by a ligature', { path: 'plugin/\ufb01x' }, { path: 'plugin/fix' }),
  twice('names that differ by a sharp s', { path: 'plugin/\u00df' }, { path: 'plugin/SS' }),
  twice('a file, then a folder of its name', { path: 'plugin/d' }, folder('plugin/d/')),
  twice('a folder, then a file of its name', folder('plugin/d/'), { path: 'plugin/d' }),
  twice('a file in a file', { path: 'plugin/d' }, { path: 'plugin/d/a' }),
  twice('a file over the folder of another', { path: 'plugin/d/a' }, { path: 'plugin/d' }),
];

const others: readonly BadArchive[] = [
  bad('folders without a file', 'E_ARCHIVE_EMPTY', () => gzipSync(tarOf([folder('plugin/'), folder('plugin/d/')]))),
  badEntries('a path that is no UTF-8', 'E_PATH_INVALID', () => [{ path: Buffer.from('plugin/caf\u00e9', 'latin1') }]),
  badEntries('an overlong form of UTF-8', 'E_PATH_INVALID', () => [
    { path: Buffer.concat([Buffer.from('plugin/'), Buffer.of(0xc0, 0xae, 0xc0, 0xae)]) },
  ]),
  badEntries('a path with data behind its NUL', 'E_PATH_INVALID', () => [{ path: 'plugin/a\0.png' }]),
  badEntries('an empty path', 'E_PATH_INVALID', () => [{ path: '' }]),
  badEntries('a prefix that leads out', 'E_PATH_TRAVERSAL', () => [{ path: 'evil', prefix: 'plugin/../..' }]),
  badEntries('a prefix that begins at a root', 'E_PATH_TRAVERSAL', () => [{ path: 'evil', prefix: '/etc' }]),
];

/** What is wrong with types, modes and paths of entries. */
export const badEntryArchives: readonly BadArchive[] = [...types, ...paths, ...collisions, ...others];
