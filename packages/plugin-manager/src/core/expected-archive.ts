import { PluginError } from '../protocol/error.ts';
import { pluginIdOf } from '../protocol/plugin-id.ts';
import type { Digest, ExtraFile, Release } from '../protocol/release.ts';
import type { PublisherPin } from '../protocol/state.ts';

/** An extra file of a version that was installed. */
export interface LockedExtraFile {
  /** Without a query, which may hold a signature. */
  readonly url: string;
  readonly digest: Digest;
}

/** What was written down of an archive before; a release that says something else is not installed. */
export interface ExpectedArchive {
  /** As the source said then. */
  readonly digest: Digest;
  /** Of the archive, in hex; absent where it was never fetched. */
  readonly sha256?: string | undefined;
  /** Absent where it was never installed. */
  readonly publisher?: PublisherPin | undefined;
  /** Of the platform that it was written down on; URLs without queries. Absent: not looked at. */
  readonly extraFiles?: readonly LockedExtraFile[] | undefined;
}

/**
 * Throws E_INTEGRITY where the source gives another digest than before. Where it gives one of another algorithm, the
 * bytes that come are compared: see {@link checkArrived}.
 */
export function checkRelease(release: Release, { digest, sha256 }: ExpectedArchive): void {
  const { digest: found, version, ref } = release;
  const hex = found.algorithm === 'sha256' ? (sha256 ?? hexOf(digest, 'sha256')) : hexOf(digest, found.algorithm);
  if (hex === undefined || hex === found.hex) return;
  const pluginId = pluginIdOf(ref);
  const message = `${pluginId} ${version}: expected an archive with the ${found.algorithm} ${hex}; the source says ${found.hex}`;
  throw new PluginError('E_INTEGRITY', message, {
    phase: 'integrity',
    pluginId,
    details: { algorithm: found.algorithm, expected: hex, found: found.hex },
  });
}

/** Whether extra files have the same digests, in whatever order; where they come from may change. */
export function isSameExtraFiles(
  one: readonly Pick<LockedExtraFile, 'digest'>[],
  other: readonly Pick<LockedExtraFile, 'digest'>[],
): boolean {
  const textOf = (files: typeof one): string =>
    files
      .map(({ digest: { algorithm, hex } }) => `${algorithm}:${hex}`)
      .toSorted()
      .join();
  return textOf(one) === textOf(other);
}

/** Throws E_INTEGRITY where the extra files of this platform are not those from before. */
export function checkExtraFiles(pluginId: string, files: readonly ExtraFile[], { extraFiles }: ExpectedArchive): void {
  if (extraFiles === undefined || isSameExtraFiles(files, extraFiles)) return;
  const message = `${pluginId}: expected the extra files of the lock (${String(extraFiles.length)}); the source names others for this platform (${String(files.length)})`;
  throw new PluginError('E_INTEGRITY', message, { phase: 'integrity', pluginId });
}

/** Throws E_INTEGRITY where the archive that came is not the one from before. */
export function checkArrived(pluginId: string, found: { readonly sha256: string }, expected: ExpectedArchive): void {
  if (expected.sha256 === undefined || expected.sha256 === found.sha256) return;
  const message = `${pluginId}: expected an archive with the sha256 ${expected.sha256}; got ${found.sha256}`;
  throw new PluginError('E_INTEGRITY', message, {
    phase: 'integrity',
    pluginId,
    details: { algorithm: 'sha256', expected: expected.sha256, found: found.sha256 },
  });
}

function hexOf(digest: Digest, algorithm: Digest['algorithm']): string | undefined {
  return digest.algorithm === algorithm ? digest.hex : undefined;
}
