import { addressBlockOf } from '@fleetwire/websocket-core/server';
import { ipv6BlockOf } from '../http/address-blocks.ts';
import { KeyedBuckets } from './token-bucket.ts';

/** Failures of one address: a person mistypes a few times, a guesser gets six a minute. */
const addressRate = { burst: 10, refillMs: 10_000 };

/**
 * Failures of one IPv6 /48 together, the most that a site gets (RFC 6177): 65536 networks, each of which would have the
 * rate above. As many as of five addresses, since a provider may give one /48 to several customers.
 */
const siteRate = { burst: 50, refillMs: 2_000 };
const siteBits = 48;

/**
 * Failures for one name from wherever they come: many addresses together get ten a minute in the long run, fifteen
 * thousand passwords a day. Addresses from which this name has signed in before do not count and are not refused, so that
 * guessing locks nobody out of where they work.
 */
const nameRate = { burst: 100, refillMs: 6_000 };

/** Pairs of name and address that are remembered; the oldest go first. */
const maxKnown = 10_000;

/** How many guesses at passwords may be made. Addresses of one IPv6 /64 count as one: a customer has that many (RFC 6177). */
export class SignInLimits {
  readonly #addresses: KeyedBuckets;
  readonly #sites: KeyedBuckets;
  readonly #names: KeyedBuckets;
  readonly #known = new Set<string>();

  /** `now` is in milliseconds of a monotonic clock. */
  constructor(now: () => number) {
    this.#addresses = new KeyedBuckets(addressRate, now);
    this.#sites = new KeyedBuckets(siteRate, now);
    this.#names = new KeyedBuckets(nameRate, now);
  }

  /** Counts a try as failed beforehand, so that guesses side by side count too. Returns 0, or the milliseconds to wait. */
  take(username: string, address: string): number {
    const taken: Count[] = [];
    for (const count of this.#countsOf(username, address)) {
      const waitMs = count.buckets.take(count.key);
      if (waitMs === 0) taken.push(count);
      else {
        for (const { buckets, key } of taken) buckets.giveBack(key);
        return waitMs;
      }
    }
    return 0;
  }

  /** Whether this name has not signed in from this address before. */
  isStranger(username: string, address: string): boolean {
    return !this.#known.has(pairOf(username, addressBlockOf(address)));
  }

  /** The try was no failure: it was not looked at, or the password was right. */
  giveBack(username: string, address: string): void {
    for (const { buckets, key } of this.#countsOf(username, address)) buckets.giveBack(key);
  }

  /** The password was right. */
  succeeded(username: string, address: string): void {
    this.giveBack(username, address);
    const pair = pairOf(username, addressBlockOf(address));
    this.#known.delete(pair);
    this.#known.add(pair);
    for (const oldest of this.#known) {
      if (this.#known.size <= maxKnown) break;
      this.#known.delete(oldest);
    }
  }

  /** What a try counts for. */
  #countsOf(username: string, address: string): readonly Count[] {
    const own = { buckets: this.#addresses, key: addressBlockOf(address) };
    if (!this.isStranger(username, address)) return [own];
    const site = ipv6BlockOf(address, siteBits);
    const ofSite = site === undefined ? [] : [{ buckets: this.#sites, key: site }];
    return [own, ...ofSite, { buckets: this.#names, key: username }];
  }
}

interface Count {
  readonly buckets: KeyedBuckets;
  readonly key: string;
}

function pairOf(username: string, block: string): string {
  return `${block} ${username}`;
}
