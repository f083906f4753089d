import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** A longer line is passed over. */
export const maxLineBytes = 65_536;

const chunkBytes = 65_536;
const lineFeed = 10;

interface AppendedLine {
  /** Absent for one that is too long. */
  readonly text: string | undefined;
  /** The place behind it. */
  readonly end: number;
}

/** A file that is read line by line, while others may append to it. */
export interface LineFile {
  /** The same for as long as it is the same file, whatever its name is. */
  readonly identity: string;
  readonly size: number;
  /** From a place on. What has no end yet is not told. */
  lines(from: number): AsyncIterable<AppendedLine>;
  close(): Promise<void>;
}

/** Opens one; undefined where there is none. What is no file (a link, a pipe) is refused, and not waited for. */
export async function openLineFile(path: string): Promise<LineFile | undefined> {
  // No link: its target would be read with the rights of this process. No waiting: a pipe has no end.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  let handle: FileHandle;
  try {
    handle = await open(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new TypeError(`expected a file at ${path}`);
    return {
      identity: identityOf(found),
      size: found.size,
      lines: (from) => readLines(handle, from),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A number of an inode is given to another file once it is free; the time of its birth is not. */
function identityOf({ dev, ino, birthtimeMs }: Stats): string {
  return [dev, ino, birthtimeMs].join(':');
}

async function* readLines(handle: FileHandle, from: number): AsyncGenerator<AppendedLine, void> {
  let position = from;
  let begun = Buffer.alloc(0);
  let isTooLong = false;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(chunkBytes), 0, chunkBytes, position);
    if (bytesRead === 0) return;
    const chunk = buffer.subarray(0, bytesRead);
    let start = 0;
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, start)) {
      const line = Buffer.concat([begun, chunk.subarray(start, at)]);
      start = at + 1;
      yield { text: isTooLong || line.length > maxLineBytes ? undefined : line.toString(), end: position + start };
      begun = Buffer.alloc(0);
      isTooLong = false;
    }
    begun = Buffer.concat([begun, chunk.subarray(start)]);
    if (begun.length > maxLineBytes) {
      isTooLong = true;
      begun = Buffer.alloc(0);
    }
    position += bytesRead;
  }
}
