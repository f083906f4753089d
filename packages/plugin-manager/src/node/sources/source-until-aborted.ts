import type { PluginSource } from './plugin-source.ts';

/** The same source, whose methods reject with the reason of their signal as soon as it is aborted, whatever it does then. */
export function sourceUntilAborted(source: PluginSource): PluginSource {
  return {
    name: source.name,
    search: (options) => untilAborted(options.signal, () => source.search(options)),
    describe: (ref, signal) => untilAborted(signal, () => source.describe(ref, signal)),
    release: (ref, version, signal) => untilAborted(signal, () => source.release(ref, version, signal)),
    snapshot: () => sourceUntilAborted(source.snapshot?.() ?? source),
  };
}

async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort!: () => void;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([
      work(),
      aborted.then((): never => {
        throw signal.reason;
      }),
    ]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
