import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateDatabase, makePrivateFolder } from './private-file.ts';

/** The data folder cannot be used; the message says why, for whoever can mend it. */
export class DataFolderError extends Error {
  override readonly name: string = 'DataFolderError';
}

/** Another process uses the data folder; the message says which. */
export class DataFolderInUseError extends DataFolderError {
  override readonly name = 'DataFolderInUseError';
}

/** A data folder that this process alone uses. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** Notes where the server can be reached, for the message that a second one gets. */
  note(url: string): void;
  /** Gives the folder free; so does the end of the process, whatever ends it. */
  dispose(): void;
}

/**
 * Makes the folder if need be and locks it. The lock is SQLite's own on a file of the folder (an advisory lock of the
 * kernel, https://sqlite.org/lockingv3.html), so that it goes with the process, also by `kill -9`, and holds between
 * containers that share a volume. Throws a {@link DataFolderError}, a {@link DataFolderInUseError} where it is that.
 */
export function openDataFolder(folder: string): DataFolder {
  const path = resolve(folder);
  const notePath = join(path, 'server.json');
  const lock = openLock(path);
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!/locked/.test(String(error))) throw unusable(path, error);
    throw new DataFolderInUseError(
      `the data folder ${path} is in use by another Fleetwire${holderOf(notePath)}: stop that one, or give this one another --data-dir`,
    );
  }
  held.add(lock);
  let open = true;
  return {
    path,
    note(url) {
      writeFileSync(notePath, `${JSON.stringify({ pid: process.pid, url })}\n`, { mode: 0o600 });
    },
    dispose() {
      if (!open) return;
      open = false;
      rmSync(notePath, { force: true });
      held.delete(lock);
      lock.close();
    },
  };
}

/** Whether a process uses the folder. One that was killed leaves its files behind, and no lock. */
export function isDataFolderInUse(folder: string): boolean {
  const file = join(folder, 'lock.db');
  if (!existsSync(file)) return false;
  const lock = new DatabaseSync(file, { readOnly: true });
  try {
    lock.exec('PRAGMA busy_timeout = 0; SELECT count(*) FROM sqlite_schema');
    return false;
  } catch (error) {
    return /locked/.test(String(error));
  } finally {
    lock.close();
  }
}

/** A lock that nobody refers to would be collected, and free the folder while the server runs. */
const held = new Set<DatabaseSync>();

function openLock(path: string): DatabaseSync {
  try {
    makeFolder(path);
    makePrivateFolder(path);
    const file = join(path, 'lock.db');
    makePrivateDatabase(file);
    return new DatabaseSync(file);
  } catch (error) {
    throw unusable(path, error);
  }
}

/** With its parents. `recursive` of Node tries again for ever where a folder takes none, as `/proc` does. */
function makeFolder(path: string): void {
  if (isFolder(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it just now.
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function unusable(path: string, error: unknown): DataFolderError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DataFolderError(`the data folder ${path} cannot be used (${reason}): give another --data-dir`, {
    cause: error,
  });
}

function holderOf(notePath: string): string {
  try {
    const { pid, url } = JSON.parse(readFileSync(notePath, 'utf8')) as { readonly pid: unknown; readonly url: unknown };
    return ` (process ${String(pid)}, ${String(url)})`;
  } catch {
    // It has just started, or is about to stop.
    return '';
  }
}
