import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PluginError } from '../protocol/error.ts';
import type { Digest } from '../protocol/release.ts';
import type { DownloadedArchive } from './install-pipeline-ports.ts';

const chunkBytes = 262_144;

/** An archive of a source on this machine. */
export interface LocalArchive {
  /** `file:`. */
  readonly url: string;
  /** Not there yet. */
  readonly destination: string;
  readonly maxBytes: number;
  readonly digest: Digest;
  readonly signal: AbortSignal;
  readonly onBytes: (done: number, total?: number) => void;
}

/**
 * Copies an archive of this machine, and checks it as if it had been downloaded. Throws a {@link PluginError} with
 * E_RESPONSE_TOO_LARGE, E_INTEGRITY, or E_NOT_FOUND where it cannot be read.
 */
export async function copyLocalArchive(archive: LocalArchive): Promise<DownloadedArchive> {
  const { url, destination, maxBytes, digest, signal, onBytes } = archive;
  const path = fileURLToPath(url);
  await using source = await open(path).catch((cause: unknown) => {
    throw new PluginError('E_NOT_FOUND', `the archive ${basename(path)} cannot be read`, { phase: 'download', cause });
  });
  const status = await source.stat();
  if (!status.isFile()) {
    throw new PluginError('E_NOT_FOUND', `expected a regular file as the archive ${basename(path)}`, {
      phase: 'download',
    });
  }
  await using target = await open(destination, 'wx', 0o600);
  const sha256 = createHash('sha256');
  const asked = digest.algorithm === 'sha256' ? undefined : createHash(digest.algorithm);
  const buffer = Buffer.alloc(chunkBytes);
  let bytes = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await source.read(buffer, 0, chunkBytes, bytes);
    if (bytesRead === 0) break;
    bytes += bytesRead;
    if (bytes > maxBytes) {
      const message = `expected at most ${String(maxBytes)} bytes in ${basename(path)}`;
      throw new PluginError('E_RESPONSE_TOO_LARGE', message, { phase: 'download', details: { expected: maxBytes } });
    }
    const part = buffer.subarray(0, bytesRead);
    // What is written in another thread is hashed meanwhile.
    const writing = target.writeFile(part);
    sha256.update(part);
    asked?.update(part);
    await writing;
    onBytes(bytes, status.size);
  }
  const hex = sha256.digest('hex');
  const found = asked?.digest('hex') ?? hex;
  if (found !== digest.hex) {
    throw new PluginError('E_INTEGRITY', `expected ${digest.algorithm} ${digest.hex}, got ${found}`, {
      phase: 'integrity',
      details: { algorithm: digest.algorithm, expected: digest.hex, found, bytes },
    });
  }
  return { bytes, sha256: hex, urlChain: [url] };
}
