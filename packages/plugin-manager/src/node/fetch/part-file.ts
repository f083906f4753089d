import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { PluginPhase } from '../../protocol/error.ts';
import type { Digest } from '../../protocol/release.ts';
import { fileError } from './fetch-error.ts';

/** What the bytes of a file came to; digests in lower-case hex. */
export interface PartSummary {
  readonly bytes: number;
  readonly sha256: string;
  /** By the algorithm that was asked for. */
  readonly digest: string;
}

/** A file that is being filled, and hashed while it is. */
export interface PartFile {
  /** Back to nothing, for the next attempt. */
  restart(): Promise<void>;
  write(chunk: Uint8Array): Promise<void>;
  /** Waits until the bytes are on the disk. */
  finish(): Promise<PartSummary>;
  close(): Promise<void>;
  /** Closes and removes it. */
  discard(): Promise<void>;
}

/**
 * Creates a file that nobody else may read. One that is there already is never followed nor overwritten.
 *
 * @throws PluginError `E_STORE…`, as do its methods.
 */
export async function createPartFile(
  path: string,
  algorithm: Digest['algorithm'],
  phase: PluginPhase,
): Promise<PartFile> {
  const guard = <T>(action: Promise<T>): Promise<T> =>
    action.catch((error: unknown) => {
      throw fileError(error, phase);
    });
  const handle = await guard(open(path, 'wx', 0o600));
  const newHashes = () => ({
    sha256: createHash('sha256'),
    wanted: algorithm === 'sha256' ? undefined : createHash(algorithm),
  });
  let hashes = newHashes();
  let bytes = 0;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= guard(handle.close()));

  async function writeAt(position: number, chunk: Uint8Array): Promise<void> {
    let from = 0;
    while (from < chunk.length) {
      const { bytesWritten } = await handle.write(chunk, from, chunk.length - from, position + from);
      from += bytesWritten;
    }
  }

  async function writeAll(chunk: Uint8Array): Promise<void> {
    const writing = writeAt(bytes, chunk);
    // Hashed while another thread writes.
    hashes.sha256.update(chunk);
    hashes.wanted?.update(chunk);
    await writing;
    bytes += chunk.length;
  }

  return {
    async restart() {
      await guard(handle.truncate(0));
      hashes = newHashes();
      bytes = 0;
    },
    write: (chunk) => guard(writeAll(chunk)),
    async finish() {
      await guard(handle.sync());
      const sha256 = hashes.sha256.digest('hex');
      return { bytes, sha256, digest: hashes.wanted?.digest('hex') ?? sha256 };
    },
    close,
    async discard() {
      await close().catch(() => undefined);
      await guard(rm(path, { force: true }));
    },
  };
}
