/** Private watches of one cluster at a time, whose events are held whole, and those of one user among them. */
const maxPlaces = 16;
const maxPlacesPerUser = 4;
/** Who waits beyond that is told to list again at once. */
const maxWaiting = 256;
const maxWaitingPerUser = 32;

interface Waiting {
  readonly user: string;
  readonly give: (undo: (() => void) | undefined) => void;
}

/** Places for the private watches of one cluster, so that one user leaves the others theirs. */
export class CatchUpPlaces {
  readonly #taken = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  #count = 0;

  /** Takes a place as soon as there is one; resolves to its undo, or to undefined when there is none in time. */
  take(user: string, timeoutMs: number, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    if (this.#isFreeFor(user)) return Promise.resolve(this.#take(user));
    const own = [...this.#waiting].filter((waiting) => waiting.user === user).length;
    if (this.#waiting.size >= maxWaiting || own >= maxWaitingPerUser) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiting: Waiting = {
        user,
        give: (undo) => {
          this.#waiting.delete(waiting);
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          resolve(undo);
        },
      };
      const giveUp = (): void => {
        waiting.give(undefined);
      };
      const timer = setTimeout(giveUp, timeoutMs);
      signal.addEventListener('abort', giveUp);
      this.#waiting.add(waiting);
    });
  }

  #isFreeFor(user: string): boolean {
    return this.#count < maxPlaces && (this.#taken.get(user) ?? 0) < maxPlacesPerUser;
  }

  #take(user: string): () => void {
    this.#count += 1;
    this.#taken.set(user, (this.#taken.get(user) ?? 0) + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#count -= 1;
      const left = (this.#taken.get(user) ?? 1) - 1;
      if (left > 0) this.#taken.set(user, left);
      else this.#taken.delete(user);
      this.#giveNext();
    };
  }

  /** The one that has waited longest of those whose user has fewer than its part. */
  #giveNext(): void {
    for (const waiting of this.#waiting) {
      if (!this.#isFreeFor(waiting.user)) continue;
      waiting.give(this.#take(waiting.user));
      return;
    }
  }
}
