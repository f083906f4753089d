import { expect, it } from 'vitest';
import { defaultLimits } from '../protocol/limits.ts';
import type { ArchivePlan } from './archive-plan.ts';
import { checkEngines, checkManifest, findManifest, parseManifest } from './manifest.ts';

const good = { name: '@acme/flux', version: '1.2.0', fleetwire: { entry: './dist/main.js' } };
const parse = (changes: Record<string, unknown> = {}) => parseManifest(JSON.stringify({ ...good, ...changes }));

function planOf(files: Readonly<Record<string, number>>): ArchivePlan {
  const planned = Object.entries(files).map(([path, size], index) => ({ path, size, index }));
  return { topFolder: 'flux', files: planned, directories: [], totalBytes: 0 };
}

it('takes name, version, title, author, home page, entry, contributions and range, and nothing else', () => {
  const manifest = parse({
    title: 'Flux',
    author: { name: 'Ada', email: 'ada@example.org' },
    homepage: 'https://example.org/flux',
    engines: { node: '>=20', fleetwire: '>=1 <3', 'fleetwire-sdk': '^1.0.0' },
    fleetwire: { entry: './dist/main.js', contributes: { navigation: [{ title: 'Flux', path: '/flux' }] } },
    scripts: { postinstall: 'touch /tmp/owned' },
  });
  expect(manifest).toEqual({
    name: '@acme/flux',
    version: '1.2.0',
    title: 'Flux',
    author: 'Ada',
    homeUrl: 'https://example.org/flux',
    entry: 'dist/main.js',
    contributes: { navigation: [{ title: 'Flux', path: '/flux' }] },
    hostVersions: '>=1 <3',
    sdkVersions: '^1.0.0',
  });
});

it('takes a package without an entry of ours, and calls it by its name', () => {
  expect(parse({ fleetwire: undefined, main: 'dist/main.js' })).toMatchObject({
    title: '@acme/flux',
    entry: undefined,
  });
});

it.each(['javascript:alert(1)', 'data:text/html,x', 7, { url: 'https://example.org' }, 'https://a b'])(
  'makes no link of the home page %j',
  (homepage) => {
    expect(parse({ homepage }).homeUrl).toBeUndefined();
  },
);

it.each([
  ['no name', { name: undefined }],
  ['a name that is no package name', { name: '../evil' }],
  ['a name with a control character', { name: 'a\u0000b' }],
  ['a name of 215 characters', { name: 'a'.repeat(215) }],
  ['a name that pretends to have a length', { name: { length: { toString: '' } } }],
  ['no version', { version: undefined }],
  ['a version that is none', { version: 'latest' }],
  ['a version with a v', { version: 'v1.2.0' }],
  ['a range that is none', { engines: { fleetwire: 'yes' } }],
  ['an empty entry', { fleetwire: { entry: '' } }],
  ['an entry that is a folder', { fleetwire: { entry: 'dist/' } }],
  ['an entry with empty segments', { fleetwire: { entry: 'dist//main.js' } }],
  ['an entry that is no module', { fleetwire: { entry: 'dist/main.html' } }],
  ['contributions that are a list', { fleetwire: { contributes: [] } }],
  ['too many contributions', { fleetwire: { contributes: { list: Array.from({ length: 2_001 }, () => 1) } } }],
])('refuses %s', (_, changes) => {
  expect(() => parse(changes)).toThrow(expect.objectContaining({ code: 'E_MANIFEST_INVALID', phase: 'manifest' }));
});

it('refuses contributions that are nested deeper than a stack, without a recursion', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const json = `{"name":"a","version":"1.0.0","fleetwire":{"contributes":{"x":${deep}}}}`;
  expect(() => parseManifest(json)).toThrow(expect.objectContaining({ code: 'E_MANIFEST_INVALID' }));
});

it.each(['', '{', 'null', '[]', '"x"', '<!doctype html>'])('refuses %j in place of an object', (json) => {
  expect(() => parseManifest(json)).toThrow(expect.objectContaining({ code: 'E_MANIFEST_INVALID' }));
});

it.each<[changes: Record<string, unknown>, says: string]>([
  [{ version: undefined }, 'package.json: version: expected string; got nothing'],
  [{ version: 'v1' }, 'package.json: version: expected a semantic version, as "1.2.3"; got "v1"'],
  [
    { name: 'My Plugin!' },
    'package.json: name: expected a package name, as "hello" or "@acme/hello"; got "My Plugin!"',
  ],
  [{ engines: 'fleetwire' }, 'package.json: engines: expected object; got "fleetwire"'],
  [
    { engines: { fleetwire: 'new' } },
    'package.json: engines.fleetwire: expected a range of versions, as ">=1.2.0 <2"; got "new"',
  ],
  [{ fleetwire: 'dist/main.js' }, 'package.json: fleetwire: expected object; got "dist/main.js"'],
  [{ author: 'a\u0007' }, 'package.json: author: expected 1 to 200 characters to see'],
  [
    { fleetwire: { entry: 'src/main.tsx' } },
    'expected a path to a .js or .mjs file as the entry in package.json; it says src/main.tsx, which has to be built first',
  ],
])('says what it expected, what came and where of %j', (changes, says) => {
  expect(() => parse(changes)).toThrow(says);
});

it('says where text is no JSON, without the control characters of it', () => {
  expect(() => parseManifest('{"name": "x",}')).toThrow(/^expected JSON in package\.json: .*\(line 1 column 14\)$/);
  expect(() => parseManifest('\u001b[2J')).toThrow(/^expected JSON in package\.json: [ -~]+$/);
});

it.each(['../main.js', '/etc/main.js', 'dist/../../main.js', 'C:/main.js', 'dist\\main.js', './../main.js'])(
  'refuses the entry %s, which is outside',
  (entry) => {
    expect(() => parse({ fleetwire: { entry } })).toThrow(
      expect.objectContaining({ code: 'E_PATH_TRAVERSAL', phase: 'manifest' }),
    );
  },
);

it('leaves the prototype of objects alone', () => {
  const manifest = parseManifest(
    '{"name":"a","version":"1.0.0","__proto__":{"title":"x"},"fleetwire":{"contributes":{"__proto__":{"y":1}}}}',
  );
  expect(manifest.title).toBe('a');
  expect(({} as Record<string, unknown>)['y']).toBeUndefined();
});

it('finds package.json in the top folder alone, and refuses a large one by its planned size', () => {
  expect(findManifest(planOf({ 'package.json': 10 }), defaultLimits).size).toBe(10);
  expect(() => findManifest(planOf({ 'dist/package.json': 10 }), defaultLimits)).toThrow(
    expect.objectContaining({ code: 'E_MANIFEST_MISSING' }),
  );
  expect(() => findManifest(planOf({ 'package.json': 1_048_577 }), defaultLimits)).toThrow(
    expect.objectContaining({ code: 'E_MANIFEST_INVALID', details: { expected: 1_048_576, found: 1_048_577 } }),
  );
});

it('holds version and entry against the catalog and the files', () => {
  const plan = planOf({ 'package.json': 1, 'dist/main.js': 1 });
  checkManifest(parse(), { version: '1.2.0', plan });
  expect(() => {
    checkManifest(parse(), { version: '1.2.1', plan });
  }).toThrow(
    expect.objectContaining({
      code: 'E_MANIFEST_MISMATCH',
      details: { field: 'version', expected: '1.2.1', found: '1.2.0' },
    }),
  );
  expect(() => {
    checkManifest(parse(), { version: '1.2.0', plan: planOf({ 'package.json': 1 }) });
  }).toThrow(expect.objectContaining({ code: 'E_ENTRY_MISSING' }));
});

it('holds engines against the versions of the host and of its plugin SDK', () => {
  const host = { product: 'fleetwire', version: '2.1.0', distro: 'web', sdkVersion: '1.0.0' };
  checkEngines(parse(), host);
  checkEngines(parse({ engines: { fleetwire: '^2.0.0' } }), host);
  expect(() => {
    checkEngines(parse({ engines: { fleetwire: '^3.0.0' } }), host);
  }).toThrow(expect.objectContaining({ code: 'E_INCOMPATIBLE_HOST', phase: 'compat' }));
  checkEngines(parse({ engines: { 'fleetwire-sdk': '^1.0.0' } }), host);
  expect(() => {
    checkEngines(parse({ engines: { 'fleetwire-sdk': '>=1.1 <2' } }), host);
  }).toThrow(
    expect.objectContaining({
      code: 'E_INCOMPATIBLE_HOST',
      message: 'its package.json is for the plugin SDK >=1.1 <2, and the host has 1.0.0',
      details: { expected: '>=1.1 <2', found: '1.0.0' },
    }),
  );
});

it.each([undefined, '', ' ', 7, {}, { name: '' }])('knows no author by %j', (author) => {
  expect(parse({ author }).author).toBeUndefined();
});

it('keeps the joiners that scripts and emoji need', () => {
  const title = 'a\u{1f469}\u200d\u{1f680} \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645';
  expect(parse({ title }).title).toBe(title);
});
