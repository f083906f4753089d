import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestMismatch } from '../core/digest.ts';
import { PluginError } from '../protocol/error.ts';
import type { Digest } from '../protocol/release.ts';
import { createPartFile } from './fetch/part-file.ts';
import type { DownloadedArchive } from './install-pipeline-ports.ts';
import { openRegularFile, type RegularFile } from './open-regular-file.ts';

const chunkBytes = 262_144;

/** An archive of a source on this machine. */
export interface LocalArchive {
  /** `file:`. */
  readonly url: string;
  /** The index that names it: the archive is in its folder or below, and no link leads out of it. */
  readonly indexPath: string;
  /** Not there yet. */
  readonly destination: string;
  readonly maxBytes: number;
  readonly digest: Digest;
  readonly signal: AbortSignal;
  readonly onBytes: (done: number, total?: number) => void;
}

/**
 * Copies an archive of this machine, and checks it as if it had been downloaded. Throws a {@link PluginError} with
 * E_NOT_FOUND where it cannot be read, E_PATH_TRAVERSAL, E_RESPONSE_TOO_LARGE, E_INTEGRITY, and `E_STORE…` where it
 * cannot be written.
 */
export async function copyLocalArchive(archive: LocalArchive): Promise<DownloadedArchive> {
  const { url, indexPath, destination, maxBytes, digest, signal, onBytes } = archive;
  const name = basename(fileURLToPath(url));
  const unreadable = (cause: unknown): never => {
    if (cause instanceof PluginError) throw cause;
    throw new PluginError('E_NOT_FOUND', `the archive ${name} cannot be read`, { phase: 'download', cause });
  };
  await using source = await openBelow(fileURLToPath(url), dirname(indexPath)).catch(unreadable);
  const target = await createPartFile(destination, digest.algorithm, 'download');
  try {
    const buffer = Buffer.alloc(chunkBytes);
    let bytes = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await source.handle.read(buffer, 0, chunkBytes, bytes).catch(unreadable);
      if (bytesRead === 0) break;
      bytes += bytesRead;
      if (bytes > maxBytes) {
        const message = `expected at most ${String(maxBytes)} bytes in ${name}`;
        throw new PluginError('E_RESPONSE_TOO_LARGE', message, { phase: 'download', details: { expected: maxBytes } });
      }
      await target.write(buffer.subarray(0, bytesRead));
      onBytes(bytes, source.status.size);
    }
    const { sha256, digest: found } = await target.finish();
    if (found !== digest.hex) throw digestMismatch(`the archive ${name}`, digest, { hex: found, bytes });
    return { bytes, sha256, urlChain: [url] };
  } finally {
    await target.close();
  }
}

/** Links are followed, as folders that are mounted hold them, but not to the rest of the machine. */
async function openBelow(path: string, folder: string): Promise<RegularFile> {
  const name = basename(path);
  const [real, root] = await Promise.all([realpath(path), realpath(folder)]);
  const below = relative(root, real);
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) {
    const message = `expected the archive ${name} below the folder of its index; a link leads out of it`;
    throw new PluginError('E_PATH_TRAVERSAL', message, { phase: 'download' });
  }
  const opened = await openRegularFile(real);
  if (opened !== undefined) return opened;
  throw new PluginError('E_NOT_FOUND', `expected a regular file as the archive ${name}`, { phase: 'download' });
}
