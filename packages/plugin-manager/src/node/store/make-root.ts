import { dirname } from 'node:path';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';

/** Makes the folder of a store, with its parents, and brings to the disk that it is there: what it will hold is in it. */
export async function makeRoot(fileSystem: StoreFileSystem, root: string): Promise<void> {
  if ((await fileSystem.kind(root)) !== undefined) return;
  const parent = dirname(root);
  if (parent !== root) await makeRoot(fileSystem, parent);
  await fileSystem.makeFolder(root);
  // A folder that others own may be written to and not be read; then nobody can bring it to the disk.
  await fileSystem.sync(parent).catch(() => undefined);
}
