import type { TextStorage } from '../stored-values.ts';

/** The outcome of something that somebody did. */
export interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'busy' | 'bad';
  readonly title: string;
  readonly message?: string | undefined;
  /** What leads to more of it; closes the toast. */
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
  /**
   * Said by a plugin, or by the dashboard about one: each takes the place of no other. What is said about a plugin, in the
   * same words, is said once in a tab, reloads included, for the same `once`. Default: neither.
   */
  readonly of?: 'plugin' | 'about-plugin' | undefined;
  /** What the words are about, where the same may be said of something else, or again after {@link ToastStore.forget}. */
  readonly once?: string | undefined;
  /** Default: 6 s for a success, never for anything else. */
  readonly goneAfterMs?: number | undefined;
}

/** The newest push out the oldest of their own kind, failures last of all. */
const maxToasts = 4;
/** Places that plugins have, and that what is said about them has, beside those. */
const maxPluginToasts = 2;

/** Long enough to read two lines. What failed stays until it is closed. */
const goodGoneAfterMs = 6_000;

/** More of a text is of no use in a corner of the page. */
const maxTextLength = 600;

/** Key of what was said about plugins, in the storage of the tab. */
const toldKey = 'fleetwire.told-of-plugins';
/** Of more, the oldest may be told again. */
const maxTold = 50;

/** Some texts are a plugin's, and may be anything. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.length > maxTextLength ? `${value.slice(0, maxTextLength)}…` : value;
}

/** Toasts of the page, for `useSyncExternalStore`. */
export class ToastStore {
  readonly #listeners = new Set<() => void>();
  readonly #findStorage: () => TextStorage;
  #toasts: readonly Toast[] = [];
  #lastId = 0;
  /** Grows at each clearing. */
  #era = 0;

  /** `findStorage` gives what lives as long as the tab; it may throw, as a browser does that forbids storage. */
  constructor(findStorage: () => TextStorage) {
    this.#findStorage = findStorage;
  }

  readonly getToasts = (): readonly Toast[] => this.#toasts;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Shows one, unless it was said before and is said once; returns what closes it. */
  readonly show = (given: Omit<Toast, 'id'>): (() => void) => {
    this.#lastId += 1;
    const id = this.#lastId;
    const toast: Toast = { ...given, id, title: textOf(given.title) ?? '', message: textOf(given.message) };
    if (toast.of === 'about-plugin' && this.#wasTold(toast)) return () => undefined;
    const shown = [...this.#toasts, toast];
    const peers = shown.filter((each) => each.of === given.of);
    const surplus = peers.find(({ tone }) => tone !== 'bad') ?? peers[0];
    const isFull = peers.length > (given.of === undefined ? maxToasts : maxPluginToasts);
    this.#set(isFull ? shown.filter((each) => each !== surplus) : shown);
    const close = (): void => {
      this.close(id);
    };
    const { goneAfterMs = toast.tone === 'good' ? goodGoneAfterMs : undefined } = given;
    if (goneAfterMs !== undefined) setTimeout(close, goneAfterMs);
    return close;
  };

  readonly close = (id: number): void => {
    if (this.#toasts.some((toast) => toast.id === id)) this.#set(this.#toasts.filter((toast) => toast.id !== id));
  };

  /** A way to show toasts until all are cleared, each with what closes it; afterwards it shows nothing. */
  readonly untilCleared = (): ((toast: Omit<Toast, 'id'>) => () => void) => {
    const era = this.#era;
    return (toast) => (era === this.#era ? this.show(toast) : () => undefined);
  };

  readonly clear = (): void => {
    // The first who signs in to a page may be who was signed in before its reload.
    if (this.#era > 0) this.#writeTold([]);
    this.#era += 1;
    this.#set([]);
  };

  /** What was said with this `once` may be said again. */
  readonly forget = (once: string): void => {
    const told = this.#readTold();
    const left = told.filter((each) => !(Array.isArray(each) && each[0] === once));
    if (left.length < told.length) this.#writeTold(left);
  };

  /** Whether it was said in this tab; from now on it was. */
  #wasTold({ once = '', title, message = '' }: Pick<Toast, 'once' | 'title' | 'message'>): boolean {
    const told = this.#readTold();
    const words = [once, title, message];
    if (told.some((each) => JSON.stringify(each) === JSON.stringify(words))) return true;
    this.#writeTold([...told, words].slice(-maxTold));
    return false;
  }

  #readTold(): readonly unknown[] {
    try {
      const told: unknown = JSON.parse(this.#findStorage().getItem(toldKey) ?? '[]');
      return Array.isArray(told) ? told : [];
    } catch {
      return [];
    }
  }

  #writeTold(told: readonly unknown[]): void {
    try {
      this.#findStorage().setItem(toldKey, JSON.stringify(told));
    } catch {
      // Each load of the page tells it again then.
    }
  }

  #set(toasts: readonly Toast[]): void {
    this.#toasts = toasts;
    for (const listener of [...this.#listeners]) listener();
  }
}
