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

  it('at its bound forgets the feed that was unused longest, and refuses when all have subscribers', async () => {
    const { broker } = createBroker({ maxFeeds: 2 });
    const first = await broker.publish('a', '1');
    const second = await broker.publish('b', '1');
    await broker.publish('a', '2');
    await broker.subscribe('c', () => {});
    expect(await broker.history('a', first, 10)).toMatchObject({ kind: 'entries', entries: [{ data: '2' }] });
    await broker.subscribe('b', () => {});
    expect(await broker.history('b', second, 10)).toMatchObject({ kind: 'gone' });
    await expect(broker.publish('a', '1')).rejects.toMatchObject({ code: 'QUEUE_FULL', retryable: true });
    await expect(broker.publish('c', '1')).resolves.toEqual(expect.any(String));
  });

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
