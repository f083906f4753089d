/** Oldest Node that the server runs on: the first with everything it imports, `node:sqlite` and `require(esm)` included. */
export const leastNodeVersion = '22.19.0';

/** Says what to do when `version` (as in `process.versions.node`) is too old, else undefined. */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = leastNodeVersion.split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return `Fleetwire needs Node ${leastNodeVersion} or newer, and this is ${version}. In its repository \`npx --yes pnpm@12 start\` brings its own.`;
}
