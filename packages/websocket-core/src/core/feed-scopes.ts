import type { MemoryFeed } from './memory-feed.ts';

/** What one scope holds in a memory broker. */
export class FeedScope {
  readonly key: string;
  /** Feeds that hold nothing but their history, the one that was unused longest first. */
  readonly idle = new Set<MemoryFeed>();
  /** Feeds that were published to. */
  kept = 0;
  /** Feeds that are only listened to. */
  blank = 0;

  constructor(key: string) {
    this.key = key;
  }
}

/** The scopes of a memory broker; knows which one keeps the most feeds without looking at all of them. */
export class FeedScopes {
  readonly #scopes = new Map<string, FeedScope>();
  /** Scopes by the number of feeds that they keep. */
  readonly #byKept = new Map<number, Set<FeedScope>>();
  #most = 0;

  get size(): number {
    return this.#scopes.size;
  }

  /** One of those that keep the most feeds; undefined while nobody keeps any. */
  get largest(): FeedScope | undefined {
    return this.#byKept.get(this.#most)?.values().next().value;
  }

  /** The scope of this key. One that holds nothing is not remembered. */
  get(key: string): FeedScope {
    return this.#scopes.get(key) ?? new FeedScope(key);
  }

  addBlank(scope: FeedScope, change: 1 | -1): void {
    scope.blank += change;
    this.#remember(scope);
  }

  addKept(scope: FeedScope, change: 1 | -1): void {
    const from = this.#byKept.get(scope.kept);
    from?.delete(scope);
    if (from?.size === 0) this.#byKept.delete(scope.kept);
    // Counts move by one, so the next largest is found by one step.
    if (scope.kept === this.#most && !this.#byKept.has(this.#most)) this.#most = scope.kept + change;
    scope.kept += change;
    this.#most = Math.max(this.#most, scope.kept);
    if (scope.kept > 0) {
      const to = this.#byKept.get(scope.kept);
      if (to === undefined) this.#byKept.set(scope.kept, new Set([scope]));
      else to.add(scope);
    }
    this.#remember(scope);
  }

  clear(): void {
    this.#scopes.clear();
    this.#byKept.clear();
    this.#most = 0;
  }

  #remember(scope: FeedScope): void {
    if (scope.kept === 0 && scope.blank === 0) this.#scopes.delete(scope.key);
    else this.#scopes.set(scope.key, scope);
  }
}
