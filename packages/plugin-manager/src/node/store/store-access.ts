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
  /** Whether a start that finds the disk full removes archives that were kept for later. Default: false. */
  readonly mayMakeRoom?: boolean;
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
  /** Removes archives that were kept for later, and what was thrown away, as far as it can be: the disk is full, as the reason says. */
  readonly makeRoom: (reason: unknown) => Promise<void>;
  /** Told after the work which plugins a start took back, none as a rule, and waited for, without the lock. */
  readonly onRecovered: (recovered: Recovery['rolledBack']) => Promise<void>;
}

/** Makes it; nothing is done before the first call. */
export function createStoreAccess(options: StoreAccessOptions): StoreAccess {
  const { fileSystem, layout, wait, start, makeRoom, onRecovered } = options;
  const queue = createKeyedQueue(1_000);
  let isStarted = false;

  async function startAlsoFull(mayMakeRoom: boolean): Promise<Recovery['rolledBack']> {
    try {
      return await start();
    } catch (error) {
      if (!mayMakeRoom || storeError(error).code !== 'E_STORE_FULL') throw error;
      await makeRoom(error);
      return start();
    }
  }

  async function startUnlessStarted(mayMakeRoom: boolean): Promise<Recovery['rolledBack']> {
    if (isStarted) return [];
    try {
      const recovered = await startAlsoFull(mayMakeRoom);
      isStarted = true;
      return recovered;
    } catch (error) {
      // A repair has to come through.
      const isOfState = error instanceof PluginError && ['E_STATE_CORRUPT', 'E_STATE_NEWER'].includes(error.code);
      if (isOfState) return [];
      throw error;
    }
  }

  async function withLock<T>(
    work: () => Promise<T>,
    { mayMakeRoom = false, ...context }: AccessContext = {},
  ): Promise<T> {
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
          recovered = await startUnlessStarted(mayMakeRoom);
          return await work();
        } finally {
          lock.release();
        }
      });
    } catch (error) {
      throw storeError(error, context);
    } finally {
      await onRecovered(recovered);
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
