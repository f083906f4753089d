import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { isEverythingRequired } from './required.ts';

/** One kubectl of the machine. */
export interface Kubectl {
  /** For titles of tests: `kubectl 1.32`. */
  readonly name: string;
  readonly path: string;
  /** Such as `1.32.4`. */
  readonly version: string;
}

/** The version in what `kubectl version --client` prints, which has changed its form more than once. */
export function parseKubectlVersion(output: string): string | undefined {
  return /(?:Client Version: |GitVersion:")v(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

function versionOf(path: string): string | undefined {
  try {
    const output = execFileSync(path, ['version', '--client'], {
      encoding: 'utf8',
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return parseKubectlVersion(output);
  } catch {
    return undefined;
  }
}

/** Every kubectl among `paths` that runs, one of each version. */
export function findKubectls(paths: readonly (string | undefined)[]): readonly Kubectl[] {
  const found = new Map<string, Kubectl>();
  const files = paths.filter((path) => path !== undefined && existsSync(path)).map((path) => realpathSync(path ?? ''));
  for (const path of new Set(files)) {
    const version = versionOf(path);
    if (version === undefined || found.has(version)) continue;
    found.set(version, { name: `kubectl ${version.replace(/\.\d+$/, '')}`, path, version });
  }
  return [...found.values()];
}

/**
 * Every kubectl of the machine: that of `TEST_KUBECTL_DEBIAN` (Debian's, which is old and speaks differently), that in
 * `/usr/bin`, those on the PATH. Empty where there is none, which is an error under `CI=true` or `REQUIRE_ALL=1`.
 */
export const kubectls: readonly Kubectl[] = findKubectls([
  process.env['TEST_KUBECTL_DEBIAN'],
  '/usr/bin/kubectl',
  ...(process.env['PATH'] ?? '').split(':').map((folder) => join(folder, 'kubectl')),
]);
if (kubectls.length === 0 && isEverythingRequired()) {
  throw new Error('CI=true or REQUIRE_ALL=1, but there is no kubectl: install it or set TEST_KUBECTL_DEBIAN');
}
