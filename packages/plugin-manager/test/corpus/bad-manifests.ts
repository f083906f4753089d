import { gzipSync } from 'node:zlib';
import { tarOf, type RawEntry } from '../../src/testing/bad-archives/tar-builder.ts';
import { offered, type CorpusCase } from './corpus-case.ts';
import { archiveOf } from './world.ts';

const main: RawEntry = { path: 'plugin/main.js', body: 'export {};\n' };

/** A package.json with these bytes. */
const raw = (name: string, body: string | Uint8Array) =>
  offered(name, () => ({ archive: gzipSync(tarOf([{ path: 'plugin/package.json', body }, main])) }));
/** A package.json that is good but for these fields. */
const fields = (name: string, changes: object) => offered(name, () => ({ archive: archiveOf('1.1.0', changes) }));
const entries = (name: string, ...list: readonly RawEntry[]) =>
  offered(name, () => ({ archive: gzipSync(tarOf(list)) }));
const entry = (path: unknown) => fields(`the entry ${JSON.stringify(path)}`, { fleetwire: { entry: path } });

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at += 1) value = { value };
  return value;
}

/** What is wrong with package.json. */
export const badManifests: readonly CorpusCase[] = [
  entries('no package.json', main),
  entries('package.json below the top folder', { path: 'plugin/dist/package.json', body: '{}' }, main),
  entries('package.json in capitals', { path: 'plugin/Package.json', body: '{}' }, main),
  entries('package.json that is a folder', { path: 'plugin/package.json/', type: '5' }, main),
  raw('an empty package.json', ''),
  raw('package.json cut short', '{"name":"plugin","version":'),
  raw('package.json of text', 'name: plugin'),
  raw('package.json with a comment', '{"name":"plugin","version":"1.1.0"} // main'),
  raw('package.json that is no UTF-8', Buffer.from('{"name":"plugin","version":"1.1.0","title":"\xff"}', 'latin1')),
  raw('package.json in UTF-16', Buffer.from('{"name":"plugin","version":"1.1.0"}', 'utf16le')),
  raw('package.json of 100,000 brackets', '['.repeat(100_000)),
  raw('package.json that is null', 'null'),
  raw('package.json that is a list', '[{"name":"plugin","version":"1.1.0"}]'),
  raw('package.json of 1 MiB and a byte', `{"name":"plugin","version":"1.1.0"}`.padEnd(1024 * 1024 + 1)),
  fields('another name', { name: 'other' }),
  fields('a name that is a path', { name: '../../plugin' }),
  fields('a name that is a root', { name: '/plugin' }),
  fields('a name with a NUL', { name: 'plugin\0' }),
  fields('a name of 215 characters', { name: 'p'.repeat(215) }),
  fields('a name that is an object', { name: { length: { toString: '' } } }),
  fields('no name', { name: undefined }),
  fields('a name for __proto__', JSON.parse('{"name":"__proto__"}') as object),
  fields('an older version', { version: '1.0.9' }),
  fields('a newer version', { version: '1.2.0' }),
  fields('a version with build metadata that the catalog does not have', { version: '1.1.0+evil' }),
  fields('a version with a v', { version: 'v1.1.0' }),
  fields('a version with blanks', { version: ' 1.1.0 ' }),
  fields('a version that is a path', { version: '../../1.1.0' }),
  fields('a version that is a number', { version: 1.1 }),
  fields('no version', { version: undefined }),
  ...['../main.js', './../main.js', 'dist/../../main.js', '/etc/main.js', 'C:/main.js', 'c:main.js', '..\\main.js'].map(
    entry,
  ),
  entry('https://evil.test/main.js'),
  entry('//evil.test/main.js'),
  entry('data:text/javascript,evil.js'),
  entry('dist//main.js'),
  entry('dist/./main.js'),
  entry('main.js?x'),
  entry('main.css'),
  entry('receipt.json'),
  entry('Main.js'),
  entry('missing.js'),
  entry(''),
  entry('main.js\n'),
  entry(['main.js']),
  entry(`${'d/'.repeat(200)}main.js`),
  fields('fleetwire that is a text', { fleetwire: 'main.js' }),
  fields('contributes that is a list', { fleetwire: { contributes: [] } }),
  fields('contributes 1,000 deep', { fleetwire: { contributes: nested(1_000) } }),
  fields('contributes of 100,000 values', {
    fleetwire: { contributes: { list: Array.from({ length: 100_000 }, () => 1) } },
  }),
  fields('engines that are no range', { engines: { fleetwire: 'any' } }),
  fields('engines of another host', { engines: { fleetwire: '>=3' } }),
  fields('engines of another plugin SDK', { engines: { 'fleetwire-sdk': '^2.0.0' } }),
  fields('engines of a plugin SDK that are no range', { engines: { 'fleetwire-sdk': 'any' } }),
  fields('a title with a control character', { title: 'a\u0007b' }),
  fields('a title with a control character of C1', { title: 'a\u009b31mb' }),
  fields('a title that turns its direction', { title: 'a\u202eb' }),
  fields('a title with a tag', { title: 'a\u{e0041}b' }),
  fields('a title with nothing to see', { title: ' \u200d ' }),
  fields('an author who turns the direction', { author: 'a\u2066b' }),
  fields('an author by name with a control character of C1', { author: { name: 'a\u0085b' } }),
];
