import { link, stat } from 'node:fs/promises';
import { PluginError } from '../protocol/error.ts';
import { pluginIdOf } from '../protocol/plugin-id.ts';
import type { Release } from '../protocol/release.ts';
import type { DownloadedArchive, InstallPorts, StagingPort } from './install-pipeline-ports.ts';
import type { OperationContext } from './operation.ts';

/** An archive whose bytes are those of its release. */
export interface FetchedArchive extends DownloadedArchive {
  readonly path: string;
  readonly isCached: boolean;
}

/** Takes the archive of a release from the cache, or fetches it. Throws a {@link PluginError} with E_INTEGRITY. */
export async function fetchArchive<S extends StagingPort>(
  release: Release,
  staging: S,
  ports: InstallPorts<S>,
  { signal, enter, onBytes }: OperationContext,
): Promise<FetchedArchive> {
  enter('download');
  const cached = await ports.store.cache.findRelease(release, signal);
  const held = cached && (await holdCached(cached.path, staging));
  if (cached !== undefined && held !== undefined) {
    onBytes(held.bytes, held.bytes);
    enter('integrity');
    return { ...cached, ...held, isCached: true };
  }
  const archive = await ports.download({ release, destination: staging.archivePath, signal, onBytes });
  enter('integrity');
  const { algorithm, hex } = release.digest;
  // Whoever downloads compares the digest; this catches one that forgets to.
  if (algorithm === 'sha256' && archive.sha256 !== hex) {
    throw new PluginError('E_INTEGRITY', `expected an archive with the SHA-256 ${hex}; got ${archive.sha256}`, {
      phase: 'integrity',
      pluginId: pluginIdOf(release.ref),
      details: { expected: hex, found: archive.sha256 },
    });
  }
  return { ...archive, path: staging.archivePath, isCached: false };
}

/**
 * Where a cached archive stays, though another process may let it go while it is unpacked; a file system without links has
 * to live with that. Undefined where it is gone already, or cannot be read now: the source has it too.
 */
async function holdCached(
  cached: string,
  { archivePath }: StagingPort,
): Promise<{ readonly path: string; readonly bytes: number } | undefined> {
  const path = await link(cached, archivePath).then(
    () => archivePath,
    () => cached,
  );
  const found = await stat(path).catch(() => undefined);
  return found && { path, bytes: found.size };
}

/** Keeps an archive, and what the source said of it, for an install without a network. What fails here is a warning. */
export async function keepArchive<S extends StagingPort>(
  { path, sha256, urlChain, isCached }: FetchedArchive,
  release: Release,
  { store }: InstallPorts<S>,
  warn: (message: string) => void,
): Promise<void> {
  try {
    if (!isCached) await store.cache.keep(path, sha256);
    await store.cache.remember(release, { sha256, urlChain });
  } catch (error) {
    warn(`the archive is not kept for later: ${error instanceof Error ? error.message : String(error)}`);
  }
}
