import type { PluginPhase } from '../../protocol/error.ts';
import { PluginError } from '../../protocol/error.ts';
import type { Recovery } from '../../core/state/recovery.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { createKeyedQueue } from './keyed-queue.ts';
import { makeRoot } from './make-root.ts';
import { storeError } from './store-error.ts';
import { requireStoreRoot } from './store-root.ts';
import type { StoreLayout } from './store-layout.ts';
import { acquireLock, type LockWait } from './store-lock.ts';

/** What a failure under the lock is of. */
export interface AccessContext {
  readonly phase?: PluginPhase;
  readonly pluginId?: string;
}

/** How a store is changed: by one at a time, of all processes, and only once it was put in order. */
export interface StoreAccess {
  /**
   * Does the work under the store's lock. A store that was not put in order yet is first: its disk may have been full, or
   * read-only, until now. Rejects with what keeps it from that, E_LOCKED, and what the work rejects with.
   */
  readonly withLock: <T>(work: () => Promise<T>, context?: AccessContext) => Promise<T>;
  /** Whether the store was put in order. */
  readonly isStarted: () => boolean;
  /** Resolves once the store was put in order, or has a state that nobody can read: whoever needs that one says so. */
  readonly ready: (context: AccessContext) => Promise<void>;
}

/** What it works with. */
export interface StoreAccessOptions {
  readonly fileSystem: StoreFileSystem;
  readonly layout: StoreLayout;
  readonly wait: LockWait;
  /** Puts the store in order, under its lock. */
  readonly start: () => Promise<Recovery['rolledBack']>;
  /** Told after a start that took plugins back, and waited for, without the lock. */
  readonly onRecovered: (recovered: Recovery['rolledBack']) => Promise<void>;
}

/** Makes it; nothing is done before the first call. */
export function createStoreAccess({ fileSystem, layout, wait, start, onRecovered }: StoreAccessOptions): StoreAccess {
  const queue = createKeyedQueue(1_000);
  let isStarted = false;

  async function startUnlessStarted(): Promise<Recovery['rolledBack']> {
    if (isStarted) return [];
    try {
      const recovered = await start();
      isStarted = true;
      return recovered;
    } catch (error) {
      // A repair has to come through.
      const isOfState = error instanceof PluginError && ['E_STATE_CORRUPT', 'E_STATE_NEWER'].includes(error.code);
      if (isOfState) return [];
      throw error;
    }
  }

  async function withLock<T>(work: () => Promise<T>, context: AccessContext = {}): Promise<T> {
    let recovered: Recovery['rolledBack'] = [];
    try {
      return await queue.run('the store', async () => {
        if (!isStarted) {
          await requireStoreRoot(fileSystem, layout);
          await makeRoot(fileSystem, layout.root);
          // The lock first: it says that this is a store.
          for (const folder of [layout.lock, layout.store, layout.staging, layout.trash, layout.cache])
            await fileSystem.makeFolder(folder);
        }
        const lock = await acquireLock(layout.storeLock, wait);
        try {
          recovered = await startUnlessStarted();
          return await work();
        } finally {
          lock.release();
        }
      });
    } catch (error) {
      throw storeError(error, context);
    } finally {
      if (recovered.length > 0) await onRecovered(recovered);
    }
  }

  return {
    withLock,
    isStarted: () => isStarted,
    async ready(context) {
      if (!isStarted) await withLock(() => Promise.resolve(), context);
    },
  };
}
