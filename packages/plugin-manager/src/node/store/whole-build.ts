import { join } from 'node:path';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import type { VerifyReport } from './plugin-store.ts';
import { filesFolder, folderOf, type StoreLayout } from './store-layout.ts';

/**
 * Whether a build is what its receipt says, once what somebody added to it is gone: a file manager leaves `.DS_Store`, say,
 * which is no reason to lose a version. The build stays in its place, where pages read from it. Under the store's lock.
 */
export async function isWholeWithoutUnexpected(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  { pluginId, build, isIntact, changed, missing, unexpected, reason }: VerifyReport,
): Promise<boolean> {
  if (isIntact) return true;
  if (reason !== undefined || changed.length + missing.length > 0) return false;
  const files = filesFolder(folderOf(layout, pluginId, build));
  try {
    for (const path of unexpected) await fileSystem.remove(join(files, path));
    return true;
  } catch {
    // It belongs to somebody else: the whole folder can be moved away still.
    return false;
  }
}
