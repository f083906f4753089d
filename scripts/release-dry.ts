// `pnpm release:dry`: packs every package that a release would publish and shows what would be in it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { packPackage, publishedFolders } from './pack-packages.ts';

const destination = mkdtempSync(join(tmpdir(), 'fleetwire-release-'));
try {
  for (const folder of publishedFolders()) {
    const { name, version, size, files } = packPackage(folder, destination);
    process.stdout.write(`${name}@${version}  ${files.length} files, ${(size / 1024).toFixed(1)} KiB\n`);
    if (process.argv.includes('--files')) for (const { path } of files) process.stdout.write(`  ${path}\n`);
  }
} finally {
  rmSync(destination, { recursive: true, force: true });
}
