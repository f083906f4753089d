// Run in a package's folder: every entry that a browser can reach bundles for a browser with nothing of Node in it,
// and every entry that is nested under the `node` condition is refused there.
import { build, type Message, type Plugin } from 'esbuild';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
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

async function bundle(specifier: string, external: readonly string[]): Promise<readonly Message[]> {
  try {
    await build({
      stdin: { contents: `export * from '${specifier}';`, resolveDir: process.cwd() },
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

async function main(): Promise<void> {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const external = Object.keys(manifest.peerDependencies ?? {});
  let [bundled, refused] = [0, 0];
  const problems: string[] = [];
  for (const [subpath, entry] of Object.entries(manifest.exports)) {
    if (subpath === './package.json') continue;
    const specifier = join(manifest.name, subpath);
    const errors = await bundle(specifier, external);
    if (isNodeOnly(entry)) {
      if (errors.length > 0) refused += 1;
      else problems.push(`${specifier} is meant for Node alone, but a browser bundle takes it`);
    } else {
      bundled += 1;
      problems.push(...errors.map(({ text }) => `${specifier}: ${text}`));
    }
  }
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
  else process.stdout.write(`${bundled} entries bundle for a browser, ${refused} entries for Node refuse it\n`);
}

await main();
