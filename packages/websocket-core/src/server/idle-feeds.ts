/** Bounds of what is kept for those who may come back. */
export interface IdleBounds {
  readonly maxPerScope: number;
  readonly max: number;
}

/**
 * Things without users, since when, by scope. At its bound a scope loses its own longest unused, at the bound of all the
 * scope that holds the most does, so that one organisation cannot push out what is kept for another.
 */
export class IdleFeeds<T> {
  readonly #bounds: IdleBounds;
  readonly #drop: (thing: T) => void;
  /** In the order in which they were left. */
  readonly #scopes = new Map<string, Map<T, number>>();
  #size = 0;

  constructor(bounds: IdleBounds, drop: (thing: T) => void) {
    this.#bounds = bounds;
    this.#drop = drop;
  }

  /** `leftAtMs` lies in the past for what is to be kept for a shorter time. */
  add(scope: string, thing: T, leftAtMs: number): void {
    this.remove(scope, thing);
    const idle = this.#scopes.get(scope) ?? new Map<T, number>();
    this.#scopes.set(scope, idle);
    idle.set(thing, leftAtMs);
    this.#size += 1;
    if (idle.size > this.#bounds.maxPerScope) this.#dropOldest(idle);
    else if (this.#size > this.#bounds.max) this.#dropOldest(this.#largest());
  }

  #largest(): ReadonlyMap<T, number> {
    let largest: ReadonlyMap<T, number> = new Map();
    for (const idle of this.#scopes.values()) if (idle.size > largest.size) largest = idle;
    return largest;
  }

  #dropOldest(idle: ReadonlyMap<T, number>): void {
    for (const oldest of idle.keys()) {
      this.#drop(oldest);
      break;
    }
  }

  remove(scope: string, thing: T): void {
    const idle = this.#scopes.get(scope);
    if (idle?.delete(thing) !== true) return;
    this.#size -= 1;
    if (idle.size === 0) this.#scopes.delete(scope);
  }

  /** Drops what was left at `leftBeforeMs` or earlier. */
  sweep(leftBeforeMs: number): void {
    for (const idle of this.#scopes.values()) {
      for (const [thing, leftAtMs] of idle) {
        if (leftAtMs <= leftBeforeMs) this.#drop(thing);
      }
    }
  }
}
