import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkModules } from './check-modules.ts';
import { listFiles } from './list-files.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function folderWith(sources: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetwire-modules-'));
  folders.push(folder);
  for (const [path, source] of Object.entries(sources)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), source);
  }
  return folder;
}

async function check(sources: Readonly<Record<string, string>>, entry = 'dist/index.js') {
  const files = await listFiles(await folderWith(sources), () => true);
  return checkModules({ entry, files, shared: ['react', 'react/jsx-runtime'] });
}

/** The problems of a refusal; empty where there is none. */
async function faultsOf(sources: Readonly<Record<string, string>>): Promise<readonly string[]> {
  try {
    await check(sources);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'E_ENTRY_INVALID' });
    return (error as { readonly details: { readonly problems: readonly string[] } }).details.problems;
  }
}

const hint =
  'bundle everything but what pages share (react, react/jsx-runtime) into the entry, by Vite with ' +
  'build.rolldownOptions.output.codeSplitting: false, or by esbuild with --bundle --format=esm';

it('one file that imports what the page shares is as it should be', async () => {
  const source = `#!/usr/bin/env node
    import { useState } from "react";
    import("react");
    const text = 'import x from "lodash"'; // import "lodash"
    const computed = (name) => import(name);
    const regex = /import("lodash")/;
    const icon = new URL('./icon.svg', import.meta.url), far = new URL('https://example.com/x.js', import.meta.url);
    export { default } from "react/jsx-runtime";`;
  expect(await check({ 'dist/index.js': source, 'dist/icon.svg': '<svg/>' })).toEqual([]);
});

it.each<[what: string, source: string, place: string, says: RegExp]>([
  ['a package that is not bundled', "\nimport x from 'lodash';", '2:15: "lodash"', /supplied by no page$/],
  ['a package that is exported again', "export * from 'lodash';", '1:15: "lodash"', /supplied by no page/],
  ['a part of a shared one', "import 'react/cjs';", '1:8: "react/cjs"', /supplied by no page/],
  ['a module of Node', "import 'node:fs';", '1:8: "node:fs"', /supplied by no page/],
  ['what a build for development imports', "import 'react/jsx-dev-runtime';", '1:8:', /build for production/],
  ['a file that is not there', "import './gone.js';", '1:8: "./gone.js"', /not among the files that are packed$/],
  [
    'a file without its extension',
    "import './part';",
    '1:8: "./part"',
    /, but dist\/part\.js is: browsers add nothing/,
  ],
  ['a folder', "import '../lib';", '1:8: "../lib"', /, but lib\/index\.js is: browsers add nothing/],
  ['a style sheet', "import './style.css';", '1:8: "./style.css"', /is no script/],
  ['what is outside', "import '../../x.js';", '1:8: "../../x.js"', /leads out of the package/],
])('an entry that imports %s is refused, with place and way out', async (_what, source, place, says) => {
  const others = { 'dist/part.js': '', 'lib/index.js': '', 'dist/style.css': '' };
  const faults = await faultsOf({ 'dist/index.js': `${source}\nexport default 1;`, ...others });
  expect(faults).toEqual([expect.stringContaining(`dist/index.js:${place}`), hint]);
  expect(faults[0]).toMatch(says);
});

it('an entry that was not built is refused with the place of what no browser reads', async () => {
  const jsx = "import { x } from 'react';\nexport default () => <p>Hello</p>;";
  expect(await faultsOf({ 'dist/index.js': jsx })).toEqual([
    'dist/index.js:2:22: expected an ES module: Unexpected token; ' +
      'JSX and TypeScript have to be built first, and so has syntax that is newer than what this program reads',
  ]);
  const [typescript] = await faultsOf({ 'dist/index.js': 'export const plugin: Plugin = {};' });
  expect(typescript).toMatch(/^dist\/index\.js:1:20: expected an ES module: .*TypeScript have to be built/);
});

it('an entry that exports no plugin is refused', async () => {
  const [commonJs] = await faultsOf({ 'dist/index.js': 'module.exports = { activate() {} };' });
  expect(commonJs).toMatch(/exports the plugin, as default or as "plugin"; it exports nothing \(CommonJS/);
  const [other] = await faultsOf({ 'dist/index.js': 'export const one = 1; export function two() {}' });
  expect(other).toContain('it exports one, two');
});

it.each([
  'export default {};',
  'export const plugin = {};',
  'export const { plugin } = {};',
  'export class plugin {}',
  'const a = {}; export { a as plugin };',
  'const a = {}; export { a as "default" };',
  "export * from 'https://example.com/plugin.js';",
  "export * as plugin from 'react';",
])('a plugin is exported by `%s`', async (source) => {
  const warnings = await check({ 'dist/index.js': source });
  expect(warnings.filter((text) => !text.includes('is not of the package') && text !== hint)).toEqual([]);
});

it('`export *` passes on what is called plugin, from however far, and never a default', async () => {
  const entry = { 'dist/index.js': "export * from './a.js';" };
  const [byDefault] = await faultsOf({ ...entry, 'dist/a.js': 'export default {};' });
  expect(byDefault).toBe(
    'dist/index.js: expected an ES module that exports the plugin, as default or as "plugin"; it exports nothing ' +
      '("export *" passes no default on)',
  );
  const circle = "export * from './index.js'; export * from './b.js';";
  expect(await faultsOf({ ...entry, 'dist/a.js': circle, 'dist/b.js': 'export const plugin = 1;' })).toEqual([]);
  const [none] = await faultsOf({ ...entry, 'dist/a.js': circle, 'dist/b.js': 'export const other = 1;' });
  expect(none).toContain('it exports nothing');
  const [shared] = await faultsOf({ 'dist/index.js': "export * from 'react';" });
  expect(shared).toContain('it exports nothing');
});

const esbuildHelper =
  'var x=(e=>typeof require<"u"?require:typeof Proxy<"u"?new Proxy(e,{get:(t,r)=>(typeof require<"u"?require:t)[r]}):e)' +
  '(function(e){if(typeof require<"u")return require.apply(this,arguments);' +
  `throw Error('Dynamic require of "'+e+'" is not supported')});`;
const rolldownHelper =
  'var x=(e=>typeof require<`u`?require:typeof Proxy<`u`?new Proxy(e,{get:(e,t)=>(typeof require<`u`?require:e)[t]}):e)' +
  "(function(e){if(typeof require<`u`)return require.apply(this,arguments);throw Error('Calling `require` for \"'+e+" +
  "'\" in an environment that doesn\\'t expose the `require` function.')});";

it.each([
  ['require', '', 'require("react")'],
  ['the helper of a bundler', '', '__require("react")'],
  ['that of esbuild, minified', esbuildHelper, 'x("react")'],
  ['that of Rolldown, minified', rolldownHelper, 'x(`react`)'],
])(
  'bundled CommonJS that asks for what the page shares by %s is a warning with its line',
  async (_what, helper, call) => {
    const source = `${helper}\nvar lazy = () => ${call};\nexport default lazy;`;
    expect(await check({ 'dist/index.js': source })).toEqual([
      expect.stringMatching(/^dist\/index\.js:2:\d+: "react" is asked for by require\(\), which no page has/),
    ]);
  },
);

it.each([
  'const t = (text) => text; export default t("react");',
  `${esbuildHelper} const t = (text) => text; export default [t("react"), x("node:fs")];`,
  'export default typeof require === "function" ? require("node:fs") : undefined;',
  'export default ((modules) => { function load(id) { modules[id](load); } load("react"); })({ react: (require) => require("react") });',
])('what looks like a require and is none for what the page shares is nothing to tell: %s', async (source) => {
  expect(await check({ 'dist/index.js': source })).toEqual([]);
});

it('a second script is a warning with its place, and what it imports is looked at', async () => {
  const sources = {
    'dist/index.js': "import './a.js';\nconst later = () => import('./b.js');\nexport default later;",
    'dist/a.js': "export * from './deep/c.js?v=1';",
    'dist/b.js': "import 'lodash';",
    'dist/deep/c.js': "import '../a.js'; import 'react';",
  };
  const warnings = await check(sources);
  expect(warnings.map((text) => text.replace(/(" is \w+ \w+).*/, '$1'))).toEqual([
    'dist/index.js:1:8: "./a.js" is a second',
    'dist/index.js:2:28: "./b.js" is a second',
    'dist/a.js:1:15: "./deep/c.js?v=1" is a second',
    'dist/deep/c.js:1:8: "../a.js" is a second',
    // The entry runs without it.
    'dist/b.js:1:8: "lodash" is supplied by',
    hint,
  ]);
  expect(warnings[0]).toMatch(/which pages that are open .* do not compare with its digest$/);
});

it('what is linked with the entry is no less needed for being named by an import() before', async () => {
  const faults = await faultsOf({
    'dist/index.js': "import('./b.js');\nimport './a.js';\nexport default 1;",
    'dist/a.js': "import './b.js';",
    'dist/b.js': "import 'lodash';",
  });
  expect(faults).toEqual([expect.stringMatching(/^dist\/b\.js:1:8: "lodash"/), hint]);
});

it('an import() of what is not there may be meant for elsewhere, and is a warning', async () => {
  const source = "if (globalThis.process) await import('node:fs');\nimport(`./gone.js`);\nexport default 1;";
  expect(await check({ 'dist/index.js': source })).toEqual([
    expect.stringMatching(/^dist\/index\.js:1:38: "node:fs" is supplied by no page/),
    expect.stringMatching(/^dist\/index\.js:2:8: "\.\/gone\.js" is not among/),
    hint,
  ]);
});

it('what comes from elsewhere has no digest, and workers and WebAssembly do not start', async () => {
  const source = `import 'https://example.com/x.js';
import '/assets/x.js';
new Worker(new URL('./worker.js', import.meta.url));
fetch(new URL('add.wasm', import.meta.url));
fetch(new URL('gone.png', import.meta.url));
export default 1;`;
  expect(await check({ 'dist/index.js': source, 'dist/worker.js': '', 'dist/add.wasm': '' })).toEqual([
    expect.stringMatching(/^dist\/index\.js:1:8: .* is not of the package/),
    expect.stringMatching(/^dist\/index\.js:2:8: .* is not of the package/),
    expect.stringMatching(/^dist\/index\.js:3:20: "\.\/worker\.js" is a script, .* no workers/),
    expect.stringMatching(/^dist\/index\.js:4:15: "add\.wasm" is WebAssembly/),
    expect.stringMatching(/^dist\/index\.js:5:15: "gone\.png" is not among the files/),
    hint,
  ]);
});

it('JSON is imported by those who say so', async () => {
  const source = "import data from './data.json' with { type: 'json' }; export default data;";
  expect(await check({ 'dist/index.js': source, 'dist/data.json': '{}' })).toEqual([]);
});

it('names with blanks and percent signs are found', async () => {
  const sources = { 'd st/50% index.js': "import './a%20b.js'; export default 1;", 'd st/a b.js': '' };
  expect(await check(sources, 'd st/50% index.js')).toEqual([expect.stringContaining('is a second file'), hint]);
});

it('more scripts than a dashboard loads are refused', async () => {
  const others = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`dist/${String(index)}.js`, '']));
  const [fault] = await faultsOf({ 'dist/index.js': 'export default 1;', ...others });
  expect(fault).toContain(
    'expected at most 200 scripts beside the entry, as no dashboard loads more; 201 would be packed',
  );
});

it('what is too large or too deep to be read is packed, and said not to have been looked at', async () => {
  const large = await folderWith({ 'dist/index.js': 'export default 1;' });
  await truncate(join(large, 'dist/index.js'), 16 * 1_024 * 1_024 + 1);
  const files = await listFiles(large, () => true);
  expect(await checkModules({ entry: 'dist/index.js', files, shared: [] })).toEqual([
    expect.stringContaining('its imports were not looked at, as it is larger than'),
  ]);
  const deep = `export default ${'('.repeat(100_000)}1${')'.repeat(100_000)};`;
  expect(await check({ 'dist/index.js': deep })).toEqual([expect.stringMatching(/not looked at: .*stack/)]);
});

it('tells ten findings, and how many there are more', async () => {
  const source = Array.from({ length: 14 }, (_, index) => `import 'p${String(index)}';`).join('\n');
  const faults = await faultsOf({ 'dist/index.js': `${source}\nexport default 1;` });
  expect(faults).toHaveLength(12);
  expect(faults.slice(-2)).toEqual(['and 4 more of the kind', hint]);
});
