import { PluginError } from '../../protocol/error.ts';

/** Work that goes one after the other under the same key, and side by side under others. */
export interface KeyedQueue {
  /**
   * Runs the work when what came before it under the key has ended, however it ended. Throws a {@link PluginError} with
   * E_LOCKED where too many wait already: the newest is refused.
   */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** Makes a queue; `maxWaiting` counts those under one key, the one that runs too. Default: 100. */
export function createKeyedQueue(maxWaiting = 100): KeyedQueue {
  const tails = new Map<string, { readonly done: Promise<void>; readonly waiting: number }>();
  return {
    async run(key, work) {
      const { done, waiting } = tails.get(key) ?? { done: Promise.resolve(), waiting: 0 };
      if (waiting >= maxWaiting) {
        const message = `${String(maxWaiting)} operations wait for ${key} already: try again later`;
        throw new PluginError('E_LOCKED', message, { phase: 'resolve', details: { maxWaiting } });
      }
      let resolve = (): void => undefined;
      const promise = new Promise<void>((settle) => (resolve = settle));
      tails.set(key, { done: promise, waiting: waiting + 1 });
      await done;
      try {
        return await work();
      } finally {
        const last = tails.get(key);
        if (last?.done === promise) tails.delete(key);
        else if (last) tails.set(key, { ...last, waiting: last.waiting - 1 });
        resolve();
      }
    },
  };
}
