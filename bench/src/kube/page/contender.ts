/** What one run is about. `parse` does nothing but `JSON.parse`: no list can be faster. */
export interface RunOptions {
  readonly contender: 'hook' | 'plain' | 'parse';
  readonly pods: number;
  readonly events: number;
}

export interface RunResult {
  readonly eventsPerSecond: number;
  readonly rendersPerSecond: number;
}

/** A list on the page, kept up to date in one of two ways. */
export interface Contender {
  readonly renders: number;
  readonly shownItems: number;
  /** Newest resourceVersion among what is shown. */
  readonly newestShown: string;
  /** One event, as it came off the wire. */
  push(text: string): void;
  until(condition: () => boolean): Promise<void>;
  dispose(): void;
}

/** What a list component reports at each render. */
export class Shown {
  renders = 0;
  items = 0;
  newest = '';
  readonly #waiting: { readonly condition: () => boolean; readonly resolve: () => void }[] = [];

  render(items: number, newest: string): void {
    this.renders += 1;
    this.items = items;
    this.newest = newest;
    for (const each of this.#waiting.slice()) {
      if (!each.condition()) continue;
      this.#waiting.splice(this.#waiting.indexOf(each), 1);
      each.resolve();
    }
  }

  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ condition, resolve });
    });
  }
}
