import { createHash } from 'node:crypto';
import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { asAbsent } from './as-absent.ts';
import { stampOf } from './file-stamp.ts';
import type { VerifyReport } from './plugin-store.ts';
import { folderOf, type StoreLayout } from './store-layout.ts';
import { verifyBuild, walk } from './verify-build.ts';

/** What a build was found to be before the store's lock was taken: to hash 256 MiB takes longer than others should wait. */
export interface HashedAhead {
  readonly report: VerifyReport;
  /** Of all its files. */
  readonly stamp: string;
}

/** Hashes a build without the lock. Undefined where that fails: then it is hashed under it, and says why. */
export async function hashAhead(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
  build: string,
): Promise<HashedAhead | undefined> {
  try {
    // First: what is written while it is hashed makes another stamp.
    const stamp = await stampOfBuild(fileSystem, layout, pluginId, build);
    return { stamp, report: await verifyBuild(fileSystem, layout, pluginId, build) };
  } catch {
    return undefined;
  }
}

/** What was found ahead, where the files are still the same; else the build is hashed once more. */
export async function verifyHashed(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
  build: string,
  ahead: HashedAhead | undefined,
): Promise<VerifyReport> {
  if (ahead?.report.build === build) {
    const stamp = await stampOfBuild(fileSystem, layout, pluginId, build).catch(() => undefined);
    if (stamp === ahead.stamp) return ahead.report;
  }
  return verifyBuild(fileSystem, layout, pluginId, build);
}

async function stampOfBuild(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
  build: string,
): Promise<string> {
  const folder = folderOf(layout, pluginId, build);
  // A folder that was moved away, and is linked to, has the same files.
  const real = await realpath(folder).catch(asAbsent);
  const hash = createHash('sha256').update(`${real ?? ''}\0`);
  for (const { path, kind } of await walk(fileSystem, folder, ''))
    hash.update(`${path}\0${kind}\0${stampOf(await lstat(join(folder, path), { bigint: true }))}\0`);
  return hash.digest('hex');
}
