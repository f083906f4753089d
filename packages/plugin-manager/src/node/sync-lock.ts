import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PluginError } from '../protocol/error.ts';
import type { PluginStore } from './store/plugin-store.ts';
import { tryLock } from './store/store-lock.ts';

const intervalMs = 50;
/** As long as an operation may take, by default. */
const maxWaitMs = 300_000;

/**
 * Keeps other syncs of a store out, of this process and others, until what it gives is called; the end of the process
 * does it too. Operations on single plugins go on. Rejects with E_LOCKED after 5 min, with the signal's reason, and with
 * E_UNMANAGED, E_STORE_FULL, E_STORE_UNWRITABLE or E_STORE.
 */
export async function acquireSyncLock(
  store: Pick<PluginStore, 'stateFile' | 'ready'>,
  signal: AbortSignal,
): Promise<() => void> {
  const file = join(dirname(store.stateFile), 'lock', 'sync.db');
  // A store whose disk was full when it was opened may have no folders yet.
  await store.ready();
  const deadlineMs = performance.now() + maxWaitMs;
  for (;;) {
    signal.throwIfAborted();
    const lock = tryLock(file);
    if (lock) {
      return () => {
        lock.release();
      };
    }
    if (performance.now() >= deadlineMs) {
      const message = `another sync has run for ${String(maxWaitMs)} ms: try again later`;
      throw new PluginError('E_LOCKED', message, { phase: 'commit', details: { timeoutMs: maxWaitMs } });
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}
