import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Listing, ReaderWorkerData } from './reader-worker.ts';

/** What a reader made of an archive; `hung`: nothing within its time. */
export type Reading =
  { readonly kind: 'listed'; readonly listing: Listing } | { readonly kind: 'refused' } | { readonly kind: 'hung' };

/** A reader in a thread of its own, so that one that turns in a loop can be stopped. */
export interface ReaderThread {
  read(archive: Uint8Array): Promise<Reading>;
  dispose(): Promise<void>;
}

/** Makes a reader. One that has not answered after `limitMs` is stopped, and begun again for the next archive. */
export function createReaderThread(data: ReaderWorkerData, limitMs: number): ReaderThread {
  const start = (): Worker => new Worker(new URL('reader-worker.ts', import.meta.url), { workerData: data });
  let worker: Worker | undefined;

  return {
    async read(archive) {
      worker ??= start();
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), limitMs);
      try {
        worker.postMessage(archive);
        const [answer] = (await once(worker, 'message', { signal: limit.signal })) as [
          { readonly listing?: Listing; readonly failure?: string },
        ];
        if (answer.failure !== undefined) throw new Error(`${data.reader}: ${answer.failure}`);
        return answer.listing === undefined ? { kind: 'refused' } : { kind: 'listed', listing: answer.listing };
      } catch (error) {
        if (!limit.signal.aborted) throw error;
        await worker.terminate();
        worker = undefined;
        return { kind: 'hung' };
      } finally {
        clearTimeout(timer);
      }
    },
    async dispose() {
      await worker?.terminate();
      worker = undefined;
    },
  };
}
