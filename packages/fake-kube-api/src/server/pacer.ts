/** Lets things through at a limited rate, in order. */
export interface Pacer {
  /** What waits, in bytes. */
  readonly bufferedBytes: number;
  push(bytes: number, run: () => void): void;
  /** Drops what waits. Idempotent. */
  dispose(): void;
}

/** Creates a pacer. Its queue is bounded by who fills it: watches end at their own bound. */
export function createPacer(bytesPerSecond: number): Pacer {
  let queue: { readonly bytes: number; readonly run: () => void }[] = [];
  let bufferedBytes = 0;
  let timer: NodeJS.Timeout | undefined;

  const next = (): void => {
    const [item] = queue;
    if (!item) {
      timer = undefined;
      return;
    }
    timer = setTimeout(
      () => {
        queue.shift();
        bufferedBytes -= item.bytes;
        next();
        item.run();
      },
      (1000 * item.bytes) / bytesPerSecond,
    );
  };

  return {
    get bufferedBytes() {
      return bufferedBytes;
    },
    push(bytes, run) {
      queue.push({ bytes, run });
      bufferedBytes += bytes;
      if (timer === undefined) next();
    },
    dispose() {
      clearTimeout(timer);
      timer = undefined;
      queue = [];
      bufferedBytes = 0;
    },
  };
}
