import type { ExpectedArchive } from '../core/expected-archive.ts';
import { buildsOf } from '../core/state/transitions.ts';
import { isSameVersion } from '../core/release-version.ts';
import { PluginError } from '../protocol/error.ts';
import { pluginIdOf, type PluginRef } from '../protocol/plugin-id.ts';
import type { InstalledState } from '../protocol/state.ts';

/** What of a request says which bytes may come. */
export interface ByteRequest {
  readonly ref: PluginRef;
  readonly mode: 'install' | 'update' | 'repair';
  readonly expected?: ExpectedArchive | undefined;
  readonly acceptChangedArchive?: boolean | undefined;
}

/**
 * Throws a {@link PluginError} with E_INTEGRITY where a version that is in the store has other bytes now, also as another
 * build (`1.0.0+2` has the precedence of `1.0.0+1`): no publisher
 * has a reason for that, and nobody would notice. Bytes that a lock file names were reviewed. A repair brings back what
 * was there: other bytes mend nothing.
 */
export function checkBytes(
  { mode, ref, expected, acceptChangedArchive }: ByteRequest,
  version: string,
  sha256: string,
  current: InstalledState | undefined,
): void {
  const builds = buildsOf(current);
  const same =
    builds.find((build) => build.version === version) ?? builds.find((build) => isSameVersion(build.version, version));
  if (same === undefined || same.sha256 === sha256) return;
  if (mode !== 'repair' && (acceptChangedArchive === true || expected?.sha256 === sha256)) return;
  const pluginId = pluginIdOf(ref);
  const message = `${pluginId} ${same.version} was installed from an archive with the sha256 ${same.sha256}; the source has ${sha256} under the same version now, as ${version}`;
  const details = { version, installed: same.version, expected: same.sha256, found: sha256 };
  throw new PluginError('E_INTEGRITY', message, { phase: 'integrity', pluginId, details });
}
