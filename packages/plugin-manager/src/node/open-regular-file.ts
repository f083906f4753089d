import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** A file that is open, and what it was found to be. */
export interface RegularFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly status: Stats;
}

// What is no regular file refuses in these ways: a socket, a device without a driver, and a folder on some systems.
const otherKinds: ReadonlySet<unknown> = new Set(['ENXIO', 'ENODEV', 'EISDIR']);

/**
 * Opens a file for reading; undefined for what is there and is no regular file. A FIFO that nobody writes to keeps nobody
 * waiting: such an `open` cannot be aborted, and four of them stop every file operation of the process.
 *
 * Rejects with what the file system says.
 */
export async function openRegularFile(path: string): Promise<RegularFile | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && otherKinds.has(error.code)) return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const status = await handle.stat();
    if (status.isFile()) return { handle, status, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}
