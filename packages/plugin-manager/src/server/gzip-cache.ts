import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A larger file is sent as it is: to compress it for each stranger that asks would cost more than it saves. */
export const maxGzipSource = 1_048_576;
/** Of all that is kept. */
export const maxGzipBytes = 33_554_432;

const compress = promisify(gzip);

/** Compressed forms of files, each made once while it is kept. */
export interface GzipCache {
  /** Of the content with this digest; `read` is asked where it is not there. Rejects as `read` does. */
  get(sha256: string, read: () => Promise<Uint8Array>): Promise<Uint8Array>;
}

/** Makes a cache; those that were asked for longest ago go first. */
export function createGzipCache(maxBytes: number = maxGzipBytes): GzipCache {
  const kept = new Map<string, Promise<Uint8Array>>();
  const sizes = new Map<string, number>();
  let total = 0;

  function forget(sha256: string): void {
    total -= sizes.get(sha256) ?? 0;
    sizes.delete(sha256);
    kept.delete(sha256);
  }

  async function make(sha256: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      const compressed = await compress(await read());
      sizes.set(sha256, compressed.length);
      total += compressed.length;
      for (const oldest of [...kept.keys()]) {
        if (total <= maxBytes) break;
        if (sizes.has(oldest)) forget(oldest);
      }
      return compressed;
    } catch (error) {
      forget(sha256);
      throw error;
    }
  }

  return {
    get(sha256, read) {
      const found = kept.get(sha256) ?? make(sha256, read);
      // Last: it goes last.
      kept.delete(sha256);
      kept.set(sha256, found);
      return found;
    },
  };
}
