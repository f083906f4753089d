import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createConsumer, installedIn, type Consumer } from './support/consumer.ts';
import { nodes } from './support/nodes.ts';
import { run, start } from './support/process.ts';
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
}

const packages: readonly Package[] = [
  {
    name: 'kube-watch',
    ownDependencies: ['websocket-core'],
    installed: [/^@fleetwire\/(?:kube-watch|websocket-core)$/, /^(?:ws|zod)$/],
    node: ['own-clusters.ts', 'server.ts', 'watch.ts'],
    browser: ['pods.tsx'],
    documents: ['README.md', 'PROTOCOL.md', 'LICENSE'],
  },
  {
    name: 'fake-kube-api',
    ownDependencies: [],
    installed: [/^@fleetwire\/fake-kube-api$/, /^(?:ws|yaml|protobufjs|long)$/, /^@types\/node$|^undici-types$/],
    node: ['demo.ts', 'test.ts'],
    browser: [],
    documents: ['README.md', 'LICENSE'],
  },
];

describe.each(packages)('$name', ({ name, ownDependencies, installed, node, browser, documents }) => {
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
    const titled = snippets.filter(({ language }) => language !== 'sh').map(({ file }) => file);
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
      const entries = name === 'kube-watch' ? ['', '/client', '/server'] : [''];
      const script = entries.map((entry) => `await import('@fleetwire/${name}${entry}');`).join('');
      const result = await run(program, ['--input-type=module', '-e', script], { cwd: consumer.alone });
      expect(result).toMatchObject({ code: 0, output: '' });
    });

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
