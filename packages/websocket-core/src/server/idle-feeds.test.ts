import { describe, expect, it } from 'vitest';
import { IdleFeeds } from './idle-feeds.ts';

function keep(maxPerScope: number, max: number): { idle: IdleFeeds<string>; dropped: string[] } {
  const dropped: string[] = [];
  const idle: IdleFeeds<string> = new IdleFeeds<string>({ maxPerScope, max }, (thing) => {
    dropped.push(thing);
    idle.remove(thing.slice(0, 1), thing);
  });
  return { idle, dropped };
}

describe('IdleFeeds', () => {
  it('[F8] drops what was left long enough ago, and nothing that came back', () => {
    const { idle, dropped } = keep(10, 10);
    idle.add('a', 'a1', 100);
    idle.add('b', 'b1', 200);
    idle.add('a', 'a2', 300);
    idle.remove('a', 'a1');
    idle.sweep(250);
    expect(dropped).toEqual(['b1']);
    idle.sweep(300);
    expect(dropped).toEqual(['b1', 'a2']);
  });

  it('takes from a scope at its own bound, and from the largest at the bound of all', () => {
    const { idle, dropped } = keep(3, 5);
    for (const thing of ['b1', 'b2']) idle.add('b', thing, 1);
    for (const thing of ['a1', 'a2', 'a3', 'a4', 'a5']) idle.add('a', thing, 2);
    expect(dropped).toEqual(['a1', 'a2']);
    idle.add('c', 'c1', 3);
    expect(dropped).toEqual(['a1', 'a2', 'a3']);
  });
});
