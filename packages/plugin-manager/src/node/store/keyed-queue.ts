import { PluginError } from '../../protocol/error.ts';

/** Work that goes one after the other under the same key, and side by side under others. */
export interface KeyedQueue {
  /**
   * Runs the work when what came before it under the key has ended, however it ended. Throws a {@link PluginError} with
   * E_LOCKED where too many wait already: the newest is refused. Where `left` resolves before its turn has come, it gives
   * up its place, and the call rejects with E_CANCELLED; `left` must not reject.
   */
  run<T>(key: string, work: () => Promise<T>, left?: Promise<void>): Promise<T>;
}

/** Those that wait under a key, in their order; there is a line while one of them runs. */
type Line = Set<() => void>;

/** Makes a queue; `maxWaiting` counts those under one key, the one that runs too. Default: 100. */
export function createKeyedQueue(maxWaiting = 100): KeyedQueue {
  const lines = new Map<string, Line>();

  function turn(key: string, left: Promise<void> | undefined): Promise<void> | undefined {
    const line = lines.get(key);
    if (line === undefined) {
      lines.set(key, new Set());
      return undefined;
    }
    if (line.size + 1 >= maxWaiting) {
      const message = `${String(maxWaiting)} operations wait for ${key} already: try again later`;
      throw new PluginError('E_LOCKED', message, { phase: 'resolve', details: { maxWaiting } });
    }
    return new Promise((resolve, reject) => {
      line.add(resolve);
      void left?.then(() => {
        if (line.delete(resolve)) reject(new PluginError('E_CANCELLED', `no turn is waited for`, { phase: 'resolve' }));
      });
    });
  }

  function pass(key: string, line: Line | undefined = lines.get(key)): void {
    const [next] = line ?? [];
    if (next === undefined) lines.delete(key);
    else {
      line?.delete(next);
      next();
    }
  }

  return {
    async run(key, work, left) {
      await turn(key, left);
      try {
        return await work();
      } finally {
        pass(key);
      }
    },
  };
}
