import type { StoreFileSystem } from '../core/state/store-file-system.ts';

/** One thing that the store is about to do to the disk. */
export interface FileSystemStep {
  /** From 0, over all steps of this file system. */
  readonly index: number;
  readonly name: keyof StoreFileSystem;
  readonly path: string;
}

/**
 * A file system that asks before each step: `beforeStep` throws to make the step fail (an error with `code: 'ENOSPC'`,
 * say), or ends the process to crash there.
 */
export function injectFaults(
  fileSystem: StoreFileSystem,
  beforeStep: (step: FileSystemStep) => void | Promise<void>,
): StoreFileSystem {
  let count = 0;
  const ask = async (name: keyof StoreFileSystem, path: string): Promise<void> => {
    const index = count;
    count += 1;
    await beforeStep({ index, name, path });
  };
  return {
    async makeFolder(path) {
      await ask('makeFolder', path);
      await fileSystem.makeFolder(path);
    },
    async write(path, text) {
      await ask('write', path);
      await fileSystem.write(path, text);
    },
    async append(path, text) {
      await ask('append', path);
      await fileSystem.append(path, text);
    },
    async sync(path) {
      await ask('sync', path);
      await fileSystem.sync(path);
    },
    async rename(from, to) {
      await ask('rename', from);
      await fileSystem.rename(from, to);
    },
    async remove(path) {
      await ask('remove', path);
      await fileSystem.remove(path);
    },
    async removeEmptyFolder(path) {
      await ask('removeEmptyFolder', path);
      await fileSystem.removeEmptyFolder(path);
    },
    async read(path) {
      await ask('read', path);
      return fileSystem.read(path);
    },
    async entries(path) {
      await ask('entries', path);
      return fileSystem.entries(path);
    },
    async kind(path) {
      await ask('kind', path);
      return fileSystem.kind(path);
    },
  };
}
