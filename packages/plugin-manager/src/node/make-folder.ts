import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder with its parents; nothing happens where it is there. `mode` is of what is made, without the bits of the
 * umask; default 0o777. Rejects with the error of the system, and with EPERM, as mkdir(2) has it, where the file system
 * takes no folders.
 *
 * In place of `recursive` of Node, which tries again for ever where a folder that is there takes none, as `/proc` does,
 * and says of a file system that is read-only that the folder is not there.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const failure = await made(path, mode);
  if (failure === undefined) return;
  const parent = dirname(path);
  if (failure.code !== 'ENOENT' || parent === path) throw failure;
  await makeFolder(parent, mode);
  const again = await made(path, mode);
  if (again?.code === 'ENOENT') throw noFolders(path, again);
  if (again !== undefined) throw again;
}

/** The failure; undefined where the folder is there now, whoever made it. */
async function made(path: string, mode: number): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path, { mode });
    return undefined;
  } catch (error) {
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    return isThere ? undefined : (error as NodeJS.ErrnoException);
  }
}

function noFolders(path: string, cause: Error): Error {
  const message = `EPERM: the file system takes no folders, mkdir '${path}'`;
  return Object.assign(new Error(message, { cause }), { code: 'EPERM', syscall: 'mkdir', path });
}
