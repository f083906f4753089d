/** What an archive, its files and what is fetched may measure at most. Sizes in bytes. */
export interface PluginLimits {
  readonly maxDownloadBytes: number;
  readonly maxExtractedBytes: number;
  readonly maxFileBytes: number;
  readonly maxEntries: number;
  /** Extracted to packed; looked at once more than `ratioFreeBytes` are extracted. */
  readonly maxRatio: number;
  readonly ratioFreeBytes: number;
  /** Of a path below the top folder, in UTF-8. */
  readonly maxPathBytes: number;
  readonly maxSegmentBytes: number;
  readonly maxDepth: number;
  readonly maxManifestBytes: number;
  /** Of one answer of a source. */
  readonly maxMetadataBytes: number;
  readonly maxRedirects: number;
  readonly operationTimeoutMs: number;
}

const mebibyte = 1024 * 1024;

/** The limits where the policy says nothing else. */
export const defaultLimits: PluginLimits = {
  maxDownloadBytes: 64 * mebibyte,
  maxExtractedBytes: 256 * mebibyte,
  maxFileBytes: 64 * mebibyte,
  maxEntries: 5_000,
  maxRatio: 100,
  ratioFreeBytes: 10 * mebibyte,
  maxPathBytes: 240,
  maxSegmentBytes: 200,
  maxDepth: 32,
  maxManifestBytes: mebibyte,
  maxMetadataBytes: 4 * mebibyte,
  maxRedirects: 5,
  operationTimeoutMs: 300_000,
};
