import type { Client } from '@fleetwire/websocket-core/client';

/** The newest entries by key, in order of time; for `useSyncExternalStore`. */
export class BoundedLog<T> {
  readonly #keyOf: (entry: T) => string;
  readonly #atOf: (entry: T) => number;
  readonly #maxEntries: number;
  readonly #listeners = new Set<() => void>();
  #entries: readonly T[] = [];

  constructor(keyOf: (entry: T) => string, atOf: (entry: T) => number, maxEntries: number) {
    this.#keyOf = keyOf;
    this.#atOf = atOf;
    this.#maxEntries = maxEntries;
  }

  /** Oldest first; a new array after each change. */
  readonly getEntries = (): readonly T[] => this.#entries;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Adds those that are not there yet; beyond the bound the oldest go. */
  add(entries: readonly T[]): void {
    const known = new Set(this.#entries.map(this.#keyOf));
    const added = entries.filter((entry) => !known.has(this.#keyOf(entry)));
    if (added.length === 0) return;
    this.#entries = [...this.#entries, ...added].sort((a, b) => this.#atOf(a) - this.#atOf(b)).slice(-this.#maxEntries);
    for (const listener of [...this.#listeners]) listener();
  }
}

/** One log of its kind for each client, so that a view finds again what it had when it comes back. */
export function logOfClient<T>(create: () => BoundedLog<T>): (client: Client) => BoundedLog<T> {
  const logs = new WeakMap<Client, BoundedLog<T>>();
  return (client) => {
    const log = logs.get(client) ?? create();
    logs.set(client, log);
    return log;
  };
}
