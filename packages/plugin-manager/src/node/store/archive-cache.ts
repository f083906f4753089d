import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginError } from '../../protocol/error.ts';
import { pluginIdOf, type PluginRef } from '../../protocol/plugin-id.ts';
import { cachePattern } from '../../core/state/folder-names.ts';
import { parseRemembered, rememberedText, type RememberedRelease } from '../../core/state/remembered-release.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import type { ArchiveCache } from './plugin-store.ts';
import { storeError } from './store-error.ts';
import type { StoreLayout } from './store-layout.ts';
import { hashOfFile, sha256OfFile } from './verify-build.ts';

/** How much a cache may hold. */
export interface CacheBounds {
  readonly maxBytes: number;
  /** Default: 1,000. */
  readonly maxArchives?: number | undefined;
}

/** What is let go where the disk is full: much more than a state takes. */
const roomBytes = 1024 * 1024;

/**
 * Makes the cache of a store. Of archives beyond its bounds those that were kept longest ago go first. What the disk does not
 * give it has not: the source has it too.
 */
export function createArchiveCache(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  { maxBytes, maxArchives = 1_000 }: CacheBounds,
): ArchiveCache {
  const pathOf = (sha256: string): string => {
    if (/^[0-9a-f]{64}$/.test(sha256)) return join(layout.cache, `${sha256}.tgz`);
    const message = `expected a SHA-256 in lower-case hex; got ${JSON.stringify(sha256.slice(0, 100))}`;
    throw new PluginError('E_NAME_INVALID', message, { phase: 'integrity' });
  };

  async function find(sha256: string, signal?: AbortSignal): Promise<string | undefined> {
    const path = pathOf(sha256);
    try {
      if ((await fileSystem.kind(path)) !== 'file') return undefined;
      if ((await sha256OfFile(path, signal)) === sha256) return path;
      await fileSystem.remove(path);
    } catch {
      signal?.throwIfAborted();
    }
    return undefined;
  }

  async function names(): Promise<readonly string[]> {
    const entries = await fileSystem.entries(layout.cache).catch(() => []);
    return entries.map(({ name }) => name);
  }

  async function rememberedAt(path: string): Promise<RememberedRelease | undefined> {
    return parseRemembered((await fileSystem.read(path).catch(() => undefined)) ?? '');
  }

  /** Of a version, newest first: the source may have changed what it says. */
  async function recallAll(ref: PluginRef, version: string): Promise<readonly RememberedRelease[]> {
    const ending = `~${keyOf(ref, version)}.json`;
    const files = await Promise.all((await names()).filter((name) => name.endsWith(ending)).map(fileAt));
    const found: RememberedRelease[] = [];
    for (const { path } of files.sort((left, right) => right.changedAtMs - left.changedAtMs)) {
      const remembered = await rememberedAt(path);
      const isOfThis =
        remembered?.release.version === version && pluginIdOf(remembered.release.ref) === pluginIdOf(ref);
      if (isOfThis) found.push(remembered);
    }
    return found;
  }

  /** The way that an archive came for a plugin; empty where it was not kept for this one. */
  async function chainOf(sha256: string, ref: PluginRef): Promise<readonly string[]> {
    for (const name of await names()) {
      if (!name.startsWith(`${sha256}~`)) continue;
      const found = await rememberedAt(join(layout.cache, name));
      if (found === undefined || pluginIdOf(found.release.ref) !== pluginIdOf(ref)) continue;
      if (found.urlChain.length > 0) return found.urlChain;
    }
    return [];
  }

  async function fileAt(name: string) {
    const path = join(layout.cache, name);
    // Another process may have removed it meanwhile.
    const found = await stat(path).catch(() => undefined);
    return { name, path, bytes: found?.size ?? 0, changedAtMs: found?.mtimeMs ?? 0 };
  }

  async function prune(kept: string, boundOf: (bytes: number) => number): Promise<void> {
    // What else is there somebody else has put there.
    const own = (await fileSystem.entries(layout.cache)).filter(({ name }) => cachePattern.test(name));
    const files = await Promise.all(own.map(({ name }) => fileAt(name)));
    const archives = files
      .filter(({ name }) => name.endsWith('.tgz'))
      .sort((left, right) => left.changedAtMs - right.changedAtMs);
    const ofArchive = (name: string) => cachePattern.exec(name)?.[1];
    let [bytes, count] = [files.reduce((sum, file) => sum + file.bytes, 0), archives.length];
    const isHeld = new Set(archives.map(({ name }) => ofArchive(name)));
    const most = boundOf(bytes);
    for (const archive of archives) {
      if (bytes <= most && count <= maxArchives) break;
      if (archive.path === kept) continue;
      isHeld.delete(ofArchive(archive.name));
      bytes -= archive.bytes;
      count -= 1;
    }
    for (const { name, path } of files) if (!isHeld.has(ofArchive(name))) await fileSystem.remove(path);
  }

  return {
    find,
    async findRelease({ ref, version, digest }, signal) {
      const { algorithm, hex } = digest;
      if (algorithm === 'sha256') {
        const path = await find(hex, signal);
        return path === undefined ? undefined : { path, sha256: hex, urlChain: await chainOf(hex, ref) };
      }
      for (const { sha256, urlChain, release } of await recallAll(ref, version)) {
        if (release.digest.algorithm !== algorithm || release.digest.hex !== hex) continue;
        const path = await find(sha256, signal);
        if (path === undefined) continue;
        const found = await hashOfFile(path, algorithm, signal).catch(() => undefined);
        signal?.throwIfAborted();
        if (found === hex) return { path, sha256, urlChain };
      }
      return undefined;
    },
    async keep(path, sha256) {
      const target = pathOf(sha256);
      try {
        await fileSystem.makeFolder(layout.cache);
        await fileSystem.rename(path, target);
        await prune(target, () => maxBytes);
        return target;
      } catch (error) {
        throw storeError(error, { phase: 'cleanup' });
      }
    },
    async makeRoom() {
      await prune('', (bytes) => bytes - roomBytes);
    },
    async remember(release, { sha256, urlChain }) {
      const { ref, version } = release;
      const path = join(layout.cache, `${sha256}~${keyOf(ref, version)}.json`);
      try {
        if ((await fileSystem.kind(pathOf(sha256))) === undefined) return;
        // No rename: what is half-written is no JSON, and counts for nothing.
        await fileSystem.write(path, rememberedText({ release, sha256, urlChain }));
      } catch (error) {
        throw storeError(error, { phase: 'cleanup' });
      }
    },
    async recall(ref, version, wanted) {
      for (const { release, sha256 } of await recallAll(ref, version)) {
        if (wanted !== undefined && sha256 !== wanted) continue;
        if ((await fileSystem.kind(pathOf(sha256)).catch(() => undefined)) === 'file') return release;
      }
      return undefined;
    },
  };
}

/** A name of bounded length: id and version together may be longer than a file's name. */
function keyOf(ref: PluginRef, version: string): string {
  return createHash('sha256')
    .update(`${pluginIdOf(ref)} ${version}`)
    .digest('hex')
    .slice(0, 32);
}
