/** Feeds of one organisation; far more than its pages show at once. */
const maxFeedsPerOrg = 2_000;
/** Feeds that one user opened first; far more than the pages of one person show. */
const maxFeedsPerUser = 500;

/** A feed's ring holds at most so much, for so long (websocket-core, `recoverable`). */
const maxRingBytes = 4 * 1024 * 1024;
const ringMs = 600_000;

/** What the rings of one organisation, and of all, may hold. */
const maxBytesPerOrg = 256 * 1024 * 1024;
const maxBytes = 1024 * 1024 * 1024;

/** One feed as the budget sees it. */
export interface BudgetedFeed {
  readonly orgId: string;
  /** Who opened it, and pays for it until it closes: also while others stay in it after its opener left. */
  readonly userId: string;
}

interface Account {
  bytes: number;
  lastAtMs: number;
}

/** Keeps feeds within their number and their memory; what a ring holds is reckoned from what was published to it. */
export class FeedBudget<F extends BudgetedFeed> {
  readonly #accounts = new Map<F, Account>();
  readonly #orgs = new Map<string, { feeds: number; bytes: number }>();
  readonly #users = new Map<string, number>();
  #bytes = 0;

  /** Why this user may open no more, or undefined. */
  refusalOf({ orgId, userId }: BudgetedFeed): string | undefined {
    if ((this.#users.get(userKey({ orgId, userId })) ?? 0) >= maxFeedsPerUser) {
      return `expected at most ${String(maxFeedsPerUser)} different watches of a user`;
    }
    if ((this.#orgs.get(orgId)?.feeds ?? 0) >= maxFeedsPerOrg) {
      return `expected at most ${String(maxFeedsPerOrg)} different watches in an organisation`;
    }
    return undefined;
  }

  add(feed: F): void {
    this.#accounts.set(feed, { bytes: 0, lastAtMs: 0 });
    const org = this.#orgs.get(feed.orgId) ?? { feeds: 0, bytes: 0 };
    this.#orgs.set(feed.orgId, { ...org, feeds: org.feeds + 1 });
    const key = userKey(feed);
    this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
  }

  remove(feed: F): void {
    const account = this.#accounts.get(feed);
    if (account === undefined) return;
    this.#take(feed, account, -account.bytes);
    this.#accounts.delete(feed);
    const org = this.#orgs.get(feed.orgId);
    if (org !== undefined) org.feeds -= 1;
    if (org?.feeds === 0) this.#orgs.delete(feed.orgId);
    const key = userKey(feed);
    const left = (this.#users.get(key) ?? 1) - 1;
    if (left > 0) this.#users.set(key, left);
    else this.#users.delete(key);
  }

  /**
   * Counts a publication. Returns the feed that must end for it: the largest of the organisation that has more than its
   * part, or of all.
   */
  published(feed: F, bytes: number, atMs: number): F | undefined {
    const account = this.#accounts.get(feed);
    if (account === undefined) return undefined;
    const isOld = atMs - account.lastAtMs > ringMs;
    account.lastAtMs = atMs;
    const next = Math.min(maxRingBytes, (isOld ? 0 : account.bytes) + bytes);
    this.#take(feed, account, next - account.bytes);
    const isOrgOver = (this.#orgs.get(feed.orgId)?.bytes ?? 0) > maxBytesPerOrg;
    if (!isOrgOver && this.#bytes <= maxBytes) return undefined;
    this.#forgetOld(atMs);
    if ((this.#orgs.get(feed.orgId)?.bytes ?? 0) > maxBytesPerOrg) return this.#largest(feed.orgId);
    return this.#bytes > maxBytes ? this.#largest() : undefined;
  }

  #take(feed: F, account: Account, bytes: number): void {
    account.bytes += bytes;
    this.#bytes += bytes;
    const org = this.#orgs.get(feed.orgId);
    if (org !== undefined) org.bytes += bytes;
  }

  /** Rings empty themselves with time. */
  #forgetOld(atMs: number): void {
    for (const [feed, account] of this.#accounts) {
      if (atMs - account.lastAtMs > ringMs) this.#take(feed, account, -account.bytes);
    }
  }

  #largest(orgId?: string): F | undefined {
    let largest: F | undefined;
    let size = -1;
    for (const [feed, { bytes }] of this.#accounts) {
      if ((orgId !== undefined && feed.orgId !== orgId) || bytes <= size) continue;
      largest = feed;
      size = bytes;
    }
    return largest;
  }
}

function userKey({ orgId, userId }: BudgetedFeed): string {
  return JSON.stringify([orgId, userId]);
}
