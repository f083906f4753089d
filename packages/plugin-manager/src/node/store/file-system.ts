import { appendFile, lstat, mkdir, open, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FolderEntry, StoreFileSystem } from '../../core/state/store-file-system.ts';

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
}

/** The disk of the machine. */
export const nodeFileSystem: StoreFileSystem = {
  makeFolder,
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

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o755 });
  } catch (error) {
    const parent = dirname(path);
    if (parent === path || !isCode(error, 'ENOENT')) throw error;
    // Of a file system that is read-only Node says that the folder is not there: one by one it says what is wrong.
    await makeFolder(parent);
    await mkdir(path, { mode: 0o755 }).catch(ignore('EEXIST'));
  }
}

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
