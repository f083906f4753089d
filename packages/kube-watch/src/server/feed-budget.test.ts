import { describe, expect, it } from 'vitest';
import { FeedBudget, type BudgetedFeed } from './feed-budget.ts';

const mib = 1024 * 1024;
const feedOf = (orgId: string, userId = 'ada'): BudgetedFeed => ({ orgId, userId });

describe('the budget of feeds', () => {
  it('[G11] bounds those that one user opens, and leaves the others theirs', () => {
    const budget = new FeedBudget();
    const feeds = Array.from({ length: 500 }, () => feedOf('acme'));
    for (const feed of feeds) {
      expect(budget.refusalOf(feed)).toBeUndefined();
      budget.add(feed);
    }
    expect(budget.refusalOf(feedOf('acme'))).toMatch(/at most 500 different watches of a user/);
    expect(budget.refusalOf(feedOf('acme', 'bob'))).toBeUndefined();
    expect(budget.refusalOf(feedOf('other'))).toBeUndefined();
    budget.remove(feeds[0] as BudgetedFeed);
    budget.remove(feeds[0] as BudgetedFeed);
    expect(budget.refusalOf(feedOf('acme'))).toBeUndefined();
  });

  it('[G11] bounds those of an organisation', () => {
    const budget = new FeedBudget();
    for (let index = 0; index < 2_000; index += 1) budget.add(feedOf('acme', `user-${String(index % 10)}`));
    expect(budget.refusalOf(feedOf('acme', 'new'))).toMatch(/in an organisation/);
    expect(budget.refusalOf(feedOf('other', 'new'))).toBeUndefined();
  });

  it('[G11] ends the largest feed of an organisation that holds more than its part', () => {
    const budget = new FeedBudget();
    const large = feedOf('acme');
    const other = feedOf('other');
    for (const feed of [large, other]) {
      budget.add(feed);
      expect(budget.published(feed, 9 * mib, 0)).toBeUndefined();
    }
    const small = Array.from({ length: 130 }, () => feedOf('acme'));
    const ended = small.flatMap((feed) => {
      budget.add(feed);
      const over = budget.published(feed, 2 * mib, 1_000);
      if (over !== undefined) budget.remove(over);
      return over ?? [];
    });
    // 4 MiB, as much as a ring holds, and 126 times 2 MiB are 256 MiB; the next one is too much.
    expect(ended[0]).toBe(large);
    expect(ended).not.toContain(other);
    expect(ended.length).toBe(3);
  });

  it('[G11] forgets what rings have forgotten with time', () => {
    const budget = new FeedBudget();
    for (let index = 0; index < 64; index += 1) {
      const feed = feedOf('acme');
      budget.add(feed);
      expect(budget.published(feed, 4 * mib, 0)).toBeUndefined();
    }
    const late = feedOf('acme');
    budget.add(late);
    expect(budget.published(late, 4 * mib, 700_000)).toBeUndefined();
  });
});
