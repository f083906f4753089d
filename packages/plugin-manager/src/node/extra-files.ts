import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, link, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArchivePlan } from '../core/archive-plan.ts';
import type { ExtraFilePlan } from '../core/extra-file-plan.ts';
import { withoutQuery } from '../core/url-rules.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginLimits } from '../protocol/limits.ts';
import type { PluginRef } from '../protocol/plugin-id.ts';
import type { ReceiptFile } from '../protocol/receipt.ts';
import type { ExtraFile } from '../protocol/release.ts';
import type { InstallPorts } from './install-pipeline-ports.ts';
import type { OperationContext } from './operation.ts';
import { makeFolder } from './make-folder.ts';
import { whileExtracting } from './store/store-error.ts';

/** An extra file that has come; its bytes are those of its checksum. */
export interface FetchedExtraFile {
  readonly planned: ExtraFilePlan;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** In the cache already. */
  readonly isCached: boolean;
  /** Of an archive: what of it lies where, and the limits that it was planned by. */
  readonly archive?: { readonly plan: ArchivePlan; readonly limits: PluginLimits } | undefined;
}

/** What extra files are fetched for. */
export interface ExtraFilesOptions {
  readonly ref: PluginRef;
  readonly planned: readonly ExtraFilePlan[];
  /** Of the plugin. */
  readonly archive: { readonly bytes: number; readonly plan: ArchivePlan };
  /** A path that is not there yet; others are made of it. */
  readonly scratch: string;
  readonly ports: Pick<InstallPorts, 'limits' | 'downloadExtraFile' | 'planArchive' | 'extractArchive' | 'store'>;
  readonly context: OperationContext;
}

/**
 * Fetches extra files, one after the other, and looks into those that are archives. The limits are of the plugin's
 * archive and all of these together. Throws what a download and a plan throw, and E_ENTRY_MISSING.
 */
export async function fetchExtraFiles(options: ExtraFilesOptions): Promise<readonly FetchedExtraFile[]> {
  const { ref, planned, archive, scratch, ports, context } = options;
  const { signal, onBytes } = context;
  let left = ports.limits;
  const take = (bytes: number, extracted: number, entries: number): void => {
    left = {
      ...left,
      maxDownloadBytes: left.maxDownloadBytes - bytes,
      maxExtractedBytes: left.maxExtractedBytes - extracted,
      maxEntries: left.maxEntries - entries,
    };
  };
  take(archive.bytes, archive.plan.totalBytes, archive.plan.files.length + archive.plan.directories.length);
  const fetched: FetchedExtraFile[] = [];
  let before = archive.bytes;
  for (const [index, one] of planned.entries()) {
    signal.throwIfAborted();
    const start = before;
    const found = await fetchOne(one.file, {
      ref,
      destination: `${scratch}.${String(index)}`,
      maxBytes: Math.max(0, left.maxDownloadBytes),
      ports,
      signal,
      onBytes: (done) => {
        onBytes(start + done);
      },
    });
    before += found.bytes;
    if (one.isArchive) {
      const limits = left;
      const plan = await ports.planArchive(found.path, limits, signal);
      requireInputs(one, plan);
      take(found.bytes, plan.totalBytes, plan.files.length + plan.directories.length);
      fetched.push({ planned: one, ...found, archive: { plan, limits } });
    } else {
      take(found.bytes, found.bytes, 1);
      if (found.bytes > left.maxFileBytes || left.maxExtractedBytes < 0 || left.maxEntries < 0) {
        const message = `the files of the plugin and its extra files are larger than they may be together`;
        throw new PluginError('E_ARCHIVE_SIZE', message, { phase: 'inspect', details: { bytes: found.bytes } });
      }
      fetched.push({ planned: one, ...found });
    }
  }
  return fetched;
}

/** Puts extra files beside the files of the plugin, which are in `folder` already; gives what the receipt says of them. */
export async function placeExtraFiles(
  fetched: readonly FetchedExtraFile[],
  folder: string,
  { scratch, ports, context: { signal, warn } }: ExtraFilesOptions,
): Promise<readonly ReceiptFile[]> {
  const placed: ReceiptFile[] = [];
  for (const [index, { planned, path, sha256, archive, isCached }] of fetched.entries()) {
    const sources = new Map<string, string>();
    if (archive === undefined) for (const { input } of planned.moves) sources.set(input, path);
    else {
      const extracted = `${scratch}.${String(index)}.files`;
      await whileExtracting(() => mkdir(extracted));
      const { plan, limits } = archive;
      await ports.extractArchive(path, plan, extracted, { limits, signal });
      for (const file of plan.files) sources.set(`${plan.topFolder}/${file.path}`, join(extracted, file.path));
    }
    for (const move of planned.moves) {
      const source = sources.get(move.input);
      if (source === undefined) throw missing(planned.file, move.input);
      placed.push(await placeFile(source, folder, move.path, signal));
    }
    if (isCached) continue;
    await ports.store.cache.keep(path, sha256).catch((error: unknown) => {
      warn(`an extra file is not kept for later: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  return placed;
}

interface FetchOptions extends Pick<ExtraFilesOptions, 'ref' | 'ports'> {
  readonly destination: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly onBytes: (done: number) => void;
}

async function fetchOne(
  { url, digest }: ExtraFile,
  { ref, ports, destination, maxBytes, signal, onBytes }: FetchOptions,
): Promise<Pick<FetchedExtraFile, 'path' | 'bytes' | 'sha256' | 'isCached'>> {
  const found = digest.algorithm === 'sha256' ? await ports.store.cache.find(digest.hex, signal) : undefined;
  const cached = found === undefined ? undefined : await heldAt(destination, found);
  if (cached === undefined) {
    const { bytes, sha256 } = await ports.downloadExtraFile({
      ref,
      url,
      digest,
      destination,
      maxBytes,
      signal,
      onBytes,
    });
    return { path: destination, bytes, sha256, isCached: false };
  }
  const { size: bytes } = await stat(cached);
  if (bytes > maxBytes) {
    const message = `expected at most ${String(maxBytes)} bytes in the extra file; it has ${String(bytes)}`;
    throw new PluginError('E_RESPONSE_TOO_LARGE', message, { phase: 'download', details: { maxBytes, bytes } });
  }
  onBytes(bytes);
  return { path: cached, bytes, sha256: digest.hex, isCached: true };
}

/**
 * A name of its own for a file of the cache, which another process may let go before it is placed; its path there on a file
 * system without links. Undefined where it is gone already.
 */
async function heldAt(destination: string, cached: string): Promise<string | undefined> {
  return link(cached, destination).then(
    () => destination,
    (error: unknown) => (error instanceof Error && 'code' in error && error.code === 'ENOENT' ? undefined : cached),
  );
}

function requireInputs({ file, moves }: ExtraFilePlan, { topFolder, files }: ArchivePlan): void {
  const paths = new Set(files.map(({ path }) => `${topFolder}/${path}`));
  const absent = moves.find(({ input }) => !paths.has(input));
  if (absent !== undefined) throw missing(file, absent.input);
}

function missing({ url }: ExtraFile, input: string): PluginError {
  const name = withoutQuery(url).slice(0, 200);
  const message = `expected ${input.slice(0, 200)} in the extra file ${name}; it has none`;
  return new PluginError('E_ENTRY_MISSING', message, { phase: 'inspect', details: { entry: input.slice(0, 200) } });
}

async function placeFile(source: string, folder: string, path: string, signal: AbortSignal): Promise<ReceiptFile> {
  return whileExtracting(async () => {
    const target = join(folder, path);
    await makeFolder(dirname(target), 0o755);
    await copyFile(source, target, constants.COPYFILE_EXCL);
    // Not executable, as no file of a plugin is: nothing here runs them.
    await chmod(target, 0o644);
    const [sha256, sha384] = [createHash('sha256'), createHash('sha384')];
    let size = 0;
    for await (const chunk of createReadStream(target, { signal }) as AsyncIterable<Buffer>) {
      sha256.update(chunk);
      sha384.update(chunk);
      size += chunk.length;
    }
    return { path, size, sha256: sha256.digest('hex'), integrity: `sha384-${sha384.digest('base64')}` };
  });
}
