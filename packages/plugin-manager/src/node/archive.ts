import type { ArchivePlan, PlannedFile } from '../core/archive-plan.ts';
import { createPlanner } from '../core/tar/planner.ts';
import { createTarReader, type TarEvent } from '../core/tar/tar-reader.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginLimits } from '../protocol/limits.ts';
import type { ReceiptFile } from '../protocol/receipt.ts';
import { createTreeWriter } from './archive-tree.ts';
import { readGzip } from './gzip.ts';

/** What an extraction is bounded by. */
export interface ExtractOptions {
  readonly limits: PluginLimits;
  readonly signal: AbortSignal;
}

/**
 * Reads all headers of a `.tgz`, and its last byte, in constant memory; writes nothing.
 *
 * @throws PluginError in the phase `inspect` for everything that is not allowed, with entry and index in `details`.
 */
export async function planArchive(path: string, limits: PluginLimits, signal: AbortSignal): Promise<ArchivePlan> {
  const planner = createPlanner(limits, 'inspect');
  for await (const events of readEvents(path, 'inspect', limits, signal)) {
    for (const event of events) if (event.kind === 'entry') planner.add(event.entry);
  }
  return planner.finish();
}

/**
 * Writes the files of a plan, and nothing else, below a folder that exists and is empty. The archive is read and
 * checked again: what it holds now must be what was planned. Files get the mode 0644, folders 0755. After an error the
 * folder holds a part of the files, for the caller to discard; without one the disk has all of them (`fsync`), but not
 * yet their folders.
 *
 * @returns size and digests of every file, in the order of the plan.
 * @throws PluginError in the phase `extract`.
 */
export async function extractArchive(
  path: string,
  plan: ArchivePlan,
  destination: string,
  { limits, signal }: ExtractOptions,
): Promise<readonly ReceiptFile[]> {
  const planner = createPlanner(limits, 'extract');
  const tree = await createTreeWriter(destination, plan.directories);
  let begun = 0;
  let write: ((bytes: Uint8Array) => void) | undefined;
  try {
    for await (const events of readEvents(path, 'extract', limits, signal)) {
      for (const event of events) {
        if (event.kind === 'data') {
          write?.(event.bytes);
          continue;
        }
        const file = planner.add(event.entry);
        if (file === undefined) continue;
        if (!isSameFile(file, plan.files[begun])) throw changed(file);
        begun += 1;
        write = await tree.createFile(file);
      }
      await tree.written();
    }
    if (!isSamePlan(planner.finish(), plan)) throw changed();
    return await tree.finish();
  } finally {
    await tree.abandon();
  }
}

/** What each chunk of an archive holds. Its data must not be used any more when the next is asked for. */
async function* readEvents(
  path: string,
  phase: 'inspect' | 'extract',
  limits: PluginLimits,
  signal: AbortSignal,
): AsyncGenerator<Iterable<TarEvent>, void, void> {
  const reader = createTarReader(phase);
  for await (const chunk of readGzip(path, { phase, limits, signal })) yield reader.push(chunk);
  reader.end();
}

function isSameFile(a: PlannedFile, b: PlannedFile | undefined): boolean {
  return b !== undefined && a.path === b.path && a.size === b.size && a.index === b.index;
}

function isSamePlan(a: ArchivePlan, b: ArchivePlan): boolean {
  return (
    a.topFolder === b.topFolder &&
    a.totalBytes === b.totalBytes &&
    a.files.length === b.files.length &&
    a.files.every((file, index) => isSameFile(file, b.files[index])) &&
    a.directories.length === b.directories.length &&
    a.directories.every((directory, index) => directory === b.directories[index])
  );
}

function changed(file?: PlannedFile): PluginError {
  const details = file && { entry: file.path, index: file.index };
  return new PluginError('E_INTEGRITY', 'the archive changed after it was planned', { phase: 'extract', details });
}
