import { describe, expect, it, vi } from 'vitest';
import type { Connection } from './connection.ts';
import type { Feed } from './feed.ts';
import { FlushScheduler } from './flush-scheduler.ts';

describe('FlushScheduler', () => {
  it('a connection that fails costs no other its turn, and can be woken again', async () => {
    const failed: unknown[] = [];
    const scheduler = new FlushScheduler(vi.fn(), (connection) => failed.push(connection));
    const pumped: string[] = [];
    const connection = (name: string, pump: () => void = () => undefined): Connection =>
      ({
        dirty: false,
        laneReady: (cursor: { ready: boolean }) => {
          if (name === 'lane') throw new Error('boom');
          cursor.ready = true;
        },
        pump: () => {
          pumped.push(name);
          pump();
        },
      }) as unknown as Connection;
    const broken = connection('broken', () => {
      throw new Error('boom');
    });
    const lane = connection('lane');
    const cursors = [lane, connection('fine')].map((owner) => ({ ready: false, active: true, connection: owner }));
    const feed = { dirty: false, cursors: new Set(cursors) } as unknown as Feed;
    const turn = (): Promise<void> =>
      new Promise((resolve) => {
        setImmediate(resolve);
      });

    scheduler.wakeFeed(feed);
    for (const each of [connection('first'), broken, connection('last')]) scheduler.wakeConnection(each);
    await turn();
    expect(pumped).toEqual(['first', 'broken', 'last']);
    expect(failed).toEqual([lane, broken]);
    expect(cursors.map(({ ready }) => ready)).toEqual([false, true]);
    expect([feed.dirty, broken.dirty]).toEqual([false, false]);

    scheduler.wakeConnection(broken);
    await turn();
    expect(pumped.at(-1)).toBe('broken');
  });
});
