/** The outcome of something that somebody did. */
export interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'busy' | 'bad';
  readonly title: string;
  readonly message?: string | undefined;
  /** What leads to more of it; closes the toast. */
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
  /** Said by a plugin, or by the dashboard about one: each takes the place of no other. Default: neither. */
  readonly of?: 'plugin' | 'about-plugin' | undefined;
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

/** Some texts are a plugin's, and may be anything. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.length > maxTextLength ? `${value.slice(0, maxTextLength)}…` : value;
}

/** Toasts of the page, for `useSyncExternalStore`. */
export class ToastStore {
  readonly #listeners = new Set<() => void>();
  #toasts: readonly Toast[] = [];
  #lastId = 0;
  /** Grows at each clearing. */
  #era = 0;

  readonly getToasts = (): readonly Toast[] => this.#toasts;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Shows one; returns what closes it. */
  readonly show = (given: Omit<Toast, 'id'>): (() => void) => {
    this.#lastId += 1;
    const id = this.#lastId;
    const toast: Toast = { ...given, id, title: textOf(given.title) ?? '', message: textOf(given.message) };
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
    this.#era += 1;
    this.#set([]);
  };

  #set(toasts: readonly Toast[]): void {
    this.#toasts = toasts;
    for (const listener of [...this.#listeners]) listener();
  }
}
