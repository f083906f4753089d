import { createHash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PluginError } from '../../protocol/error.ts';
import type { Receipt, ReceiptFile } from '../../protocol/receipt.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { asAbsent } from './as-absent.ts';
import type { OpenedFile } from './plugin-store.ts';
import { stampOf } from './file-stamp.ts';
import { filesFolder, folderOf, receiptPath, type StoreLayout } from './store-layout.ts';
import { readReceipt } from './verify-build.ts';

/** Receipts that are held parsed; a receipt of 5,000 files is a megabyte. */
const maxReceipts = 64;
/** Files whose digest is known. */
const maxDigests = 20_000;

/**
 * Receipts and files of builds; what was parsed or hashed once is not again for as long as the file is the same one.
 * Builds do not change: what a disk cannot say now (EMFILE, EIO, EACCES) is what it said last.
 */
export interface BuildFiles {
  /** Throws E_FILES_CHANGED as `readReceipt` does, and what the disk throws where the receipt was never read. */
  receipt(pluginId: string, build: string): Promise<Receipt>;
  /**
   * Throws E_FILES_CHANGED for a file that is missing, of another content, or reached through a link, and what the disk
   * throws where the file was never found as it should be.
   */
  check(pluginId: string, build: string, path: string): Promise<ReceiptFile>;
  /** What {@link check} lets through, and E_NOT_FOUND for what the receipt does not name. */
  open(pluginId: string, build: string, path: string): Promise<OpenedFile>;
}

interface KnownReceipt {
  readonly stamp: string;
  readonly receipt: Receipt;
  readonly files: ReadonlyMap<string, ReceiptFile>;
}

/** Makes it for one store. */
export function createBuildFiles(fileSystem: StoreFileSystem, layout: StoreLayout): BuildFiles {
  const receipts = new Map<string, KnownReceipt>();
  /** Files that were what they should be when they were looked at last. */
  const sound = new Map<string, ReceiptFile>();
  const digests = new Map<string, { readonly stamp: string; readonly sha256: Promise<string> }>();

  async function known(pluginId: string, build: string): Promise<KnownReceipt> {
    const path = receiptPath(folderOf(layout, pluginId, build));
    const stat = await lstat(path, { bigint: true }).catch(() => undefined);
    const stamp = stat === undefined ? '' : stampOf(stat);
    const found = receipts.get(path);
    if (found?.stamp === stamp) return found;
    let receipt: Receipt;
    try {
      receipt = await readReceipt(fileSystem, layout, pluginId, build);
    } catch (error) {
      if (error instanceof PluginError) receipts.delete(path);
      else if (found !== undefined) return found;
      throw error;
    }
    const files = new Map(receipt.files.map((file) => [file.path, file]));
    return remember(receipts, path, { stamp, receipt, files }, maxReceipts);
  }

  async function sha256Of(path: string, stat: BigIntStats, handle: FileHandle): Promise<string> {
    const stamp = stampOf(stat);
    const found = digests.get(path);
    if (found?.stamp === stamp) return found.sha256;
    const sha256 = hashOf(handle);
    remember(digests, path, { stamp, sha256 }, maxDigests);
    sha256.catch(() => digests.delete(path));
    return sha256;
  }

  async function opened(pluginId: string, build: string, path: string): Promise<OpenedHandle> {
    const { receipt, files } = await known(pluginId, build);
    const file = files.get(path);
    const options = { pluginId, details: { build, path: path.slice(0, 300) } } as const;
    if (file === undefined) {
      const message = `no installed build of ${pluginId} has this file`;
      throw new PluginError('E_NOT_FOUND', message, { ...options, phase: 'resolve' });
    }
    const changed = (what: string): PluginError =>
      new PluginError('E_FILES_CHANGED', `${path} of ${pluginId} ${build} ${what}`, { ...options, phase: 'integrity' });
    const place = join(filesFolder(folderOf(layout, pluginId, build)), file.path);
    const real = await realpath(place).catch(asAbsent);
    if (real !== place) throw changed(real === undefined ? 'is missing' : 'is reached through a link');
    const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(asAbsent);
    if (handle === undefined) throw changed('is missing');
    try {
      const stat = await handle.stat({ bigint: true });
      if (!stat.isFile() || stat.size !== BigInt(file.size))
        throw changed(`does not have its ${String(file.size)} bytes`);
      if ((await sha256Of(place, stat, handle)) !== file.sha256) throw changed('was changed after it was installed');
      return { file, receipt, handle };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  return {
    receipt: async (pluginId, build) => (await known(pluginId, build)).receipt,
    async check(pluginId, build, path) {
      const key = `${pluginId} ${build} ${path}`;
      try {
        const { file, handle } = await opened(pluginId, build, path);
        await handle.close();
        return remember(sound, key, file, maxDigests);
      } catch (error) {
        const last = sound.get(key);
        if (error instanceof PluginError) sound.delete(key);
        else if (last !== undefined) return last;
        throw error;
      }
    },
    async open(pluginId, build, path) {
      const { file, receipt, handle } = await opened(pluginId, build, path);
      return { file, receipt, content: handle.createReadStream({ start: 0 }) };
    },
  };
}

interface OpenedHandle {
  readonly file: ReceiptFile;
  readonly receipt: Receipt;
  readonly handle: FileHandle;
}

async function hashOf(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(handle.createReadStream({ start: 0, autoClose: false }), hash);
  return hash.digest('hex');
}

/** The oldest goes when there is too much. */
function remember<V>(held: Map<string, V>, key: string, value: V, max: number): V {
  held.delete(key);
  held.set(key, value);
  for (const oldest of held.keys()) {
    if (held.size <= max) break;
    held.delete(oldest);
  }
  return value;
}
