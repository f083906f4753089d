import { appendFile, lstat, mkdir, open, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';

/** What the store does to the disk: one method per step that may fail, or be the last one before a crash. */
export interface StoreFileSystem {
  /** With parents; nothing happens where it is there. */
  makeFolder(path: string): Promise<void>;
  /** Writes a new file, or over one. */
  write(path: string, text: string): Promise<void>;
  append(path: string, text: string): Promise<void>;
  /** Until the disk has the file or the folder's entries (`fsync`). */
  sync(path: string): Promise<void>;
  /** Atomic within a file system (POSIX `rename`). */
  rename(from: string, to: string): Promise<void>;
  /** With all that is in it; nothing happens where it is not there. */
  remove(path: string): Promise<void>;
  /** Nothing happens where it is not there, or not empty. */
  removeEmptyFolder(path: string): Promise<void>;
  /** Undefined where it is not there. */
  read(path: string): Promise<string | undefined>;
  /** Sorted; none where it is not there. */
  entries(path: string): Promise<readonly FolderEntry[]>;
  /** Undefined where it is not there; of a link itself. */
  kind(path: string): Promise<FolderEntry['kind'] | undefined>;
}

/** What a folder holds. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
}

/** The disk of the machine. */
export const nodeFileSystem: StoreFileSystem = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o755 });
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
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return undefined;
    throw error;
  };
}
