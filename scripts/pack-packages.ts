import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pnpmEnvironment } from './native-pnpm.mjs';

/** A tarball that a release would publish. */
export interface Packed {
  readonly name: string;
  readonly version: string;
  /** Absolute path of the tarball. */
  readonly filename: string;
  /** Bytes, compressed. */
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

interface Manifest {
  readonly private?: boolean;
}

const root = dirname(import.meta.dirname);

/** Folders of the packages that a release publishes, sorted, absolute. */
export function publishedFolders(): string[] {
  return globSync('packages/*/package.json', { cwd: root })
    .sort()
    .map((file) => join(root, file))
    .filter((file) => (JSON.parse(readFileSync(file, 'utf8')) as Manifest).private !== true)
    .map((file) => dirname(file));
}

/** Packs one built package into `destination`, exactly as publishing it would. Throws what pnpm printed. */
export function packPackage(folder: string, destination: string): Packed {
  const pnpm = spawnSync('pnpm', ['pack', '--json', '--pack-destination', destination], {
    cwd: folder,
    env: pnpmEnvironment(),
    encoding: 'utf8',
  });
  if (pnpm.status !== 0) throw new Error(`pnpm pack failed in ${folder}: ${pnpm.stdout}${pnpm.stderr}`);
  return JSON.parse(pnpm.stdout) as Packed;
}
