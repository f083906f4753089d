import type { ExpectedArchive } from '../core/expected-archive.ts';
import { buildsOf } from '../core/state/transitions.ts';
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
 * Throws a {@link PluginError} with E_INTEGRITY where a version that is in the store has other bytes now: no publisher
 * has a reason for that, and nobody would notice. Bytes that a lock file names were reviewed. A repair brings back what
 * was there: other bytes mend nothing.
 */
export function checkBytes(
  { mode, ref, expected, acceptChangedArchive }: ByteRequest,
  version: string,
  sha256: string,
  current: InstalledState | undefined,
): void {
  const same = buildsOf(current).find((build) => build.version === version);
  if (same === undefined || same.sha256 === sha256) return;
  if (mode !== 'repair' && (acceptChangedArchive === true || expected?.sha256 === sha256)) return;
  const pluginId = pluginIdOf(ref);
  const message = `${pluginId} ${version} was installed from an archive with the sha256 ${same.sha256}; the source has ${sha256} under the same version now`;
  const details = { version, expected: same.sha256, found: sha256 };
  throw new PluginError('E_INTEGRITY', message, { phase: 'integrity', pluginId, details });
}
