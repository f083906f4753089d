/** Feeds of one organisation; far more than its pages show at once. */
const maxFeedsPerOrg = 2_000;
/** Feeds that one user opened first; far more than the pages of one person show. */
const maxFeedsPerUser = 500;

/** What the feeds of one organisation, and all, may hold. */
const maxBytesPerOrg = 256 * 1024 * 1024;
const maxBytes = 1024 * 1024 * 1024;

/** One feed as the budget sees it. */
export interface BudgetedFeed {
  readonly orgId: string;
  /** Who opened it, and pays for it until it closes: also while others stay in it after its opener left. */
  readonly userId: string;
  /** What it holds now: its ring, and what is on the way there. */
  readonly heldBytes: number;
}

/** Keeps feeds within their number and their memory. */
export class FeedBudget<F extends BudgetedFeed> {
  /** What each feed held when it was last counted. */
  readonly #accounts = new Map<F, number>();
  readonly #orgs = new Map<string, { feeds: number; bytes: number }>();
  readonly #users = new Map<string, number>();
  #bytes = 0;

  /** Why this user may open no more, or undefined. */
  refusalOf({ orgId, userId }: Omit<BudgetedFeed, 'heldBytes'>): string | undefined {
    if ((this.#users.get(userKey(orgId, userId)) ?? 0) >= maxFeedsPerUser) {
      return `expected at most ${String(maxFeedsPerUser)} different watches of a user`;
    }
    if ((this.#orgs.get(orgId)?.feeds ?? 0) >= maxFeedsPerOrg) {
      return `expected at most ${String(maxFeedsPerOrg)} different watches in an organisation`;
    }
    return undefined;
  }

  add(feed: F): void {
    this.#accounts.set(feed, 0);
    const org = this.#orgs.get(feed.orgId) ?? { feeds: 0, bytes: 0 };
    this.#orgs.set(feed.orgId, { ...org, feeds: org.feeds + 1 });
    const key = userKey(feed.orgId, feed.userId);
    this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
  }

  remove(feed: F): void {
    if (!this.#accounts.has(feed)) return;
    this.#set(feed, 0);
    this.#accounts.delete(feed);
    const org = this.#orgs.get(feed.orgId);
    if (org !== undefined) org.feeds -= 1;
    if (org?.feeds === 0) this.#orgs.delete(feed.orgId);
    const key = userKey(feed.orgId, feed.userId);
    const left = (this.#users.get(key) ?? 1) - 1;
    if (left > 0) this.#users.set(key, left);
    else this.#users.delete(key);
  }

  /**
   * Counts a feed that may hold more than before. Returns the feed that must end for it: the largest of the organisation
   * that has more than its part, or of all.
   */
  count(feed: F): F | undefined {
    if (!this.#accounts.has(feed)) return undefined;
    this.#set(feed, feed.heldBytes);
    if (!this.#isOver(feed.orgId) && !this.#isOver()) return undefined;
    // Nobody ends for what another one holds no more.
    for (const each of this.#accounts.keys()) this.#set(each, each.heldBytes);
    if (this.#isOver(feed.orgId)) return this.#largest(feed.orgId);
    return this.#isOver() ? this.#largest() : undefined;
  }

  #isOver(orgId?: string): boolean {
    return orgId === undefined ? this.#bytes > maxBytes : (this.#orgs.get(orgId)?.bytes ?? 0) > maxBytesPerOrg;
  }

  #set(feed: F, bytes: number): void {
    const more = bytes - (this.#accounts.get(feed) ?? 0);
    this.#accounts.set(feed, bytes);
    this.#bytes += more;
    const org = this.#orgs.get(feed.orgId);
    if (org !== undefined) org.bytes += more;
  }

  #largest(orgId?: string): F | undefined {
    let largest: F | undefined;
    let size = -1;
    for (const [feed, bytes] of this.#accounts) {
      if ((orgId !== undefined && feed.orgId !== orgId) || bytes <= size) continue;
      largest = feed;
      size = bytes;
    }
    return largest;
  }
}

function userKey(orgId: string, userId: string): string {
  return JSON.stringify([orgId, userId]);
}
