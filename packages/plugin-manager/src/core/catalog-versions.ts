import type { CatalogEntry } from '../protocol/release.ts';
import { newestFirst } from './release-version.ts';

/**
 * Versions that a source may list for one plugin. An answer with more is refused, and not cut: nobody could say whether the
 * newest is among those that are left. A version that is asked for by its number can still be had.
 */
export const maxVersions = 2_000;

/** A version as a source lists it. */
export interface ListedVersion {
  readonly version: string;
  /** The source calls it one, whatever its version is. */
  readonly isPrerelease?: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly publishedAt?: number | undefined;
}

/** Newest first, each once, without what is no version. */
export function catalogVersions(listed: readonly ListedVersion[]): CatalogEntry['versions'] {
  const once = new Map(listed.map((one) => [one.version, one]));
  return newestFirst([...once.values()]).map(({ item: { version, isPrerelease, publishedAt }, parsed }) => ({
    version,
    isPrerelease: isPrerelease === true || parsed.prerelease.length > 0,
    publishedAt,
  }));
}
