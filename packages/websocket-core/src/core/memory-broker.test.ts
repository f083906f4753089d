import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokerCases } from '../testing/broker-suite.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryBroker, type MemoryBrokerOptions } from './memory-broker.ts';

describe('the conformance suite', () => {
  it.each(brokerCases)('$title', async ({ run }) => {
    await run(({ maxEntries }) => createMemoryBroker({ maxEntries, random: Math.random }));
  });
});

function createBroker(options: Partial<MemoryBrokerOptions> = {}) {
  const clock = createManualClock();
  return { clock, broker: createMemoryBroker({ clock, random: () => 0.5, ...options }) };
}

const epochOf = (position: string) => position.split(':')[0];

describe('memory', () => {
  it('[F4] keeps 1,000 entries for 10 minutes by default', async () => {
    const { broker, clock } = createBroker();
    const positions: string[] = [];
    for (let index = 0; index < 1_002; index += 1) positions.push(await broker.publish('f', String(index)));
    expect(await broker.history('f', positions[0], 2_000)).toMatchObject({ kind: 'gone' });
    expect(await broker.history('f', positions[1], 2_000)).toMatchObject({ kind: 'entries', complete: true });
    await broker.subscribe('f', () => {});
    clock.advance(599_999);
    expect(await broker.history('f', positions[1], 2_000)).toMatchObject({ kind: 'entries' });
    clock.advance(1);
    expect(await broker.history('f', positions[1], 2_000)).toMatchObject({ kind: 'gone' });
    expect(await broker.history('f', positions.at(-1), 2_000)).toMatchObject({ kind: 'entries', entries: [] });
  });

  it('forgets an idempotency key with its entry, by number and by age', async () => {
    const { broker, clock } = createBroker({ maxEntries: 2, maxAgeMs: 1_000 });
    await broker.subscribe('f', () => {});
    const first = await broker.publish('f', '1', { idempotencyKey: 'k' });
    await broker.publish('f', '2');
    expect(await broker.publish('f', '1', { idempotencyKey: 'k' })).toBe(first);
    await broker.publish('f', '3');
    const second = await broker.publish('f', '1', { idempotencyKey: 'k' });
    expect(second).not.toBe(first);
    clock.advance(1_000);
    expect(await broker.publish('f', '1', { idempotencyKey: 'k' })).not.toBe(second);
  });

  it('keeps the present values of keys after their changes have left the window', async () => {
    const { broker, clock } = createBroker({ maxAgeMs: 1_000 });
    await broker.subscribe('f', () => {});
    const position = await broker.publish('f', '1', { key: 'a' });
    clock.advance(5_000);
    expect(await broker.history('f', undefined, 10)).toEqual({
      kind: 'entries',
      entries: [{ position, data: '1', key: 'a' }],
      complete: true,
      position,
    });
  });

  it('never forgets a feed that holds present values, however long nobody looks', async () => {
    const { broker, clock } = createBroker({ maxAgeMs: 1_000, maxFeeds: 2 });
    const position = await broker.publish('state', '1', { key: 'a' });
    await broker.publish('log', '1');
    clock.advance(5_000);
    for (const feed of ['x', 'y', 'z']) await broker.publish(feed, '1');
    expect(await broker.history('state', undefined, 10)).toMatchObject({ entries: [{ key: 'a', position }] });
    await broker.publish('state', null, { key: 'a' });
    clock.advance(5_000);
    await broker.publish('log', '2');
    expect(epochOf(await broker.publish('state', '2', { key: 'a' }))).not.toBe(epochOf(position));
  });

  it('[F6] forgets a feed that nobody used for the window, and starts it again under a new epoch', async () => {
    const { broker, clock } = createBroker({ maxAgeMs: 1_000 });
    const before = await broker.publish('f', '1');
    clock.advance(999);
    expect(await broker.history('f', before, 10)).toMatchObject({ kind: 'entries' });
    clock.advance(1_000);
    const after = await broker.publish('f', '2');
    expect(epochOf(after)).not.toBe(epochOf(before));
    expect(await broker.history('f', before, 10)).toEqual({ kind: 'gone', position: after });
  });

  it('keeps a feed with subscribers for as long as they stay, and the window longer', async () => {
    const { broker, clock } = createBroker({ maxAgeMs: 1_000 });
    const listener = () => {};
    const position = await broker.subscribe('f', listener);
    for (let round = 0; round < 5; round += 1) {
      clock.advance(1_500);
      await broker.publish('other', '1');
      await broker.publish('another', '1');
    }
    await broker.unsubscribe('f', listener);
    clock.advance(999);
    expect(epochOf(await broker.publish('f', '1'))).toBe(epochOf(position));
  });

  it('[F4] keeps 4 MiB of entries by default, and says of what is older that it is gone', async () => {
    const { broker } = createBroker();
    const positions: string[] = [];
    for (let index = 0; index < 5; index += 1) positions.push(await broker.publish('f', 'x'.repeat(1024 * 1024)));
    expect(await broker.history('f', positions[0], 10)).toMatchObject({ kind: 'gone' });
    // Four with what is counted around them would be more than 4 MiB.
    expect(await broker.history('f', positions[1], 10)).toMatchObject({ kind: 'entries', complete: true });
  });

  it('[F6] delivers an entry that is larger than its window, and says to those that come later that it is gone', async () => {
    const { broker } = createBroker({ maxBytes: 1_000 });
    const heard: unknown[] = [];
    await broker.subscribe('f', (entry) => heard.push(entry.data));
    const before = await broker.publish('f', 'small');
    const position = await broker.publish('f', 'é'.repeat(500));
    expect(heard).toEqual(['small', 'é'.repeat(500)]);
    expect(await broker.history('f', before, 10)).toEqual({ kind: 'gone', position });
    await broker.publish('f', 'again');
    expect(await broker.history('f', position, 10)).toMatchObject({ entries: [{ data: 'again' }] });
  });

  it('forgets an idempotency key with the entry that the bytes of later ones pushed out', async () => {
    const { broker } = createBroker({ maxBytes: 1_000 });
    const first = await broker.publish('f', 'x'.repeat(300), { idempotencyKey: 'k' });
    await broker.publish('f', 'x'.repeat(200));
    expect(await broker.publish('f', 'x', { idempotencyKey: 'k' })).toBe(first);
    await broker.publish('f', 'x'.repeat(300));
    expect(await broker.publish('f', 'x', { idempotencyKey: 'k' })).not.toBe(first);
  });
});

/** A feed of a scope, named as the server names them. */
const feedOf = (scope: string, name: string | number) => JSON.stringify([scope, String(name), '']);

describe('feeds that were never published to', () => {
  it('cost nothing but their subscribers, however many are asked for', async () => {
    const { broker } = createBroker({ maxFeeds: 2 });
    const position = await broker.publish(feedOf('victim', 'events'), '1');
    await broker.publish(feedOf('victim', 'events'), '2');
    const listener = () => {};
    for (let index = 0; index < 100; index += 1) {
      await broker.history(feedOf('flood', index), undefined, 10);
      await broker.subscribe(feedOf('flood', index), listener);
      await broker.unsubscribe(feedOf('flood', index), listener);
    }
    expect(await broker.history(feedOf('victim', 'events'), position, 10)).toMatchObject({ entries: [{ data: '2' }] });
  });

  it('[F6] give positions that stay good, until there was a history that is forgotten', async () => {
    const { broker, clock } = createBroker({ maxAgeMs: 1_000 });
    const listener = () => {};
    const empty = await broker.subscribe('f', listener);
    await broker.unsubscribe('f', listener);
    await broker.publish('other', '1');
    clock.advance(5_000);
    await broker.publish('another', '1');
    expect((await broker.history('f', undefined, 1)).position).toBe(empty);
    await broker.publish('f', '1');
    expect(await broker.history('f', empty, 10)).toMatchObject({ kind: 'entries', entries: [{ data: '1' }] });
    clock.advance(5_000);
    expect(await broker.history('f', empty, 10)).toMatchObject({ kind: 'gone' });
    await broker.publish('f', '2');
    expect(await broker.history('f', empty, 10)).toMatchObject({ kind: 'gone' });
  });

  it('are refused with UNAVAILABLE when too many are listened to, but not to scopes below an equal share', async () => {
    const { broker } = createBroker({ maxFeeds: 4 });
    for (let index = 0; index < 4; index += 1) await broker.subscribe(feedOf('flood', index), () => {});
    await expect(broker.subscribe(feedOf('flood', 4), () => {})).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    });
    for (const name of ['a', 'b', 'c', 'd']) await broker.subscribe(feedOf(name, 1), () => {});
    // Twice the bound, whoever asks.
    await expect(broker.subscribe(feedOf('e', 1), () => {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(broker.publish(feedOf('e', 1), '1')).resolves.toEqual(expect.any(String));
  });
});

describe('the bound on feeds', () => {
  it('takes the longest unused feed of the scope that keeps the most', async () => {
    const { broker } = createBroker({ maxFeeds: 4 });
    const kept = new Map<string, string>();
    for (const [scope, name] of [
      ['a', 1],
      ['b', 1],
      ['a', 2],
      ['a', 3],
    ] as const) {
      const feed = feedOf(scope, name);
      kept.set(feed, await broker.publish(feed, '0'));
      await broker.publish(feed, '1');
    }
    const isKept = async (scope: string, name: number) =>
      (await broker.history(feedOf(scope, name), kept.get(feedOf(scope, name)), 10)).kind === 'entries';
    expect(await isKept('a', 1)).toBe(true);
    await broker.publish(feedOf('b', 2), '0');
    expect(await isKept('a', 2)).toBe(false);
    for (let index = 0; index < 50; index += 1) await broker.publish(feedOf('a', `flood-${String(index)}`), '0');
    expect(await isKept('a', 1)).toBe(false);
    expect(await isKept('b', 1)).toBe(true);
  });

  it('takes the own feed of who asks when the largest scope uses all of its own', async () => {
    const { broker } = createBroker({ maxFeeds: 3 });
    for (const name of [1, 2]) await broker.publish(feedOf('state', name), '0', { key: 'k' });
    const first = await broker.publish(feedOf('b', 1), '0');
    await broker.publish(feedOf('b', 2), '0');
    expect((await broker.history(feedOf('b', 1), first, 1)).kind).toBe('gone');
  });

  it('refuses with UNAVAILABLE when all are in use, but not to scopes below an equal share', async () => {
    const { broker } = createBroker({ maxFeeds: 4 });
    for (let index = 0; index < 4; index += 1) await broker.publish(feedOf('a', index), '0', { key: 'k' });
    await expect(broker.publish(feedOf('a', 4), '0')).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    await expect(broker.publish(feedOf('a', 3), '0')).resolves.toEqual(expect.any(String));
    await broker.publish(feedOf('b', 0), '0', { key: 'k' });
    await broker.publish(feedOf('b', 1), '0', { key: 'k' });
    await expect(broker.publish(feedOf('b', 2), '0')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    // What is deleted makes room, also for others.
    await broker.publish(feedOf('a', 0), null, { key: 'k' });
    await broker.publish(feedOf('b', 2), '0', { key: 'k' });
  });

  it('counts names that hold no scope together, and asks `scopeOf` when it is given', async () => {
    for (const names of [
      ['x/1', '["a', '[]'],
      ['1-a', '2-a', '3-b'],
    ] as const) {
      const { broker } = createBroker({
        maxFeeds: 2,
        ...(names[0] === '1-a' ? { scopeOf: (feed) => feed.slice(2) } : {}),
      });
      const first = await broker.publish(names[0], '0');
      await broker.publish(names[1], '0');
      await broker.publish(names[2], '0');
      expect((await broker.history(names[0], first, 1)).kind).toBe('gone');
    }
  });

  it('holds for any calls in any order', async () => {
    const call = fc.record({
      scope: fc.constantFrom('a', 'b', 'c'),
      name: fc.integer({ min: 0, max: 5 }),
      kind: fc.constantFrom('publish', 'publish', 'keyed', 'delete', 'subscribe', 'unsubscribe', 'history', 'wait'),
    });
    const listener = () => {};
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 120 }), async (calls) => {
        const { broker, clock } = createBroker({ maxFeeds: 4, maxAgeMs: 1_000 });
        /** Entries by the position that they came after, of feeds in the epoch of that position. */
        const published = new Map<string, string[]>();
        for (const { scope, name, kind } of calls) {
          const feed = feedOf(scope, name);
          const act = {
            publish: () => broker.publish(feed, '1'),
            keyed: () => broker.publish(feed, '2', { key: 'k' }),
            delete: () => broker.publish(feed, null, { key: 'k' }),
            subscribe: () => broker.subscribe(feed, listener),
            unsubscribe: () => broker.unsubscribe(feed, listener),
            history: () => broker.history(feed, undefined, 10),
            wait: async () => {
              clock.advance(300);
            },
          }[kind];
          const done = await act().catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'UNAVAILABLE' });
          });
          if (typeof done !== 'string') continue;
          const positions = published.get(feed) ?? [];
          published.set(feed, positions);
          if (kind !== 'subscribe') positions.push(done);
          // Whatever was forgotten meanwhile: after an earlier position comes all that followed, or "gone".
          for (const [index, since] of positions.entries()) {
            const history = await broker.history(feed, since, 1_000);
            if (history.kind === 'entries')
              expect(history.entries.map(({ position }) => position)).toEqual(positions.slice(index + 1));
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('listeners', () => {
  it('tells what a listener threw, once for each entry', async () => {
    const errors: unknown[] = [];
    const { broker } = createBroker({ onListenerError: (error) => errors.push(error) });
    const failure = new Error('no');
    await broker.subscribe('f', () => {
      throw failure;
    });
    await broker.publish('f', '1');
    expect(errors).toEqual([failure]);
  });

  it('goes on delivering when the reporter of errors throws too', async () => {
    const { broker } = createBroker({
      onListenerError: () => {
        throw new Error('no reporter');
      },
    });
    const heard: unknown[] = [];
    await broker.subscribe('f', () => {
      throw new Error('no');
    });
    await broker.subscribe('f', (entry) => heard.push(entry.data));
    await broker.publish('f', '1');
    await broker.publish('f', '2');
    expect(heard).toEqual(['1', '2']);
  });

  it('delivers nothing more to a listener that another one took away during the delivery', async () => {
    const { broker } = createBroker();
    const heard: unknown[] = [];
    const last = (entry: { readonly data: unknown }) => heard.push(entry.data);
    await broker.subscribe('f', () => {
      void broker.unsubscribe('f', last);
    });
    await broker.subscribe('f', last);
    await broker.publish('f', '1');
    expect(heard).toEqual([]);
  });

  it('delivers to a listener that joins during a delivery only what comes later', async () => {
    const { broker } = createBroker();
    const heard: unknown[] = [];
    let joined = false;
    await broker.subscribe('f', () => {
      if (joined) return;
      joined = true;
      void broker.subscribe('f', (entry) => heard.push(entry.data));
    });
    await broker.publish('f', '1');
    await broker.publish('f', '2');
    expect(heard).toEqual(['2']);
  });

  it('sets no timer, so that it keeps no process alive', async () => {
    const { broker, clock } = createBroker();
    await broker.subscribe('f', () => {});
    await broker.publish('f', '1', { key: 'a', idempotencyKey: 'k' });
    expect(clock.pending).toBe(0);
  });
});
