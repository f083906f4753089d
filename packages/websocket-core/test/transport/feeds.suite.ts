import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryBroker } from '../../src/core/memory-broker.ts';
import type { Broker, BrokerListener } from '../../src/core/broker.ts';
import { createBrokerChannel, orgScopeKey } from '../../src/server/broker-channel.ts';
import type { ChannelClass } from '../../src/server/types.ts';
import type { Harness, MakeHarness } from './harness.ts';
import { manualSource } from './manual-source.ts';
import type { RawPeer } from './raw-peer.ts';
import { subscribed } from './subscriptions.suite.ts';

interface Versioned {
  readonly key: string;
  readonly version: number;
}

const keysOf = (items: unknown): string[] => ((items ?? []) as Versioned[]).map(({ key }) => key);

const dataOf = (peer: RawPeer): unknown[] => peer.all('publication').map((frame) => frame['data']);

const brokerChannel = (broker: Broker, channelClass: ChannelClass): ReturnType<typeof createBrokerChannel> =>
  createBrokerChannel({
    pattern: 'news',
    class: channelClass,
    broker,
    authorize: ({ identity }) => ({ scopeKey: orgScopeKey(identity.orgId) }),
  });

/** Feeds of the three classes: PROTOCOL.md section 7. */
export function feedsSuite(name: string, make: MakeHarness): void {
  describe(`${name}: feeds`, () => {
    let harness: Harness;
    afterEach(() => harness.dispose());

    it('[F1] a snapshot comes in pieces of at most 64 KiB, a larger item alone, the last one with the position', async () => {
      const source = manualSource('vms', 'state', (_request, sink) => {
        sink.replace([
          ...Array.from({ length: 30 }, (_, index) => ({ key: `k${String(index)}`, value: 'x'.repeat(10_000) })),
          { key: 'huge', value: 'y'.repeat(100_000) },
        ]);
        return {};
      });
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'vms' });
      await harness.until('the last piece', () => peer.find('snapshot', (frame) => frame['more'] === false));
      const pieces = peer.all('snapshot');
      const keys = pieces.map((piece) => (piece['items'] as { key: string }[]).map((item) => item.key));
      expect(keys.flat()).toHaveLength(31);
      expect(new Set(keys.flat()).size).toBe(31);
      for (const [index, piece] of pieces.entries()) {
        const isLast = index === pieces.length - 1;
        expect(piece['more']).toBe(!isLast);
        expect(piece['position'] === undefined).toBe(!isLast);
        if (keys[index]?.includes('huge') === true) expect(keys[index]).toEqual(['huge']);
        else expect(JSON.stringify(piece).length).toBeLessThanOrEqual(66_000);
      }
    });

    it('[F1] who comes after a change gets the present items, and nothing of what they were before', async () => {
      const source = manualSource('vms', 'state');
      harness = await make({ channels: [source] });
      const first = await harness.join();
      await subscribed(harness, first, { channel: 'vms' });
      for (const state of ['queued', 'running', 'done']) source.sink.change({ set: [{ key: 'a', value: state }] });
      await harness.until('the changes', () => first.all('publication').length === 3);
      const second = await harness.join();
      await subscribed(harness, second, { channel: 'vms' });
      source.sink.change({ set: [{ key: 'b', value: 'queued' }] });
      await harness.until('the next change', () => second.all('publication').length > 0);
      expect(second.all('snapshot')).toMatchObject([{ items: [{ key: 'a', value: 'done' }], more: false }]);
      expect(second.all('publication').map(({ set }) => keysOf(set))).toEqual([['b']]);
    });

    it('[F2] changes carry whole values with growing versions, and stale ones are not published', async () => {
      const source = manualSource('vms', 'state');
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'vms' });
      source.sink.change({ set: [{ key: 'a', version: 5, value: { n: 1 } }] });
      source.sink.change({ set: [{ key: 'a', version: 4, value: { n: 0 } }] });
      source.sink.change({ del: [{ key: 'a', version: 3 }] });
      source.sink.change({ set: [{ key: 'b', version: 1, value: null }], del: [{ key: 'a', version: 6 }] });
      source.sink.change({ set: [{ key: 'a', version: 6, value: 'not after its deletion' }] });
      source.sink.change({ set: [{ key: 'a', version: 7, value: 'again' }] });
      await harness.until('the last', () => peer.all('publication').length === 3);
      await harness.settle();
      const publications = peer.all('publication').map(({ set, del }) => ({ set, del }));
      expect(publications).toMatchObject([
        { set: [{ key: 'a', value: { n: 1 } }], del: undefined },
        { set: [{ key: 'b', value: null }], del: [{ key: 'a' }] },
        { set: [{ key: 'a', value: 'again' }], del: undefined },
      ]);
      const versions = publications.flatMap(({ set, del }) => [
        ...((set ?? []) as Versioned[]),
        ...((del ?? []) as Versioned[]),
      ]);
      const ofA = versions.filter(({ key }) => key === 'a').map(({ version }) => version);
      expect(ofA).toEqual([...new Set(ofA)].sort((x, y) => x - y));
    });

    it('[F2] what a whole replacement brings back is shown again, whatever its version', async () => {
      const source = manualSource('vms', 'state');
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'vms' });
      source.sink.replace([
        { key: 'a', version: 3, value: 1 },
        { key: 'z', version: 1_000, value: 1 },
      ]);
      source.sink.replace([{ key: 'z', version: 1_000, value: 1 }]);
      source.sink.replace([
        { key: 'a', version: 3, value: 1 },
        { key: 'z', version: 1_000, value: 1 },
      ]);
      source.sink.change({ set: [{ key: 'a', version: 4, value: 2 }] });
      source.sink.change({ del: [{ key: 'y', version: 9 }] });
      source.sink.change({ set: [{ key: 'y', version: 8, value: 'older than its deletion' }] });
      await harness.until('the last', () => peer.all('publication').length === 4);
      await harness.settle();
      expect(peer.all('publication').map(({ set, del }) => [keysOf(set), keysOf(del)])).toEqual([
        [['a', 'z'], []],
        [[], ['a']],
        [['a'], []],
        [['a'], []],
      ]);
    });

    it('[S3] [F4] a subscription that names its last position gets what came after, nothing twice', async () => {
      const source = manualSource('log', 'recoverable');
      harness = await make({ channels: [source] });
      const first = await harness.join();
      await subscribed(harness, first, { channel: 'log' });
      for (const data of [1, 2, 3]) source.sink.publish({ data });
      const second = await harness.until('second', () => first.find('publication', (frame) => frame['data'] === 2));
      await harness.until('third', () => first.all('publication').length === 3);
      first.close();
      await harness.until('gone', () => harness.server.stats().connections === 0);
      source.sink.publish({ data: 4 });
      const again = await harness.join();
      const [item] = await subscribed(harness, again, { channel: 'log', since: second['position'] });
      expect(item).toMatchObject({ mode: 'recovered', position: second['position'] });
      await harness.until('both', () => again.all('publication').length === 2);
      source.sink.publish({ data: 5 });
      await harness.until('and on', () => again.all('publication').length === 3);
      expect(dataOf(again)).toEqual([3, 4, 5]);
    });

    it('[S3] [F6] a position whose history is gone starts live, or with a snapshot for a state feed, never silently', async () => {
      const state = manualSource('vms', 'state');
      harness = await make({ channels: [manualSource('log', 'recoverable'), state] });
      const peer = await harness.join();
      expect(
        await subscribed(harness, peer, { channel: 'log', since: 'gone:7' }, { channel: 'vms', since: 'gone:7' }),
      ).toMatchObject([{ mode: 'live' }, { mode: 'snapshot' }]);
      expect(await subscribed(harness, peer, { channel: 'log', since: '' })).toMatchObject([
        { error: { code: 'BAD_REQUEST' } },
      ]);
    });

    it('[S3] a state feed resumes by position with the changes alone', async () => {
      const source = manualSource('vms', 'state');
      harness = await make({ channels: [source] });
      const first = await harness.join();
      await subscribed(harness, first, { channel: 'vms' });
      source.sink.change({ set: [{ key: 'a', value: 1 }] });
      const { position } = await harness.until('a', () => first.find('publication'));
      source.sink.change({ set: [{ key: 'b', value: 2 }], del: [{ key: 'a' }] });
      const second = await harness.join();
      expect(await subscribed(harness, second, { channel: 'vms', since: position })).toMatchObject([
        { mode: 'recovered' },
      ]);
      await harness.until('b', () => second.find('publication'));
      expect(second.find('snapshot')).toBeUndefined();
      expect(second.find('publication')).toMatchObject({ set: [{ key: 'b', value: 2 }], del: [{ key: 'a' }] });
    });

    it('[F4] history behind the ring is fetched from the source and spliced in without a gap', async () => {
      const history = Array.from({ length: 8 }, (_, index) => ({
        json: String(index + 1),
        position: `h:${String(index + 1)}`,
      }));
      const source = manualSource('log', 'recoverable', () => ({
        position: 'h:6',
        history: (since: string) => {
          const index = since === 'h:0' ? -1 : history.findIndex((entry) => entry.position === since);
          if (since !== 'h:0' && index === -1) return Promise.resolve({ kind: 'gone' as const });
          return Promise.resolve({ kind: 'entries' as const, entries: history.slice(index + 1), complete: true });
        },
      }));
      harness = await make({ channels: [source] });
      const early = await harness.join();
      await subscribed(harness, early, { channel: 'log' });
      source.sink.publish({ data: 7, position: 'h:7' });
      source.sink.publish({ data: 8, position: 'h:8' });
      const peer = await harness.join();
      expect(await subscribed(harness, peer, { channel: 'log', since: 'h:3' })).toMatchObject([{ mode: 'recovered' }]);
      source.sink.publish({ data: 9, position: 'h:9' });
      await harness.until('nine', () => dataOf(peer).includes(9));
      expect(dataOf(peer)).toEqual([4, 5, 6, 7, 8, 9]);
    });

    it('[F4] a source whose positions are in an order brings one that lies between two publications to the next that it knows', async () => {
      const heads: string[] = [];
      const source = manualSource('log', 'recoverable', ({ since }) => {
        heads.push(since ?? 'none');
        return {
          position: since,
          history: async (after) => ({
            kind: 'entries',
            entries: [
              ...(Number(after) < 10 ? [{ json: '"old"', position: '11' }] : []),
              { json: '"join"', position: '20' },
            ],
            complete: true,
          }),
        };
      });
      harness = await make({ channels: [source] });
      const first = await harness.join();
      expect(await subscribed(harness, first, { channel: 'log', since: '10' })).toMatchObject([{ mode: 'recovered' }]);
      source.sink.publish({ data: 'a', position: '20' });
      source.sink.publish({ data: 'marker' });
      const between = await harness.join();
      const behind = await harness.join();
      expect(await subscribed(harness, between, { channel: 'log', since: '25' })).toMatchObject([
        { mode: 'recovered' },
      ]);
      expect(await subscribed(harness, behind, { channel: 'log', since: '9' })).toMatchObject([{ mode: 'recovered' }]);
      source.sink.publish({ data: 'b', position: '30' });
      await harness.until('the last', () => [first, between, behind].every((peer) => dataOf(peer).includes('b')));
      expect(heads).toEqual(['10']);
      expect(dataOf(first)).toEqual(['a', 'marker', 'b']);
      // What came without a position stands where it was published.
      expect(dataOf(between)).toEqual(['join', 'marker', 'b']);
      expect(dataOf(behind)).toEqual(['old', 'join', 'marker', 'b']);
    });

    it('[F4] [B1] a history that does not fit into the ring is pulled page by page, and joins it without a gap', async () => {
      let total = 1_250;
      const entry = (index: number): { json: string; position: string } => ({
        json: String(index),
        position: `h:${String(index)}`,
      });
      const limits: number[] = [];
      const source = manualSource('log', 'recoverable', () => ({
        position: `h:${String(total)}`,
        history: (since: string, limit: number) => {
          limits.push(limit);
          const from = Number(since.slice(2));
          const entries = Array.from({ length: Math.min(limit, total - from) }, (_, index) => entry(from + index + 1));
          return Promise.resolve({ kind: 'entries' as const, entries, complete: from + limit >= total });
        },
      }));
      harness = await make({ channels: [source], queueLimits: { maxRingFrames: 50 } });
      const peer = await harness.join();
      expect(await subscribed(harness, peer, { channel: 'log', since: 'h:0' })).toMatchObject([{ mode: 'recovered' }]);
      for (const data of [1_251, 1_252]) {
        total = data;
        source.sink.publish({ data, position: `h:${String(data)}` });
      }
      await harness.until('all', () => peer.all('publication').length === total);
      expect(dataOf(peer)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
      expect(Math.max(...limits)).toBeLessThanOrEqual(100);
      expect(peer.all('unsubscribed')).toEqual([]);
    });

    it('[F4] [B1] a crowd that comes back to the same place asks the history once and shares what it brings', async () => {
      let questions = 0;
      const source = manualSource('log', 'recoverable', () => ({
        position: 'h:40',
        history: (since: string) => {
          questions += 1;
          const from = Number(since.slice(2));
          const entries = Array.from({ length: 40 - from }, (_, index) => ({
            json: JSON.stringify('x'.repeat(1_000)),
            position: `h:${String(from + index + 1)}`,
          }));
          return Promise.resolve({ kind: 'entries' as const, entries, complete: true });
        },
      }));
      harness = await make({ channels: [source] });
      const peers = await Promise.all(Array.from({ length: 10 }, () => harness.join()));
      const answers = await Promise.all(
        peers.map((peer) => subscribed(harness, peer, { channel: 'log', since: 'h:10' })),
      );
      for (const answer of answers) expect(answer).toMatchObject([{ mode: 'recovered' }]);
      await harness.until('all have all', () => peers.every((peer) => peer.all('publication').length === 30));
      expect(questions).toBe(1);
      const later = await harness.join();
      await subscribed(harness, later, { channel: 'log', since: 'h:25' });
      await harness.until('from the ring', () => later.all('publication').length === 15);
      expect(questions).toBe(1);
    });

    it('[F7] a broker-backed recoverable channel resumes across servers that share the broker', async () => {
      const broker = createMemoryBroker({ random: Math.random });
      harness = await make({ broker, channels: [brokerChannel(broker, 'recoverable')] });
      const other = await make({ broker, channels: [brokerChannel(broker, 'recoverable')] });
      try {
        const first = await harness.join();
        await subscribed(harness, first, { channel: 'news' });
        for (const data of [1, 2, 3]) await other.server.publish({ orgId: 'acme', channel: 'news' }, data);
        await harness.server.publish({ orgId: 'evil', channel: 'news' }, 'not for acme');
        await harness.until('three', () => first.all('publication').length === 3);
        const position = first.all('publication')[1]?.['position'] as string;
        expect(position).toMatch(/^[0-9a-z]+:2$/);
        const second = await other.join('bob@acme');
        expect(await subscribed(other, second, { channel: 'news', since: position })).toMatchObject([
          { mode: 'recovered' },
        ]);
        await other.until('three', () => second.find('publication'));
        expect(dataOf(second)).toEqual([3]);
        expect(await subscribed(other, second, { channel: 'news', since: 'not a position' })).toMatchObject([
          { error: { code: 'BAD_POSITION' } },
        ]);
      } finally {
        await other.dispose();
      }
    });

    it('[F7] deliveries that the broker lost are found by the check of positions and sent in order', async () => {
      const inner = createMemoryBroker({ random: Math.random });
      let deaf = false;
      const wrapped = new Map<BrokerListener, BrokerListener>();
      const broker: Broker = {
        ...bind(inner),
        subscribe: (feed, listener) => {
          const filtered: BrokerListener = (entry) => {
            if (!deaf) listener(entry);
          };
          wrapped.set(listener, filtered);
          return inner.subscribe(feed, filtered);
        },
        unsubscribe: (feed, listener) => inner.unsubscribe(feed, wrapped.get(listener) ?? listener),
      };
      harness = await make({ broker, channels: [brokerChannel(broker, 'recoverable')] });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'news' });
      const publish = (data: number): Promise<string> =>
        harness.server.publish({ orgId: 'acme', channel: 'news' }, data);
      await publish(1);
      deaf = true;
      await publish(2);
      await publish(3);
      await harness.until('the check of positions', () => dataOf(peer).length === 3);
      deaf = true;
      await publish(4);
      deaf = false;
      await publish(5);
      await harness.until('the hole that the next one shows', () => dataOf(peer).length === 5);
      expect(dataOf(peer)).toEqual([1, 2, 3, 4, 5]);
    });

    it('[F7] what arrives while a gap is being fetched is not left for the next check', async () => {
      const inner = createMemoryBroker({ random: Math.random });
      let listener: BrokerListener = () => undefined;
      let answer: (() => void) | undefined;
      const broker: Broker = {
        ...bind(inner),
        subscribe: (feed, given) => {
          if (feed.includes('news')) listener = given;
          return inner.subscribe(feed, () => undefined);
        },
        history: async (feed, since, limit) => {
          const history = await inner.history(feed, since, limit);
          if (since !== undefined && answer === undefined) {
            await new Promise<void>((resolve) => {
              answer = resolve;
            });
          }
          return history;
        },
      };
      harness = await make({ broker, channels: [brokerChannel(broker, 'recoverable')] });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'news' });
      const positions: string[] = [];
      const publish = async (data: number): Promise<void> => {
        positions.push(await harness.server.publish({ orgId: 'acme', channel: 'news' }, data));
      };
      await publish(1);
      await publish(2);
      listener({ position: positions[1] as string, data: '2' });
      await harness.until('asked', () => answer);
      await publish(3);
      listener({ position: positions[2] as string, data: '3' });
      const askedAt = harness.now();
      answer?.();
      await harness.until('three', () => dataOf(peer).length === 3);
      expect(dataOf(peer)).toEqual([1, 2, 3]);
      expect(harness.now() - askedAt).toBeLessThan(harness.timings.positionCheckMs / 2);
    });

    it('[S3] [F6] what is published while a state channel is opened is not hidden behind an older position', async () => {
      const inner = createMemoryBroker({ random: Math.random });
      const target = { orgId: 'acme', channel: 'news' };
      let meanwhile: (() => Promise<unknown>) | undefined;
      const broker: Broker = {
        ...bind(inner),
        history: async (feed, since, limit) => {
          const history = await inner.history(feed, since, limit);
          await meanwhile?.();
          return history;
        },
      };
      harness = await make({ broker, channels: [brokerChannel(broker, 'state')] });
      const before = await harness.server.publish(target, 'old', { key: 'a' });
      meanwhile = () => {
        meanwhile = undefined;
        return harness.server.publish(target, 'new', { key: 'a' });
      };
      const first = await harness.join();
      await subscribed(harness, first, { channel: 'news' });
      const snapshot = await harness.until('snapshot', () => first.find('snapshot'));
      expect(snapshot).toMatchObject({ items: [{ value: 'new' }] });
      expect(snapshot['position']).not.toBe(before);
      const second = await harness.join();
      await subscribed(harness, second, { channel: 'news', since: before });
      const news = await harness.until('news', () => second.find('snapshot') ?? second.find('publication'));
      expect(JSON.stringify(news)).toContain('"new"');
    });

    it('[F4] [S9] a history that does not answer ends the subscription in time, to be resumed', async () => {
      let hang = false;
      const source = manualSource('log', 'recoverable', () => ({
        position: 'h:500',
        history: (since: string, limit: number) => {
          if (hang) return new Promise(() => undefined);
          hang = true;
          const from = Number(since.slice(2));
          const entries = Array.from({ length: Math.min(limit, 500 - from) }, (_, index) => ({
            json: '1',
            position: `h:${String(from + index + 1)}`,
          }));
          return Promise.resolve({ kind: 'entries' as const, entries, complete: false });
        },
      }));
      harness = await make({ channels: [source], queueLimits: { maxRingFrames: 50 } });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'log', since: 'h:0' });
      const ended = await harness.until('the end', () => peer.find('unsubscribed'));
      expect(ended).toMatchObject({ code: 'LAGGED', retryable: true });
    });

    it('[F7] a broker that lost its history ends the subscription with POSITION_LOST', async () => {
      const inner = createMemoryBroker({ random: Math.random });
      let lost: (feed: string | undefined) => void = () => undefined;
      let gone = false;
      const broker: Broker = {
        ...bind(inner),
        history: async (feed, since, limit) =>
          gone && since !== undefined ? { kind: 'gone', position: 'new:0' } : inner.history(feed, since, limit),
        onLoss: (listener) => {
          lost = listener;
          return () => undefined;
        },
      };
      harness = await make({ broker, channels: [brokerChannel(broker, 'recoverable')] });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'news' });
      gone = true;
      lost(undefined);
      expect(await harness.until('unsubscribed', () => peer.find('unsubscribed'))).toMatchObject({
        code: 'POSITION_LOST',
        retryable: true,
      });
    });

    it('[F1] [F2] a broker-backed state channel starts from the present keys and follows changes and deletions', async () => {
      const broker = createMemoryBroker({ random: Math.random });
      harness = await make({ broker, channels: [brokerChannel(broker, 'state')] });
      const target = { orgId: 'acme', channel: 'news' };
      await harness.server.publish(target, { n: 1 }, { key: 'a' });
      await harness.server.publish(target, { n: 2 }, { key: 'b' });
      await harness.server.publish(target, { n: 3 }, { key: 'a' });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'news' });
      const snapshot = await harness.until('snapshot', () => peer.find('snapshot'));
      expect(snapshot['items']).toEqual(
        expect.arrayContaining([
          { key: 'a', version: 3, value: { n: 3 } },
          { key: 'b', version: 2, value: { n: 2 } },
        ]),
      );
      await harness.server.unpublish(target, 'a');
      expect(await harness.until('deletion', () => peer.find('publication'))).toMatchObject({
        del: [{ key: 'a', version: 4 }],
      });
    });

    it('a channel of the server and one of an organisation are not published to by mistake', async () => {
      harness = await make();
      await expect(harness.server.publish({ orgId: 'acme', channel: 'sys/x' }, 1)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
      await expect(harness.server.publish({ system: true, channel: 'x' }, 1)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
      await expect(harness.server.publish({ orgId: 'acme', channel: 'x' }, undefined)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    });
  });
}

function bind(broker: Broker): Broker {
  return {
    publish: (...call) => broker.publish(...call),
    history: (...call) => broker.history(...call),
    subscribe: (...call) => broker.subscribe(...call),
    unsubscribe: (...call) => broker.unsubscribe(...call),
    onLoss: (...call) => broker.onLoss(...call),
    dispose: () => broker.dispose(),
  };
}
