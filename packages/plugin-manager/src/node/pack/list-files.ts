import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginError } from '../../protocol/error.ts';
import { isLeftOut, type FileFilter } from './file-patterns.ts';

/** A file that is packed. */
export interface PackedFile {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly size: number;
  /** Where it is read from. */
  readonly source: string;
}

/**
 * The files that are packed, sorted by path. Throws E_ENTRY_TYPE for a symbolic link anywhere in the folder, since what
 * it leads to is not on every machine, and for whatever else is neither file nor folder.
 */
export async function listFiles(folder: string, isPacked: FileFilter): Promise<readonly PackedFile[]> {
  const found: PackedFile[] = [];
  const folders = [''];
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      if (isLeftOut(entry.name)) continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      const source = join(folder, path);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isSymbolicLink())
        throw refuseType(path, 'a symbolic link: put there what it leads to, or remove it');
      else if (!isPacked(path)) continue;
      else if (entry.isFile()) found.push({ path, source, size: (await lstat(source)).size });
      else throw refuseType(path, 'a pipe, a socket or a device');
    }
  }
  // By code unit, not by the language of the machine.
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function refuseType(path: string, what: string): PluginError {
  return new PluginError('E_ENTRY_TYPE', `expected regular files and folders only; ${path} is ${what}`, {
    phase: 'inspect',
    details: { entry: path },
  });
}

/** The folders that hold the files, sorted, without the top one. */
export function foldersOf(files: readonly PackedFile[]): readonly string[] {
  const folders = new Set<string>();
  for (const { path } of files) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      folders.add(path.slice(0, end));
    }
  }
  return [...folders].sort();
}
