// Run in a package's folder: every entry that a browser can reach bundles for a browser with nothing of Node in it,
// and every entry that is nested under the `node` condition is refused there.
import { build, type Message, type Plugin } from 'esbuild';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import process from 'node:process';

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Libraries that have a browser stub, so that a bundler takes them without a word and the page throws. */
const NODE_LIBRARIES = new Set(['ws', 'ioredis', 'pg', 'pino']);

const refuseNode: Plugin = {
  name: 'refuse-node',
  setup(plugin) {
    plugin.onResolve({ filter: /^[^./]/ }, ({ path, importer }) =>
      isBuiltin(path) || NODE_LIBRARIES.has(path) ? { errors: [{ text: `${path} is imported by ${importer}` }] } : null,
    );
  },
};

async function bundle(dir: string, specifier: string, external: readonly string[]): Promise<readonly Message[]> {
  try {
    await build({
      stdin: { contents: `export * from '${specifier}';`, resolveDir: dir },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      conditions: ['browser'],
      external: external.flatMap((name) => [name, `${name}/*`]),
      plugins: [refuseNode],
      logLevel: 'silent',
    });
    return [];
  } catch (error) {
    return (error as { errors?: readonly Message[] }).errors ?? [{ text: String(error) } as Message];
  }
}

function isNodeOnly(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null) return false;
  return Object.keys(entry).every((condition) => condition === 'node' || condition === 'types');
}

/** What bundling the entries of one package came to. */
export interface BundleReport {
  /** Entries that bundle for a browser. */
  readonly bundled: number;
  /** Entries for Node alone, which a browser bundle refuses. */
  readonly refused: number;
  readonly problems: readonly string[];
}

/** Bundles every entry of the built package in `dir`. */
export async function checkBundles(dir: string): Promise<BundleReport> {
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Manifest;
  const external = Object.keys(manifest.peerDependencies ?? {});
  let [bundled, refused] = [0, 0];
  const problems: string[] = [];
  for (const [subpath, entry] of Object.entries(manifest.exports)) {
    if (subpath === './package.json') continue;
    const specifier = posix.join(manifest.name, subpath);
    const errors = await bundle(dir, specifier, external);
    if (!isNodeOnly(entry)) {
      problems.push(...errors.map(({ text }) => `${specifier}: ${text}`));
      if (errors.length === 0) bundled += 1;
    } else if (errors.length > 0) refused += 1;
    else problems.push(`${specifier} is meant for Node alone, but a browser bundle takes it`);
  }
  return { bundled, refused, problems };
}

if (import.meta.main) {
  const { bundled, refused, problems } = await checkBundles(process.cwd());
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.stdout.write(`${bundled} entries bundle for a browser, ${refused} entries for Node refuse it\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
