import { createHash } from 'node:crypto';
import { chmod, constants, lstat, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlannedFile } from '../core/archive-plan.ts';
import { PluginError } from '../protocol/error.ts';
import type { ReceiptFile } from '../protocol/receipt.ts';
import { storeError } from './store/store-error.ts';

/** Writes files into folders that it made itself. */
export interface TreeWriter {
  /** Creates a file that must not exist yet. */
  createFile(file: PlannedFile): Promise<FileWriter>;
}

/** Writes one file, and hashes what it writes. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Sets the mode and closes. */
  finish(): Promise<ReceiptFile>;
  /** Closes a file that is not finished. */
  abandon(): Promise<void>;
}

const fileMode = 0o644;
const folderMode = 0o755;
const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Makes the folders of a plan below a folder that is empty; so no link can stand in the way of a file.
 *
 * @throws PluginError in the phase `extract`.
 */
export async function createTreeWriter(destination: string, directories: readonly string[]): Promise<TreeWriter> {
  await attempt(async () => {
    const stat = await lstat(destination);
    if (!stat.isDirectory() || (await readdir(destination)).length > 0) {
      throw new PluginError('E_STORE', 'the folder to extract to is not empty, or no folder', {
        phase: 'extract',
        details: { path: destination },
      });
    }
    for (const directory of directories) {
      const path = join(destination, directory);
      await mkdir(path, { mode: folderMode });
      // The umask may have taken bits from the mode.
      await chmod(path, folderMode);
    }
  });

  return {
    createFile: (file) => createFileWriter(join(destination, file.path), file),
  };
}

async function createFileWriter(path: string, file: PlannedFile): Promise<FileWriter> {
  const handle = await attempt(() => open(path, createFlags, fileMode));
  const sha256 = createHash('sha256');
  const sha384 = createHash('sha384');
  return {
    write: (bytes) =>
      attempt(async () => {
        sha256.update(bytes);
        sha384.update(bytes);
        for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
      }),
    finish: () =>
      attempt(async () => {
        await handle.chmod(fileMode);
        await handle.close();
        return {
          path: file.path,
          size: file.size,
          sha256: sha256.digest('hex'),
          integrity: `sha384-${sha384.digest('base64')}`,
        };
      }),
    abandon: () => handle.close().catch(() => undefined),
  };
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error, { phase: 'extract' });
  }
}
