import { PluginError } from '../protocol/error.ts';
import { pluginIdOf } from '../protocol/plugin-id.ts';
import type { ReceiptExtraFile } from '../protocol/receipt.ts';
import type { Digest, Release } from '../protocol/release.ts';
import type { PublisherPin } from '../protocol/state.ts';

/** The extra files of a version, as a platform sees them. */
export interface ExtraFilesOfPlatform {
  /** Those that it takes. */
  readonly here: readonly WrittenExtraFile[];
  /** Those of all platforms. */
  readonly all: readonly WrittenExtraFile[];
}

type WrittenExtraFile = Pick<ReceiptExtraFile, 'digest' | 'arch'>;

/** What was written down of an archive before; a release that says something else is not installed. */
export interface ExpectedArchive {
  /** As the source said then. */
  readonly digest: Digest;
  /** Of the archive, in hex; absent where it was never fetched. */
  readonly sha256?: string | undefined;
  /** Absent where it was never installed. */
  readonly publisher?: PublisherPin | undefined;
  /** See {@link isSameExtraFiles}. Absent: not looked at. */
  readonly extraFiles?: readonly ReceiptExtraFile[] | undefined;
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

/**
 * Whether extra files have the digests that were written down, in whatever order; where they come from may change. What was
 * written down with platforms is all that the package has, so that it means the same on each of them; what was without, and
 * an empty list, is what the platform takes that it was written down on.
 */
export function isSameExtraFiles({ here, all }: ExtraFilesOfPlatform, written: readonly WrittenExtraFile[]): boolean {
  const isOfAll = written.length > 0 && written.every(({ arch }) => arch !== undefined);
  return extraFilesText(isOfAll ? all : here, isOfAll) === extraFilesText(written, isOfAll);
}

/** What extra files are, in one order: for which platforms, if that is to count, and with which digests. */
export function extraFilesText(files: readonly WrittenExtraFile[], hasArch = true): string {
  return files
    .map(({ arch = '', digest: { algorithm, hex } }) => `${hasArch ? arch.toLowerCase() : ''} ${algorithm}:${hex}`)
    .toSorted()
    .join();
}

/** Throws E_INTEGRITY where the extra files are not those from before. */
export function checkExtraFiles(pluginId: string, found: ExtraFilesOfPlatform, { extraFiles }: ExpectedArchive): void {
  if (extraFiles === undefined || isSameExtraFiles(found, extraFiles)) return;
  const counts = `${String(found.all.length)}, ${String(found.here.length)} of them for this platform`;
  const message = `${pluginId}: expected the extra files of the lock (${String(extraFiles.length)}); the source names others (${counts})`;
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
