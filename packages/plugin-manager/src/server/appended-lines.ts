import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** A longer line is passed over. */
export const maxLineBytes = 65_536;

/** Most that is read at once: four times what a store lets a file of its audit come to. Of more, the end is read. */
export const maxReadBytes = 16_777_216;

const chunkBytes = 65_536;
const lineFeed = 10;

/** What was read, up to the place `end`. */
type Piece =
  /** A line with its end; without a text, one that is too long. */
  | { readonly kind: 'line'; readonly text: string | undefined; readonly end: number }
  /** A part of a line that is too long, without its end. */
  | { readonly kind: 'part'; readonly end: number };

/** A file that is read line by line, while others may append to it. */
export interface LineFile {
  /** The same for as long as it is the same file, whatever its name is. */
  readonly identity: string;
  /** When it was opened. */
  readonly size: number;
  /**
   * From a place on, which is 0 or the end of a piece, up to its size. What may still become a line is not told; of one
   * that is too long each part is, so that it is not read again.
   */
  pieces(from: number): AsyncIterable<Piece>;
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
    const { size } = found;
    return {
      identity: identityOf(found),
      size,
      pieces: (from) => readPieces(handle, Math.max(from, size - maxReadBytes), size),
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

async function* readPieces(handle: FileHandle, from: number, size: number): AsyncGenerator<Piece, void> {
  let position = from;
  let begun = Buffer.alloc(0);
  let isTooLong = from > 0 && !(await isLineEnd(handle, from));
  while (position < size) {
    const length = Math.min(chunkBytes, size - position);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
    if (bytesRead === 0) return;
    const chunk = buffer.subarray(0, bytesRead);
    let start = 0;
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, start)) {
      const line = Buffer.concat([begun, chunk.subarray(start, at)]);
      start = at + 1;
      const text = isTooLong || line.length > maxLineBytes ? undefined : line.toString();
      yield { kind: 'line', text, end: position + start };
      begun = Buffer.alloc(0);
      isTooLong = false;
    }
    begun = Buffer.concat([begun, chunk.subarray(start)]);
    position += bytesRead;
    isTooLong ||= begun.length > maxLineBytes;
    if (!isTooLong || begun.length === 0) continue;
    begun = Buffer.alloc(0);
    yield { kind: 'part', end: position };
  }
}

/** Whether a place is behind a line, and not within one that is passed over. */
async function isLineEnd(handle: FileHandle, place: number): Promise<boolean> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, place - 1);
  return bytesRead === 1 && buffer[0] === lineFeed;
}
