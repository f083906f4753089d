/**
 * Whether a version is older than another by Semantic Versioning 2.0.0, 11; what follows a `+` does not count. False where
 * one of them is no version.
 */
export function isOlder(version: string, other: string): boolean {
  const [a, b] = [partsOf(version), partsOf(other)];
  if (a === undefined || b === undefined) return false;
  for (const [index, part] of a.core.entries()) {
    const difference = compareParts(part, b.core[index] ?? '');
    if (difference !== 0) return difference < 0;
  }
  // A release is newer than its prereleases.
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return a.prerelease.length > b.prerelease.length;
  for (const [index, part] of a.prerelease.entries()) {
    const otherPart = b.prerelease[index];
    if (otherPart === undefined) return false;
    const difference = compareParts(part, otherPart);
    if (difference !== 0) return difference < 0;
  }
  return a.prerelease.length < b.prerelease.length;
}

interface Parts {
  readonly core: readonly string[];
  readonly prerelease: readonly string[];
}

function partsOf(version: string): Parts | undefined {
  const [, core, prerelease] = /^(\d+\.\d+\.\d+)(?:-([^+]+))?(?:\+.*)?$/.exec(version) ?? [];
  return core === undefined ? undefined : { core: core.split('.'), prerelease: prerelease?.split('.') ?? [] };
}

/** Numbers as numbers, and before words; words in the order of ASCII. */
function compareParts(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA && isNumberB) return a.length - b.length || Number(a > b) - Number(a < b);
  return Number(isNumberB) - Number(isNumberA) || Number(a > b) - Number(a < b);
}
