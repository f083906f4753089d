import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createConsumer, installedIn, type Consumer } from './support/consumer.ts';
import { nodes } from './support/nodes.ts';
import { run, runWell, start } from './support/process.ts';
import { snippetsOf } from './support/snippets.ts';

const folder = dirname(import.meta.dirname);
const tsc = join(folder, 'node_modules', 'typescript7', 'bin', 'tsc');

interface Package {
  readonly name: string;
  readonly ownDependencies: readonly string[];
  /** Names of everything that it brings. */
  readonly installed: readonly RegExp[];
  /** Blocks of its README, by where they run. */
  readonly node: readonly string[];
  readonly browser: readonly string[];
  readonly documents: readonly string[];
  /** That run on Node without anything else. */
  readonly entries: readonly string[];
}

const packages: readonly Package[] = [
  {
    name: 'kube-watch',
    ownDependencies: ['websocket-core'],
    installed: [/^@fleetwire\/(?:kube-watch|websocket-core)$/, /^(?:ws|zod)$/],
    node: ['own-clusters.ts', 'server.ts', 'watch.ts'],
    browser: ['pods.tsx'],
    documents: ['README.md', 'PROTOCOL.md', 'LICENSE'],
    entries: ['', '/client', '/server'],
  },
  {
    name: 'fake-kube-api',
    ownDependencies: [],
    installed: [/^@fleetwire\/fake-kube-api$/, /^(?:ws|yaml|protobufjs|long)$/, /^@types\/node$|^undici-types$/],
    node: ['demo.ts', 'test.ts'],
    browser: [],
    documents: ['README.md', 'LICENSE'],
    entries: [''],
  },
  {
    name: 'plugin-manager',
    ownDependencies: ['websocket-core'],
    installed: [
      /^@fleetwire\/(?:plugin-manager|websocket-core)$/,
      /^(?:acorn|ipaddr\.js|semver|tar-stream|undici|ws|yaml|zod)$/,
      // Of tar-stream.
      /^(?:b4a|bare-.+|events-universal|fast-fifo|streamx|teex|text-decoder)$/,
    ],
    node: ['facade.ts', 'failures.ts', 'install.ts', 'server.ts', 'sync.ts'],
    browser: ['page.tsx', 'plugin.tsx'],
    documents: ['README.md', 'LICENSE'],
    entries: ['', '/node', '/server', '/sdk', '/testing'],
  },
];

/** What Node 22 says of itself when a program loads its SQLite, in which a store of plugins has its locks. */
const sqliteWarning = /^\(node:\d+\) ExperimentalWarning: SQLite .*\n.*--trace-warnings.*\n/;

describe.each(packages)('$name', ({ name, ownDependencies, installed, node, browser, documents, entries }) => {
  const snippets = snippetsOf(readFileSync(join(dirname(folder), name, 'README.md'), 'utf8'));
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await createConsumer(name, ownDependencies);
    for (const { file, text } of snippets) {
      if (file === undefined) continue;
      await writeFile(join(consumer.equipped, file), text);
      await writeFile(join(consumer.alone, file), text);
    }
  });
  afterAll(() => consumer.dispose());

  it('packs its documents and its code, and no tests', () => {
    expect(consumer.packed).toEqual(expect.arrayContaining([...documents, 'package.json']));
    expect(consumer.packed.filter((path) => /\.test\.|(^|\/)test\/|tsbuildinfo|tsconfig|\.counts/.test(path))).toEqual(
      [],
    );
  });

  it('brings nothing but what it says', async () => {
    const names = await installedIn(consumer.alone);
    // What libraries bring of their own scope is theirs.
    const others = names.filter((each) => !each.startsWith('@protobufjs/'));
    expect(others.filter((each) => !installed.some((pattern) => pattern.test(each)))).toEqual([]);
  });

  it('has every block of its README checked here', () => {
    const titled = snippets.filter(({ language }) => /^tsx?$/.test(language)).map(({ file }) => file);
    expect(titled.toSorted()).toEqual([...node, ...browser].toSorted());
  });

  const halves = [
    { half: 'node', files: node, lib: ['es2023'], types: ['node'] },
    { half: 'browser', files: browser, lib: ['es2023', 'dom', 'dom.iterable'], types: [] },
  ].filter(({ files }) => files.length > 0);

  it.each(halves)('compiles strictly what its README shows for the $half', async ({ half, files, ...options }) => {
    const compilerOptions = {
      ...options,
      ...{ target: 'es2023', jsx: 'react-jsx', strict: true, noEmit: true, skipLibCheck: false },
      ...{ module: 'nodenext', moduleResolution: 'nodenext', allowImportingTsExtensions: true },
    };
    const config = `tsconfig.${half}.json`;
    await writeFile(join(consumer.equipped, config), JSON.stringify({ compilerOptions, files }));
    expect(await run(tsc, ['-p', config], { cwd: consumer.equipped })).toMatchObject({ code: 0, output: '' });
  });

  describe.each(nodes)('on Node $version', ({ program = '' }) => {
    it.skipIf(program === '')('loads every entry for Node', async () => {
      const script = entries.map((entry) => `await import('@fleetwire/${name}${entry}');`).join('');
      const { code, output } = await run(program, ['--input-type=module', '-e', script], { cwd: consumer.alone });
      expect({ code, output: output.replace(sqliteWarning, '') }).toEqual({ code: 0, output: '' });
    });

    if (name === 'plugin-manager') {
      it.skipIf(program === '')('makes, packs and installs a plugin with its program', async () => {
        await usePluginProgram(program, consumer.alone);
      });
    }

    if (name !== 'fake-kube-api') return;
    it.skipIf(program === '')('serves the cluster of the demo in its README', async () => {
      const demo = start(program, ['demo.ts'], { cwd: consumer.alone });
      onTestFinished(async () => {
        await demo.stop('SIGKILL');
      });
      const [, url = ''] = await demo.printed(/--server (\S+)/);
      const list = (await (await fetch(`${url}/api/v1/nodes`)).json()) as { readonly kind: string };
      expect(list.kind).toBe('NodeList');
    });
  });
});

/** Goes the way of an author and of an operator, without a network. */
async function usePluginProgram(node: string, project: string): Promise<void> {
  const cwd = await mkdtemp(join(project, 'plugins-'));
  const bin = join(project, 'node_modules', '.bin', 'fleetwire-plugin');
  const call = async (...args: readonly string[]): Promise<unknown> => {
    const lines = (await runWell(node, [bin, ...args, '--json'], { cwd })).trimEnd().split('\n');
    const { type, result } = JSON.parse(lines.at(-1) ?? '') as { readonly type: string; readonly result: unknown };
    expect(type).toBe('done');
    return result;
  };
  await call('create', 'hello');
  await call('pack', 'hello', '--destination', 'packed');
  const [archive = ''] = (await readdir(join(cwd, 'packed'))).filter((file) => file.endsWith('.tar.gz'));
  const [checksum] = (await readFile(join(cwd, 'packed', `${archive}.sha256`), 'utf8')).split(' ');
  const version = /-(\d.*)\.tar\.gz$/.exec(archive)?.[1];
  const annotations = {
    'headlamp/plugin/archive-url': archive,
    'headlamp/plugin/archive-checksum': `SHA256:${checksum ?? ''}`,
  };
  const plugin = { repo: 'lab', name: 'hello', repositoryId: 'lab', versions: [{ version, annotations }] };
  await writeFile(join(cwd, 'packed', 'index.json'), JSON.stringify({ schemaVersion: 1, plugins: [plugin] }));
  const sources = [{ name: 'local', kind: 'file', path: join(cwd, 'packed', 'index.json') }];
  await writeFile(join(cwd, 'policy.json'), JSON.stringify({ sources }));
  const store = ['--root', 'installed', '--policy', 'policy.json'];
  await call('install', 'local:lab/hello', ...store, '--host-version', '0.1.0', '--distro', 'web');
  expect(await call('list', ...store)).toMatchObject({ plugins: [{ pluginId: 'local:lab/hello', status: 'ok' }] });
  await call('remove', 'local:lab/hello', ...store);
  expect(await call('list', ...store)).toEqual({ plugins: [] });
}
