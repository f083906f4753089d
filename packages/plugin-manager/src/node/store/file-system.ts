import { appendFile, lstat, open, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import type { FolderEntry, StoreFileSystem } from '../../core/state/store-file-system.ts';
import { makeFolder } from '../make-folder.ts';

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
}

/** The disk of the machine. */
export const nodeFileSystem: StoreFileSystem = {
  async makeFolder(path) {
    await makeFolder(path, 0o755);
  },
  async write(path, text) {
    await writeFile(path, text, { mode: 0o644 });
  },
  async append(path, text) {
    await appendFile(path, text, { mode: 0o600 });
  },
  async sync(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  rename,
  async remove(path) {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  },
  async removeEmptyFolder(path) {
    await rmdir(path).catch(ignore('ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'));
  },
  async read(path) {
    return readFile(path, 'utf8').catch(ignore('ENOENT', 'ENOTDIR', 'EISDIR'));
  },
  async entries(path) {
    const found = (await readdir(path, { withFileTypes: true }).catch(ignore('ENOENT', 'ENOTDIR'))) ?? [];
    return found
      .map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  },
  async kind(path) {
    const found = await lstat(path).catch(ignore('ENOENT', 'ENOTDIR'));
    return found && kindOf(found);
  },
};

function kindOf(entry: Kinds): FolderEntry['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}

function ignore(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (isCode(error, ...codes)) return undefined;
    throw error;
  };
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
