import { goodArchive } from '../../src/testing/bad-archives/good-archives.ts';

/** A plugin's archive with this package.json, one entry that says its version, and more files. */
export function pluginArchive(
  manifest: { readonly name: string; readonly version: string } & Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Uint8Array {
  const entry = `export const version = '${manifest.version}';\n`;
  const all: Readonly<Record<string, string | Uint8Array>> = {
    'package.json': JSON.stringify({ fleetwire: { entry: './dist/main.js' }, ...manifest }),
    'dist/main.js': entry,
    ...files,
  };
  const archive = goodArchive({
    dialect: 'ustar',
    topFolder: 'plugin',
    files: Object.entries(all).map(([path, body]) => ({ path, body: Buffer.from(body) })),
    hasFolderEntries: true,
    hasDotPrefix: false,
    hasGlobalHeader: false,
  });
  if (archive === undefined) throw new Error('expected paths that ustar can say');
  return archive;
}
