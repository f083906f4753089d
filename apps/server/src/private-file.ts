import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';

/**
 * Makes the file of an SQLite database readable by its owner alone, before SQLite opens it: the write-ahead log and its
 * index get the mode of the file (https://sqlite.org/walformat.html). Those that an older server left are put right.
 */
export function makePrivateDatabase(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Not opened: to close it again would drop the locks of this process (https://sqlite.org/howtocorrupt.html, 2.2).
    for (const each of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(each)) chmodSync(each, 0o600);
  }
}

/**
 * Takes a folder away from other users of the machine. One that they share (the sticky bit is set, as on `/tmp`) and one
 * of another owner (a volume of a container) stay as they are: each file in them is private by itself.
 */
export function makePrivateFolder(path: string): void {
  const { mode, uid } = statSync(path);
  const isShared = (mode & 0o1000) !== 0;
  if (!isShared && uid === process.getuid?.()) chmodSync(path, 0o700);
}
