import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginError } from '../../protocol/error.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import type { ArchiveCache } from './plugin-store.ts';
import { storeError } from './store-error.ts';
import type { StoreLayout } from './store-layout.ts';
import { sha256OfFile } from './verify-build.ts';

/** Makes the cache of a store. `maxBytes`: the archives that were kept longest ago go first. */
export function createArchiveCache(fileSystem: StoreFileSystem, layout: StoreLayout, maxBytes: number): ArchiveCache {
  const pathOf = (sha256: string): string => {
    if (/^[0-9a-f]{64}$/.test(sha256)) return join(layout.cache, `${sha256}.tgz`);
    const message = `expected a SHA-256 in lower-case hex; got ${JSON.stringify(sha256.slice(0, 100))}`;
    throw new PluginError('E_NAME_INVALID', message, { phase: 'integrity' });
  };

  async function prune(kept: string): Promise<void> {
    const files = await Promise.all(
      (await fileSystem.entries(layout.cache)).map(async ({ name }) => {
        const path = join(layout.cache, name);
        // Another process may have removed it meanwhile.
        const found = await stat(path).catch(() => undefined);
        return { path, bytes: found?.size ?? 0, changedAt: found?.mtimeMs ?? 0 };
      }),
    );
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of files.sort((left, right) => left.changedAt - right.changedAt)) {
      if (total <= maxBytes) return;
      if (path === kept) continue;
      await fileSystem.remove(path);
      total -= bytes;
    }
  }

  return {
    async find(sha256) {
      const path = pathOf(sha256);
      try {
        if ((await fileSystem.kind(path)) !== 'file') return undefined;
        if ((await sha256OfFile(path)) === sha256) return path;
        await fileSystem.remove(path);
        return undefined;
      } catch (error) {
        throw storeError(error, { phase: 'integrity' });
      }
    },
    async keep(path, sha256) {
      const target = pathOf(sha256);
      try {
        await fileSystem.makeFolder(layout.cache);
        await fileSystem.rename(path, target);
        await prune(target);
        return target;
      } catch (error) {
        throw storeError(error, { phase: 'cleanup' });
      }
    },
  };
}
