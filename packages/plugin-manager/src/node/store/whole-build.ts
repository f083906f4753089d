import { join } from 'node:path';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import type { VerifyReport } from './plugin-store.ts';
import { filesFolder, folderOf, type StoreLayout } from './store-layout.ts';

/**
 * Whether a build is what its receipt says, whatever somebody added to it: a file manager leaves `.DS_Store`, say, which is
 * no reason to lose a version.
 */
export function isWhole({ changed, missing, reason }: VerifyReport): boolean {
  return reason === undefined && changed.length + missing.length === 0;
}

/**
 * Removes what somebody added to a build, as far as it can be; gives whether nothing of it is left. The build stays in its
 * place, where pages read from it. Under the store's lock.
 */
export async function removeUnexpected(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  { pluginId, build, unexpected }: VerifyReport,
): Promise<boolean> {
  const files = filesFolder(folderOf(layout, pluginId, build));
  let isNoneLeft = true;
  for (const path of unexpected) {
    await fileSystem.remove(join(files, path)).catch(() => {
      isNoneLeft = false;
    });
  }
  return isNoneLeft;
}
