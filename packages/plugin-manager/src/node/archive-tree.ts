import { createHash } from 'node:crypto';
import { chmod, constants, lstat, mkdir, open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlannedFile } from '../core/archive-plan.ts';
import { PluginError } from '../protocol/error.ts';
import type { ReceiptFile } from '../protocol/receipt.ts';
import { whileExtracting } from './store/store-error.ts';

/** Writes files into folders that it made itself, several at once. */
export interface TreeWriter {
  /** Begins a file that must not exist yet; the one before has ended. Waits while too many are being written. */
  createFile(file: PlannedFile): Promise<FileWriter>;
  /** Waits until all that was given to the files is written. */
  written(): Promise<void>;
  /** Waits for the files, which have all ended; tells of them in the order in which they were begun. */
  finish(): Promise<readonly ReceiptFile[]>;
  /** Closes what is open. */
  abandon(): Promise<void>;
}

/** Writes one file, and hashes what it writes. What fails is what the next call of the {@link TreeWriter} rejects with. */
export interface FileWriter {
  /** The bytes are in use until the tree's `written`. */
  write(bytes: Uint8Array): void;
  /** No bytes follow. */
  end(): void;
}

const fileMode = 0o644;
const folderMode = 0o755;
const filesAtOnce = 8;
const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Makes the folders of a plan below a folder that is empty; so no link can stand in the way of a file.
 *
 * @throws PluginError in the phase `extract`.
 */
export async function createTreeWriter(destination: string, directories: readonly string[]): Promise<TreeWriter> {
  await whileExtracting(() => makeFolders(destination, directories));
  const receipts: ReceiptFile[] = [];
  let begun = 0;
  let unfinished: NewFile[] = [];
  let modeIsKept: Promise<boolean> | undefined;

  async function setMode(handle: FileHandle): Promise<void> {
    // The umask may take bits from the mode; it does so from every file or from none.
    modeIsKept ??= handle.stat().then(({ mode }) => (mode & 0o7777) === fileMode);
    if (!(await modeIsKept)) await handle.chmod(fileMode);
  }

  async function written(): Promise<void> {
    for (const file of unfinished) await file.settled();
    unfinished = unfinished.filter((file) => !file.isClosed());
  }

  return {
    written,
    async createFile({ path, size }) {
      if (unfinished.length >= filesAtOnce) await written();
      const place = begun;
      begun += 1;
      const file = openNewFile(join(destination, path));
      unfinished.push(file);
      file.next(setMode);
      const [sha256, sha384] = [createHash('sha256'), createHash('sha384')];
      return {
        write: (bytes) =>
          file.next(async (handle) => {
            const writing = writeAll(handle, bytes);
            // Hashed while another thread writes.
            sha256.update(bytes);
            sha384.update(bytes);
            await writing;
          }),
        end: () =>
          file.next(async () => {
            await file.close();
            const integrity = `sha384-${sha384.digest('base64')}`;
            receipts[place] = { path, size, sha256: sha256.digest('hex'), integrity };
          }),
      };
    },
    async finish() {
      await written();
      return receipts;
    },
    async abandon() {
      await Promise.all(unfinished.map((file) => file.abandon()));
    },
  };
}

async function makeFolders(destination: string, directories: readonly string[]): Promise<void> {
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
}

/** A file and what is done with it, one step after the other. No step follows one that failed. */
interface NewFile {
  next(step: (handle: FileHandle) => Promise<void>): void;
  /** Waits for the steps so far; rejects with what one of them failed with. */
  settled(): Promise<void>;
  close(): Promise<void>;
  isClosed(): boolean;
  /** Closes it after the steps so far. */
  abandon(): Promise<void>;
}

function openNewFile(path: string): NewFile {
  const opening = open(path, createFlags, fileMode);
  let closing: Promise<void> | undefined;
  let steps: Promise<void> = whileExtracting(async () => {
    await opening;
  });
  const close = () => (closing ??= opening.then((handle) => handle.close()));
  return {
    next(step) {
      steps = steps.then(() => whileExtracting(async () => step(await opening)));
      // Said by `settled`.
      steps.catch(() => undefined);
    },
    settled: () => steps,
    close,
    isClosed: () => closing !== undefined,
    async abandon() {
      await steps.catch(() => undefined);
      await close().catch(() => undefined);
    },
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}
