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

/** Newest first by precedence; builds of the same version in a stable order. Both must be versions. */
export function byNewest(a: string, b: string): number {
  return semver.compareBuild(b, a);
}

/** Whether a version is in a range; a prerelease of the host counts by its precedence. Undefined for no range. */
export function inRange(version: string, range: string): boolean | undefined {
  if (semver.validRange(range) === null) return undefined;
  return semver.satisfies(version, range, { includePrerelease: true });
}
