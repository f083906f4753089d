import { describe, expect, it } from 'vitest';
import { FeedBudget } from './feed-budget.ts';

const mib = 1024 * 1024;
interface Held {
  readonly orgId: string;
  readonly userId: string;
  heldBytes: number;
}

const feedOf = (orgId: string, userId = 'ada', heldBytes = 0): Held => ({ orgId, userId, heldBytes });

describe('the budget of feeds', () => {
  it('[G11] bounds those that one user opens, and leaves the others theirs', () => {
    const budget = new FeedBudget<Held>();
    const feeds = Array.from({ length: 500 }, () => feedOf('acme'));
    for (const feed of feeds) {
      expect(budget.refusalOf(feed)).toBeUndefined();
      budget.add(feed);
    }
    expect(budget.refusalOf(feedOf('acme'))).toMatch(/at most 500 different watches of a user/);
    expect(budget.refusalOf(feedOf('acme', 'bob'))).toBeUndefined();
    expect(budget.refusalOf(feedOf('other'))).toBeUndefined();
    budget.remove(feeds[0] as Held);
    budget.remove(feeds[0] as Held);
    expect(budget.refusalOf(feedOf('acme'))).toBeUndefined();
  });

  it('[G11] bounds those of an organisation', () => {
    const budget = new FeedBudget<Held>();
    for (let index = 0; index < 2_000; index += 1) budget.add(feedOf('acme', `user-${String(index % 10)}`));
    expect(budget.refusalOf(feedOf('acme', 'new'))).toMatch(/in an organisation/);
    expect(budget.refusalOf(feedOf('other', 'new'))).toBeUndefined();
  });

  it('[G11] ends the largest feed of an organisation that holds more than its part', () => {
    const budget = new FeedBudget<Held>();
    const large = feedOf('acme', 'ada', 4 * mib);
    const other = feedOf('other', 'ada', 9 * mib);
    for (const feed of [large, other]) {
      budget.add(feed);
      expect(budget.count(feed)).toBeUndefined();
    }
    const ended = Array.from({ length: 130 }, () => feedOf('acme', 'ada', 2 * mib)).flatMap((feed) => {
      budget.add(feed);
      const over = budget.count(feed);
      if (over !== undefined) budget.remove(over);
      return over ?? [];
    });
    // 4 MiB and 126 times 2 MiB are 256 MiB; the next one is too much.
    expect(ended[0]).toBe(large);
    expect(ended).not.toContain(other);
    expect(ended.length).toBe(3);
  });

  it('[G11] ends the largest of all when all hold too much', () => {
    const budget = new FeedBudget<Held>();
    const feeds = Array.from({ length: 9 }, (_, index) => feedOf(`org-${String(index)}`, 'ada', (120 + index) * mib));
    for (const feed of feeds) budget.add(feed);
    expect(feeds.map((feed) => budget.count(feed)).filter(Boolean)).toEqual([feeds.at(-1)]);
  });

  it('[G11] ends nobody for what is held no more, however often it was published', () => {
    const budget = new FeedBudget<Held>();
    const feeds = Array.from({ length: 70 }, (_, index) => feedOf('acme', `user-${String(index % 3)}`));
    for (const feed of feeds) budget.add(feed);
    for (let round = 0; round < 1_000; round += 1) {
      for (const feed of feeds) {
        feed.heldBytes = 320 * 1024;
        expect(budget.count(feed)).toBeUndefined();
      }
    }
    const [first, ...others] = feeds as [Held, ...Held[]];
    first.heldBytes = 250 * mib;
    expect(budget.count(first)).toBe(first);
    first.heldBytes = 0;
    expect(others.map((feed) => budget.count(feed)).filter(Boolean)).toEqual([]);
  });
});
