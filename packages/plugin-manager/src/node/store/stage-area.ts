import { join } from 'node:path';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import type { Staging } from './plugin-store.ts';
import { storeError } from './store-error.ts';
import { tryLock, type StoreLock } from './store-lock.ts';
import { filesFolder, type StoreLayout } from './store-layout.ts';

/** Where this process puts versions together. */
export interface StageArea {
  stage(pluginId: string): Promise<Staging>;
  /** The folder that becomes a build, of what was staged here. */
  buildFolderOf(staging: Staging): string | undefined;
  /**
   * Leaves what was staged on the disk, also at the end: a build waits there to be put back. No start takes anything from a
   * process that lives, so that it is one after the end of this one that does it.
   */
  keep(staging: Staging): void;
  dispose(): Promise<void>;
}

/** What a stage area is made with. */
export interface StageAreaOptions {
  readonly fileSystem: StoreFileSystem;
  readonly layout: StoreLayout;
  /** Not used by any other process; the name of a folder. */
  readonly token: string;
  /** Runs under the store's lock, so that no start of another process takes the place for an abandoned one. */
  readonly withLock: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Makes a stage area; nothing is written before the first {@link StageArea.stage}. A lock of its own says that the
 * process lives: a download takes longer than the store may be locked.
 */
export function createStageArea({ fileSystem, layout, token, withLock }: StageAreaOptions): StageArea {
  const folder = join(layout.staging, token);
  const lockFile = join(layout.lock, `${token}.db`);
  const buildFolders = new WeakMap<Staging, string>();
  let opening: Promise<StoreLock | undefined> | undefined;
  const kept = new Set<Staging>();
  let count = 0;

  async function open(): Promise<StoreLock | undefined> {
    return withLock(async () => {
      const lock = tryLock(lockFile);
      await fileSystem.makeFolder(folder);
      return lock;
    });
  }

  return {
    async stage(pluginId) {
      try {
        opening ??= open();
        await opening;
      } catch (error) {
        opening = undefined;
        throw storeError(error, { phase: 'extract', pluginId });
      }
      count += 1;
      const place = join(folder, String(count));
      const build = join(place, 'build');
      const staging: Staging = {
        pluginId,
        path: filesFolder(build),
        archivePath: join(place, 'archive.part'),
        async discard() {
          if (kept.has(staging)) return;
          await fileSystem.remove(place).catch((error: unknown) => {
            throw storeError(error, { phase: 'cleanup', pluginId });
          });
        },
      };
      buildFolders.set(staging, build);
      try {
        await fileSystem.makeFolder(staging.path);
      } catch (error) {
        // Its parents may have been made.
        await fileSystem.remove(place).catch(() => undefined);
        throw storeError(error, { phase: 'extract', pluginId });
      }
      return staging;
    },
    buildFolderOf: (staging) => buildFolders.get(staging),
    keep(staging) {
      kept.add(staging);
    },
    async dispose() {
      const lock = await opening?.catch(() => undefined);
      opening = undefined;
      if (!lock) return;
      if (kept.size === 0) await fileSystem.remove(folder).catch(() => undefined);
      lock.release();
      await fileSystem.remove(lockFile).catch(() => undefined);
    },
  };
}
