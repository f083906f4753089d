import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { PluginError } from '../../protocol/error.ts';
import type { EntryToWrite } from './plan-entries.ts';

/** What {@link writeArchive} writes, and where. */
export interface ArchiveToWrite {
  readonly entries: readonly EntryToWrite[];
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of a file that were read. */
  readonly onRead: (bytes: number) => void;
}

/** What was written. */
export interface WrittenArchive {
  /** Of the archive. */
  readonly bytes: number;
  /** Of the tar in it. */
  readonly unpackedBytes: number;
  /** In hex. */
  readonly sha256: string;
}

/**
 * Writes a gzip of a tar in constant memory, with nothing in it of the machine or the time: no owner, modification time
 * 0, modes 0644 and 0755, and no time or operating system in the header of the gzip (RFC 1952, section 2.3.1).
 */
export async function writeArchive(archive: ArchiveToWrite): Promise<WrittenArchive> {
  const tar = pack();
  const hash = createHash('sha256');
  let bytes = 0;
  let unpackedBytes = 0;
  const gzip = createGzip({
    level: constants.Z_BEST_COMPRESSION,
    memLevel: constants.Z_MAX_MEMLEVEL,
    windowBits: constants.Z_MAX_WINDOWBITS,
    strategy: constants.Z_DEFAULT_STRATEGY,
  });
  const written = pipeline(
    tar,
    async function* count(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        unpackedBytes += chunk.byteLength;
        yield chunk;
      }
    },
    gzip,
    async function* digest(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        // zlib says which system it was built for; 255 is "unknown".
        if (bytes <= 9 && bytes + chunk.byteLength > 9) chunk[9 - bytes] = 255;
        bytes += chunk.byteLength;
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(archive.path, { flags: 'wx' }),
    { signal: archive.signal },
  );
  // An error of either ends the other, through the stream that both have; the first one is thrown.
  const filled = fill(tar, archive).catch((error: unknown) => tar.destroy(error as Error));
  try {
    await written;
  } finally {
    await filled;
  }
  return { bytes, unpackedBytes, sha256: hash.digest('hex') };
}

async function fill(tar: Pack, { entries, onRead }: ArchiveToWrite): Promise<void> {
  for (const entry of entries) {
    const { type, path: name, size, mode } = entry;
    const body = tar.entry({ name, type, size, mode, uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) });
    if (entry.type === 'directory') continue;
    await pipeline(createReadStream(entry.source), (chunks) => exactly(entry, chunks, onRead), body);
  }
  tar.finalize();
}

/** The bytes of a file, as many as the header of its entry says; anything else would be another archive. */
async function* exactly(
  { path, size }: EntryToWrite,
  chunks: AsyncIterable<Buffer>,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer, void, undefined> {
  let read = 0;
  for await (const chunk of chunks) {
    read += chunk.byteLength;
    if (read > size) break;
    onRead(chunk.byteLength);
    yield chunk;
  }
  if (read !== size) {
    throw new PluginError('E_STORE', `${path} changed while it was packed; try again when nothing writes to it`, {
      phase: 'extract',
      details: { entry: path, expected: size, found: read },
    });
  }
}
