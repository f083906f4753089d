import { KeyedBuckets } from '../accounts/token-bucket.ts';

/** Entries about one user or one address: all of what goes wrong for a person, two a minute of an attack. */
const byRate = { burst: 20, refillMs: 30_000 };

/** Entries of one organisation, whoever they are about: an attack from many addresses fills the log no faster. */
const organisationRate = { burst: 200, refillMs: 6_000 };

/** Keeps whoever is refused, again and again, from filling the audit log; what goes untold is counted. */
export class RefusalLimits {
  readonly #by: KeyedBuckets;
  readonly #organisations: KeyedBuckets;
  readonly #untold = new Map<string, number>();

  /** `now` is in milliseconds of a monotonic clock. */
  constructor(now: () => number) {
    this.#by = new KeyedBuckets(byRate, now);
    this.#organisations = new KeyedBuckets(organisationRate, now);
  }

  /** Whether the refusal gets an entry of its own; `by` is a user or an address. */
  take(orgId: string, by: string): boolean {
    if (this.#by.take(by) === 0) {
      if (this.#organisations.take(orgId) === 0) return true;
      this.#by.giveBack(by);
    }
    this.#untold.set(orgId, (this.#untold.get(orgId) ?? 0) + 1);
    return false;
  }

  /** How many got none since this was asked before, by organisation. */
  takeUntold(): ReadonlyMap<string, number> {
    const untold = new Map(this.#untold);
    this.#untold.clear();
    return untold;
  }
}
