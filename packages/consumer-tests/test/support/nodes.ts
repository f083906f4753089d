import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isEverythingRequired } from '@fleetwire/config/required';
import { run } from './process.ts';

const folder = dirname(dirname(import.meta.dirname));

/** A Node to run the snippets on. */
export interface NodeVersion {
  readonly version: string;
  /** Path of the program; undefined where this platform has none, or it could not be fetched. */
  readonly program: string | undefined;
}

/** The Node that the workspace runs. */
const own: NodeVersion = { version: process.versions.node, program: process.execPath };

/**
 * Fetches a Node that npm has as a package for this platform, once: they are 100 MB each, too much for every clone to
 * install. Throws under `CI=true` or `REQUIRE_ALL=1` where it is missing.
 */
async function fetchNode(version: string): Promise<NodeVersion> {
  const name = `node-${process.platform}-${process.arch}`;
  const cwd = join(folder, 'node_modules', '.cache', `node-${version}`);
  const program = join(cwd, 'node_modules', name, 'bin', 'node');
  if (existsSync(program)) return { version, program };
  await mkdir(cwd, { recursive: true });
  await writeFile(join(cwd, 'package.json'), JSON.stringify({ private: true }));
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  const { output } = await run('npm', ['install', ...flags, `${name}@${version}`], { cwd });
  if (existsSync(program)) return { version, program };
  if (isEverythingRequired())
    throw new Error(`CI=true or REQUIRE_ALL=1, but there is no ${name}@${version}:\n${output}`);
  return { version, program: undefined };
}

/** The oldest Node that `engines` promises, the long-term one after it, and the workspace's own. */
export const nodes: readonly NodeVersion[] = [...(await Promise.all(['22.19.0', '24.21.0'].map(fetchNode))), own];
