/** Where values are kept; `localStorage` fits. */
export type TextStorage = Pick<Storage, 'getItem' | 'setItem'>;

/**
 * What a browser remembers, as JSON, with the values that were read or written, so that each read gives the same
 * reference. `findStorage` may throw, as a browser does that forbids storage, and so may what it gives; what is written
 * then lives until it is forgotten.
 */
export class StoredValues {
  readonly #findStorage: () => TextStorage;
  readonly #values = new Map<string, readonly [text: string | null, value: unknown]>();
  readonly #listeners = new Set<() => void>();

  constructor(findStorage: () => TextStorage) {
    this.#findStorage = findStorage;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** `parse` makes sense of what is stored, or of undefined. */
  read<T>(key: string, parse: (json: unknown) => T): T {
    const text = this.#readText(key);
    const known = this.#values.get(key);
    if (known?.[0] === text) return known[1] as T;
    let json: unknown;
    try {
      json = text === null ? undefined : JSON.parse(text);
    } catch {
      json = undefined;
    }
    const value = parse(json);
    this.#values.set(key, [text, value]);
    return value;
  }

  write(key: string, value: unknown): void {
    const text = JSON.stringify(value);
    this.#values.set(key, [text, value]);
    try {
      this.#findStorage().setItem(key, text);
    } catch {
      // It is remembered by this page alone.
    }
    for (const listener of [...this.#listeners]) listener();
  }

  /**
   * Keeps nothing in memory of what was read and written; what the browser has stays there. Listeners are not told: they
   * would read what is to be forgotten.
   */
  forget(): void {
    this.#values.clear();
  }

  #readText(key: string): string | null {
    try {
      return this.#findStorage().getItem(key);
    } catch {
      return this.#values.get(key)?.[0] ?? null;
    }
  }
}
