import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { PluginError } from '../../protocol/error.ts';
import { storeError } from './store-error.ts';

/** A lock that this process holds. */
export interface StoreLock {
  /** Gives it free; so does the end of the process, whatever ends it. */
  release(): void;
}

/** A lock that nobody refers to would be collected, and freed while the work goes on. */
const held = new Set<DatabaseSync>();

/**
 * Takes a lock between processes, or says by undefined that somebody has it. It is SQLite's own on a file (an advisory
 * lock of the kernel, https://sqlite.org/lockingv3.html): it goes with the process, also by `kill -9`, so that a file
 * that was left behind locks nothing. Throws a {@link PluginError} with E_STORE_UNWRITABLE, E_STORE_FULL or E_STORE.
 */
export function tryLock(file: string): StoreLock | undefined {
  let database: DatabaseSync | undefined;
  try {
    const opened = new DatabaseSync(file);
    database = opened;
    // SQLite would take a read-only file, and lock nothing.
    accessSync(file, constants.W_OK);
    // Nothing is ever written to it, and a journal would need room that a full disk has not.
    opened.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    held.add(opened);
    return {
      release() {
        if (!held.delete(opened)) return;
        opened.close();
      },
    };
  } catch (error) {
    database?.close();
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
    // BUSY and LOCKED.
    if (code === 5 || code === 6) return undefined;
    // CANTOPEN, of which the system knows more.
    if (code === 14) throw storeError(openingFailure(file) ?? error);
    // CORRUPT and NOTADB. To move it away here could take the lock from under a process that has just done so.
    if (code === 11 || code === 26) {
      const name = basename(file);
      const message = `lock/${name} is no lock file of the plugin store: stop its processes, and remove it`;
      throw new PluginError('E_STORE', message, { phase: 'commit', details: { file: name }, cause: error });
    }
    throw storeError(error);
  }
}

/**
 * Why the system does not open a file; undefined where it says no more than SQLite. Never opens one that is there: closing
 * it again would free all locks of this process on it (POSIX `fcntl`).
 */
function openingFailure(file: string): unknown {
  try {
    closeSync(openSync(file, 'wx'));
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EEXIST' ? undefined : error;
  }
}

/** How long, and how, to wait for a lock. */
export interface LockWait {
  readonly timeoutMs: number;
  /** From 0 to 1; so that two that wait do not ask at the same times. */
  readonly random: () => number;
}

/**
 * Takes the lock as soon as it is free. Throws a {@link PluginError} with E_LOCKED after `timeoutMs`, and what
 * {@link tryLock} throws.
 */
export async function acquireLock(file: string, { timeoutMs, random }: LockWait): Promise<StoreLock> {
  const deadlineMs = performance.now() + timeoutMs;
  for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, 50)) {
    const lock = tryLock(file);
    if (lock) return lock;
    if (performance.now() >= deadlineMs) {
      const message = `another process has held the plugin store for ${String(timeoutMs)} ms: try again later`;
      throw new PluginError('E_LOCKED', message, { phase: 'commit', details: { timeoutMs } });
    }
    await delay(waitMs * (0.5 + random() / 2));
  }
}
