import { createHash } from 'node:crypto';
import { close, closeSync, constants, fchmod, fstat, fsync, open, write } from 'node:fs';
import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PlannedFile } from '../core/archive-plan.ts';
import { PluginError } from '../protocol/error.ts';
import type { ReceiptFile } from '../protocol/receipt.ts';
import { storeError, whileExtracting } from './store/store-error.ts';

/** Writes files into folders that it made itself, several at once, and brings each to the disk. */
export interface TreeWriter {
  /**
   * Begins a file that must not exist yet; the one before has all its bytes. Waits while too many are unfinished. Its
   * bytes are given to what it gives, as many as were planned; they are in use until the tree's `written`.
   */
  createFile(file: PlannedFile): Promise<(bytes: Uint8Array) => void>;
  /** Waits until all that was given to the files is written. */
  written(): Promise<void>;
  /** Waits until the disk has the files, which have all their bytes; tells of them in the order of their begin. */
  finish(): Promise<readonly ReceiptFile[]>;
  /** Closes what is open. */
  abandon(): Promise<void>;
}

const fileMode = 0o644;
const folderMode = 0o755;
const filesAtOnce = 8;
const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

// Of thousands of small files, handles and their promises cost more than what they are for.
const disk = {
  open: promisify(open),
  stat: promisify(fstat),
  chmod: promisify(fchmod),
  write: promisify(write),
  sync: promisify(fsync),
  close: promisify(close),
};

/** A file and what is done with it, one step after the other. */
interface NewFile {
  descriptor: number | undefined;
  /** Neither rejects. */
  steps: Promise<void>;
  written: Promise<void>;
}

/**
 * Makes the folders of a plan below a folder that is empty; so no link can stand in the way of a file. What fails for one
 * of the files is what the next call rejects with; no step of any file follows it.
 *
 * @throws PluginError in the phase `extract`.
 */
export async function createTreeWriter(destination: string, directories: readonly string[]): Promise<TreeWriter> {
  await whileExtracting(() => makeFolders(destination, directories));
  const receipts: ReceiptFile[] = [];
  const unfinished: NewFile[] = [];
  let begun = 0;
  let failure: PluginError | undefined;
  let modeIsKept: Promise<boolean> | undefined;

  function next(file: NewFile, step: (descriptor: number) => Promise<void>): Promise<void> {
    file.steps = file.steps.then(async () => {
      if (failure !== undefined || file.descriptor === undefined) return;
      try {
        await step(file.descriptor);
      } catch (error) {
        failure ??= storeError(error, { phase: 'extract' });
      }
    });
    return file.steps;
  }

  async function openFile(file: NewFile, path: string): Promise<void> {
    try {
      file.descriptor = await disk.open(path, createFlags, fileMode);
      await setMode(file.descriptor);
    } catch (error) {
      failure ??= storeError(error, { phase: 'extract' });
    }
  }

  async function setMode(descriptor: number): Promise<void> {
    // The umask may take bits from the mode; it does so from every file or from none.
    modeIsKept ??= disk.stat(descriptor).then(({ mode }) => (mode & 0o7777) === fileMode);
    if (!(await modeIsKept)) await disk.chmod(descriptor, fileMode);
  }

  async function settled(promises: Iterable<Promise<void> | undefined>): Promise<void> {
    for (const promise of promises) await promise;
    if (failure !== undefined) throw failure;
  }

  return {
    async createFile({ path, size }) {
      if (unfinished.length >= filesAtOnce) {
        await settled([unfinished[0]?.steps]);
        unfinished.shift();
      }
      const place = begun;
      begun += 1;
      const file: NewFile = { descriptor: undefined, steps: Promise.resolve(), written: Promise.resolve() };
      file.steps = openFile(file, `${destination}/${path}`);
      unfinished.push(file);
      const [sha256, sha384] = [createHash('sha256'), createHash('sha384')];
      let left = size;
      const endIfWhole = (): void => {
        if (left > 0) return;
        void next(file, async (descriptor) => {
          await disk.sync(descriptor);
          // The disk has all of it: there is nothing that this could wait for.
          // Its number is free even where closing it fails.
          file.descriptor = undefined;
          closeSync(descriptor);
          const integrity = `sha384-${sha384.digest('base64')}`;
          receipts[place] = { path, size, sha256: sha256.digest('hex'), integrity };
        });
      };
      endIfWhole();
      return (bytes) => {
        left -= bytes.length;
        file.written = next(file, async (descriptor) => {
          const writing = writeAll(descriptor, bytes);
          // Hashed while another thread writes.
          sha256.update(bytes);
          sha384.update(bytes);
          await writing;
        });
        endIfWhole();
      };
    },
    written: () => settled(unfinished.map((file) => file.written)),
    async finish() {
      await settled(unfinished.map((file) => file.steps));
      return receipts;
    },
    async abandon() {
      for (const file of unfinished) {
        await file.steps;
        const { descriptor } = file;
        file.descriptor = undefined;
        if (descriptor !== undefined) await disk.close(descriptor).catch(() => undefined);
      }
    },
  };
}

async function makeFolders(destination: string, directories: readonly string[]): Promise<void> {
  const stat = await lstat(destination);
  if (!stat.isDirectory() || (await readdir(destination)).length > 0) {
    throw new PluginError('E_STORE', 'the folder to extract to is not empty, or no folder', {
      phase: 'extract',
    });
  }
  for (const directory of directories) {
    const path = join(destination, directory);
    await mkdir(path, { mode: folderMode });
    // The umask may have taken bits from the mode.
    await chmod(path, folderMode);
  }
}

async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await disk.write(descriptor, bytes, at)).bytesWritten;
}
