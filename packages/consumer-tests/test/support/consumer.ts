import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runWell } from './process.ts';

const folder = dirname(dirname(import.meta.dirname));

/** What a consumer brings along: the compiler's types, React and Vite. */
const tools = [
  ...['@types/node', '@types/react', '@types/react-dom', 'react', 'react-dom', 'vite'],
  ...['@tanstack/react-query', '@kubernetes/client-node'],
];

/** A package as a release would publish it, and two projects that have installed it. */
export interface Consumer {
  /** Paths in the tarball. */
  readonly packed: readonly string[];
  /** A project with the package and what it brings, nothing else within reach. */
  readonly alone: string;
  /** The same with the tools of a consumer in a folder above. */
  readonly equipped: string;
  dispose(): Promise<void>;
}

interface PackResult {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/**
 * Packs the built package in `packages/<name>` and installs the tarball alone, with those of our own packages that it
 * depends on: no registry has this version of them yet.
 */
export async function createConsumer(name: string, ownDependencies: readonly string[] = []): Promise<Consumer> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'fleetwire-consumer-')));
  const pack = async (each: string): Promise<PackResult> => {
    const cwd = join(dirname(folder), each);
    return JSON.parse(await runWell('pnpm', ['pack', '--json', '--pack-destination', base], { cwd })) as PackResult;
  };
  const { filename, files } = await pack(name);
  const tarballs = [filename];
  for (const dependency of ownDependencies) tarballs.push((await pack(dependency)).filename);

  const alone = join(base, 'alone');
  await mkdir(alone);
  await writeFile(join(alone, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
  await runWell('npm', ['install', ...tarballs, '--prefer-offline', '--no-audit', '--no-fund'], { cwd: alone });

  const equipped = join(base, 'equipped', 'project');
  await cp(alone, equipped, { recursive: true });
  const shelf = join(base, 'equipped', 'node_modules');
  for (const tool of tools) {
    await mkdir(dirname(join(shelf, tool)), { recursive: true });
    await symlink(await realpath(join(folder, 'node_modules', tool)), join(shelf, tool));
  }
  return {
    packed: files.map(({ path }) => path),
    alone,
    equipped,
    dispose: () => rm(base, { recursive: true, force: true }),
  };
}

/** Names of the packages that a project has installed, sorted. */
export async function installedIn(project: string): Promise<string[]> {
  const top = await readdir(join(project, 'node_modules'));
  const names = top.filter((name) => !name.startsWith('.') && !name.startsWith('@'));
  for (const scope of top.filter((name) => name.startsWith('@'))) {
    names.push(...(await readdir(join(project, 'node_modules', scope))).map((name) => `${scope}/${name}`));
  }
  return names.sort();
}
