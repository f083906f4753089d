import semver from 'semver';

/** Folders and URLs are named by versions. */
export const maxVersionLength = 100;

/**
 * A version as Semantic Versioning 2.0.0 writes it: no `v` before it, no spaces around it, at most 100 characters, since
 * folders are named by it. Undefined for anything else.
 */
export function parseVersion(version: string): semver.SemVer | undefined {
  if (version.length > maxVersionLength || !/^\d/.test(version) || version.trim() !== version) return undefined;
  return semver.parse(version) ?? undefined;
}

/**
 * Newest first by precedence, builds of the same version in a stable order; what is no version is left out. Each is parsed
 * once, where a comparison of texts would parse both every time.
 */
export function newestFirst<T extends { readonly version: string }>(
  items: readonly T[],
): readonly { readonly item: T; readonly parsed: semver.SemVer }[] {
  return items
    .flatMap((item) => {
      const parsed = parseVersion(item.version);
      return parsed === undefined ? [] : [{ item, parsed }];
    })
    .sort((a, b) => b.parsed.compare(a.parsed) || b.parsed.compareBuild(a.parsed));
}

/** Whether two versions are one by precedence: what follows a `+` does not count (Semantic Versioning 2.0.0, 10). */
export function isSameVersion(a: string, b: string): boolean {
  return a === b || parseVersion(a)?.compare(b) === 0;
}

/** Whether a version is in a range; a prerelease of the host counts by its precedence. Undefined for no range. */
export function inRange(version: string, range: string): boolean | undefined {
  if (semver.validRange(range) === null) return undefined;
  return semver.satisfies(version, range, { includePrerelease: true });
}
