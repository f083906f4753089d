import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sdkVersion } from '@fleetwire/plugin-manager';
import { createFileSource, createPluginManager, packPlugin, parsePolicy } from '@fleetwire/plugin-manager/node';

const root = join(import.meta.dirname, '..');
const shared = [
  'react',
  'react-dom',
  'react/jsx-runtime',
  '@fleetwire/plugin-manager/sdk',
  '@fleetwire/kube-watch/react',
];

interface Manifest {
  readonly version: string;
  readonly fleetwire: { readonly contributes: Readonly<Record<string, readonly { readonly id: string }[]>> };
}
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetwire-example-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Builds the plugin as an author would, into a folder of its own. */
async function buildInto(name: string): Promise<string> {
  const target = join(folder, name);
  await mkdir(target);
  await build({ root, logLevel: 'error', build: { outDir: join(target, 'dist'), emptyOutDir: true } });
  for (const file of ['package.json', 'README.md']) await copyFile(join(root, file), join(target, file));
  return target;
}

const pack = async (name: string) => packPlugin(await buildInto(name), { destination: join(folder, `packed-${name}`) });

it('is built to one module that takes from the page what the page shares, and nothing else', async () => {
  const code = await readFile(join(await buildInto('one'), 'dist', 'plugin.js'), 'utf8');
  const imported = [...code.matchAll(/(?:from|import)\s*"([^"]+)"/g)].map(([, specifier]) => specifier);
  expect(imported.length).toBeGreaterThan(0);
  for (const specifier of imported) expect(shared).toContain(specifier);
  expect(code).not.toMatch(/\bimport\(/);
});

it('registers what its package.json declares, under the same ids', async () => {
  const { plugin } = await import('../src/plugin.tsx');
  const registered: Record<string, string[]> = {};
  const style = { textContent: '', remove: () => undefined };
  Object.assign(globalThis, { document: { createElement: () => style, head: { append: () => undefined } } });
  await plugin.activate({
    plugin: { id: 'examples:fleetwire/images', version: manifest.version, build: 'b' },
    sdk: {
      version: sdkVersion,
      clusters: { subscribe: () => () => undefined, getSnapshot: () => undefined },
      navigate: () => undefined,
      request: () => Promise.reject(new Error('none is expected')),
      notify: () => undefined,
    },
    signal: new AbortController().signal,
    register: (kind, { id }) => {
      (registered[kind] ??= []).push(id);
      return { dispose: () => undefined };
    },
    onDispose: () => undefined,
  });
  const declared = Object.entries(manifest.fleetwire.contributes).map(([kind, items]) => [
    kind,
    items.map(({ id }) => id),
  ]);
  expect(registered).toEqual(Object.fromEntries(declared));
});

it('is packed as the same bytes by whoever packs it, and installs from them', async () => {
  const [first, second] = [await pack('first'), await pack('second')];
  expect(second.sha256).toBe(first.sha256);

  const index = join(folder, 'packed-first', 'index.json');
  const annotations = {
    'headlamp/plugin/archive-url': `fleetwire-example-plugin-${manifest.version}.tar.gz`,
    'headlamp/plugin/archive-checksum': first.checksum,
  };
  const versions = [{ version: manifest.version, annotations }];
  const entry = { repo: 'fleetwire', name: 'images', repositoryId: 'examples', title: 'Images', versions };
  await writeFile(index, JSON.stringify({ schemaVersion: 1, plugins: [entry] }));
  const manager = createPluginManager({
    root: join(folder, 'store'),
    host: { product: 'fleetwire', version: '0.1.0', distro: 'web', sdkVersion },
    policy: parsePolicy({ sources: [{ name: 'examples', kind: 'file', path: index }] }),
    sources: [createFileSource({ name: 'examples', path: index })],
  });
  try {
    await manager.install('examples:fleetwire/images');
    const { plugins } = await manager.runtime();
    expect(plugins).toMatchObject([
      {
        status: 'ready',
        id: 'examples:fleetwire/images',
        title: 'Images',
        contributes: manifest.fleetwire.contributes,
      },
    ]);
  } finally {
    await manager.dispose();
  }
});
