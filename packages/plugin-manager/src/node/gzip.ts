import { constants, open, type FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { PluginError } from '../protocol/error.ts';
import type { PluginErrorCode } from '../protocol/error-codes.ts';
import type { PluginLimits } from '../protocol/limits.ts';
import { storeError } from './store/store-error.ts';
import { gzipHeaderBytes, gzipTrailerBytes } from './gzip-header.ts';
import { releaseBuffer } from './release-buffer.ts';

/** What reading is bounded by, and the phase that its errors name. */
export interface ReadGzipOptions {
  readonly phase: 'inspect' | 'extract';
  readonly limits: PluginLimits;
  readonly signal: AbortSignal;
}

/** Of the archive and of what it holds. Smaller ones cost more turns of the event loop than time in zlib. */
const chunkBytes = 262_144;
const maxHeaderBytes = 4_096;

/** What headers and padding may add to the files of an archive. */
const bytesPerEntry = 4_096;

/**
 * What one gzip member holds (RFC 1952), in chunks; nothing may follow it. Ends well only after its CRC and its length
 * were compared. Limits are looked at while the bytes come, so that a bomb is refused before it has grown. A chunk must
 * not be used any more when the next is asked for: its memory is given back then.
 */
export async function* readGzip(
  path: string,
  { phase, limits, signal }: ReadGzipOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const refuse = (code: PluginErrorCode, what: string, cause?: unknown) =>
    new PluginError(code, what, { phase, cause });
  const checkSignal = () => {
    if (!signal.aborted) return;
    throw signal.reason instanceof PluginError
      ? signal.reason
      : refuse('E_CANCELLED', 'the operation was cancelled', signal.reason);
  };
  checkSignal();
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw storeError(error, { phase });
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw refuse('E_ARCHIVE_FORMAT', 'the archive is no regular file');
    const packedBytes = stat.size;
    if (packedBytes > limits.maxDownloadBytes) {
      throw refuse('E_ARCHIVE_SIZE', `the archive has ${packedBytes} bytes, of at most ${limits.maxDownloadBytes}`);
    }
    const head = await readAt(handle, 0, Math.min(packedBytes, maxHeaderBytes));
    const bodyAt = gzipHeaderBytes(head);
    if (bodyAt === 'other') throw refuse('E_ARCHIVE_FORMAT', 'the archive is no gzip');
    if (bodyAt === 'short') throw refuse('E_ARCHIVE_TRUNCATED', 'the archive ends in the header of its gzip');

    const maxBytes = limits.maxExtractedBytes + limits.maxEntries * bytesPerEntry;
    const inflate = createInflateRaw({ chunkSize: chunkBytes });
    const packed = { handle, start: bodyAt, bufferBytes: Math.min(packedBytes, chunkBytes) };
    feed(inflate, packed, checkSignal).catch((error: unknown) => inflate.destroy(error as Error));
    let total = 0;
    let crc = 0;
    let used: ArrayBufferLike | undefined;
    try {
      for await (const chunk of inflate as AsyncIterable<Buffer>) {
        checkSignal();
        total += chunk.length;
        if (total > maxBytes) throw refuse('E_ARCHIVE_SIZE', `the archive unpacks to more than ${maxBytes} bytes`);
        if (total > limits.ratioFreeBytes && total > packedBytes * limits.maxRatio) {
          throw refuse('E_ARCHIVE_RATIO', `the archive unpacks to more than ${limits.maxRatio} times its size`);
        }
        crc = crc32(chunk, crc);
        yield chunk;
        // zlib fills a buffer in several chunks; with the next buffer it has left the one before.
        if (used !== undefined && used !== chunk.buffer && used.byteLength === chunkBytes) releaseBuffer(used);
        used = chunk.buffer;
      }
    } catch (error) {
      throw inflateError(error, refuse) ?? storeError(error, { phase });
    } finally {
      inflate.destroy();
    }

    const trailerAt = bodyAt + inflate.bytesWritten;
    const after = packedBytes - trailerAt;
    if (after < gzipTrailerBytes) throw refuse('E_ARCHIVE_TRUNCATED', 'the archive ends in the trailer of its gzip');
    const trailer = await readAt(handle, trailerAt, gzipTrailerBytes);
    if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== total % 2 ** 32) {
      throw refuse('E_ARCHIVE_FORMAT', 'the CRC or the length of the gzip is wrong');
    }
    if (after > gzipTrailerBytes) throw refuse('E_ARCHIVE_TRAILING', 'something follows the gzip of the archive');
  } finally {
    await handle.close();
  }
}

function inflateError(
  error: unknown,
  refuse: (code: PluginErrorCode, what: string, cause: unknown) => PluginError,
): PluginError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') return refuse('E_ARCHIVE_TRUNCATED', 'the gzip of the archive ends too early', error);
  if (code === 'Z_DATA_ERROR') return refuse('E_ARCHIVE_FORMAT', 'the gzip of the archive is damaged', error);
  return undefined;
}

/** The deflate stream in a file. */
interface Packed {
  readonly handle: FileHandle;
  readonly start: number;
  readonly bufferBytes: number;
}

/**
 * Writes what `handle` has from `start` on, through one buffer. Never ends where the stream has ended before. Checks the
 * signal itself: a stream of empty blocks gives no chunk at which anybody else would.
 */
async function feed(inflate: Writable, packed: Packed, checkSignal: () => void): Promise<void> {
  const { handle, start, bufferBytes } = packed;
  const buffer = Buffer.alloc(bufferBytes);
  for (let position = start; !inflate.destroyed;) {
    checkSignal();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    await new Promise<void>((resolve, reject) => {
      inflate.write(buffer.subarray(0, bytesRead), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
  inflate.end();
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
