import type { ArchivePlan } from '../../core/archive-plan.ts';
import { createPlanner } from '../../core/tar/planner.ts';
import type { TarEntry } from '../../core/tar/tar-reader.ts';
import type { PluginLimits } from '../../protocol/limits.ts';
import { foldersOf, type PackedFile } from './list-files.ts';

/** An entry as it is written; `source` is where a file is read from. */
export type EntryToWrite = TarEntry &
  ({ readonly type: 'directory' } | { readonly type: 'file'; readonly source: string });

/**
 * The entries of the archive in their order: the top folder, the folders, the files. Throws what the reader of archives
 * throws for such entries, since they go through the same planner.
 */
export function planEntries(
  topFolder: string,
  files: readonly PackedFile[],
  limits: PluginLimits,
): { readonly entries: readonly EntryToWrite[]; readonly plan: ArchivePlan } {
  const folders = ['', ...foldersOf(files).map((path) => `${path}/`)];
  const entries: readonly EntryToWrite[] = [
    ...folders.map((path, index) => {
      return { index, type: 'directory' as const, path: `${topFolder}/${path}`, size: 0, mode: 0o755 };
    }),
    ...files.map(({ path, size, source }, at) => {
      const index = folders.length + at;
      return { index, type: 'file' as const, path: `${topFolder}/${path}`, size, mode: 0o644, source };
    }),
  ];
  const planner = createPlanner(limits, 'inspect');
  for (const entry of entries) planner.add(entry);
  return { entries, plan: planner.finish() };
}
