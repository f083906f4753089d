import type { PluginManifest } from '../core/manifest.ts';
import type { Receipt, ReceiptExtraFile, ReceiptFile } from '../protocol/receipt.ts';
import type { ExtraFile, Release } from '../protocol/release.ts';
import { withoutQuery } from '../core/url-rules.ts';
import type { DownloadedArchive } from './install-pipeline-ports.ts';

/** What a receipt is written from. */
export interface ReceiptParts {
  readonly release: Release;
  readonly manifest: PluginManifest;
  readonly archive: DownloadedArchive;
  /** Of the key that verified the signature. */
  readonly keyId: string | undefined;
  /** Those that were fetched. */
  readonly extraFiles: readonly ExtraFile[];
  readonly files: readonly ReceiptFile[];
  /** Milliseconds since 1970. */
  readonly installedAt: number;
}

/** The receipt of an install. */
export function receiptOf({
  release,
  manifest,
  archive,
  keyId,
  extraFiles,
  files,
  installedAt,
}: ReceiptParts): Receipt {
  const { headlampVersions, hostVersions, distros } = release;
  return {
    schemaVersion: 1,
    managed: true,
    ref: release.ref,
    version: release.version,
    repositoryId: release.repositoryId,
    packageName: manifest.name,
    title: manifest.title,
    author: manifest.author,
    homeUrl: manifest.homeUrl,
    digest: release.digest,
    sha256: archive.sha256,
    archiveBytes: archive.bytes,
    // Whoever downloads leaves them out; this catches one that forgets to.
    urlChain: archive.urlChain.map(withoutQuery),
    signature: release.signature,
    keyId,
    entry: manifest.entry,
    contributes: manifest.contributes,
    compat: { headlampVersions, hostVersions, distros, engines: manifest.hostVersions, sdk: manifest.sdkVersions },
    extraFiles: received(extraFiles),
    otherExtraFiles: received(release.extraFiles.filter((file) => !extraFiles.includes(file))),
    files,
    installedAt,
  };
}

function received(files: readonly ExtraFile[]): readonly ReceiptExtraFile[] | undefined {
  return files.length === 0
    ? undefined
    : files.map(({ url, digest, arch }) => ({ url: withoutQuery(url), digest, arch }));
}
