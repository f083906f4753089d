import { afterEach, describe, expect, it } from 'vitest';
import { browserLimits } from '../src/protocol/limits.ts';
import { createServer, type Server, type ServerOptions } from '../src/server/create-server.ts';
import type { FeedHistory, Identity } from '../src/server/types.ts';
import { createLinkedNetwork, type LinkedNetwork } from '../src/testing/linked-network.ts';
import { createManualClock, type ManualClock } from '../src/testing/manual-clock.ts';
import { manualSource } from './transport/manual-source.ts';
import { RawPeer } from './transport/raw-peer.ts';

/** A network that holds little, so that a stalled reader is felt at once. */
const networkBytes = 8 * 1024;

describe('back-pressure', () => {
  let clock: ManualClock;
  let server: Server;
  let network: LinkedNetwork;
  afterEach(() => server.dispose());

  function start(options: Partial<ServerOptions<Identity>>): void {
    clock = createManualClock();
    server = createServer<Identity>({
      authenticate: ({ token = '' }) => ({ identity: { userId: token, orgId: 'acme' } }),
      clock,
      random: () => 0.99,
      ...options,
    });
    network = createLinkedNetwork({
      highWaterMarkBytes: networkBytes,
      accept: (socket, upgrade) => {
        server.accept(socket, upgrade, { path: upgrade.path, limits: browserLimits });
      },
    });
  }

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await clock.settle();
  }

  /** Joins and subscribes; returns the peer and its link. */
  async function join(
    name: string,
    channel: string,
    since?: string,
  ): Promise<{ peer: RawPeer; link: NonNullable<LinkedNetwork['latest']> }> {
    const peer = new RawPeer(network.openSocket, 'ws://linked.test/ws');
    const link = network.latest;
    if (link === undefined) throw new Error('no link');
    await settle();
    peer.hello(name);
    await settle();
    peer.subscribe(since === undefined ? { channel } : { channel, since });
    await settle();
    expect(peer.find('response')).toMatchObject({ result: { items: [{ ch: expect.any(Number) as number }] } });
    return { peer, link };
  }

  const kilobyte = 'x'.repeat(1_000);

  it('[B1] [B3] a stalled reader costs a bounded queue, and the readers beside it nothing', async () => {
    const source = manualSource('ticks', 'recoverable');
    start({ channels: [source], queueLimits: { maxRingFrames: 100 } });
    const slow = await join('slow', 'ticks');
    const fast = await join('fast', 'ticks');
    slow.link.stall();
    for (let tick = 0; tick < 5_000; tick += 1) {
      source.sink.publish({ data: { tick, kilobyte } });
      if (tick % 50 === 0) await settle();
    }
    await settle();
    expect(fast.peer.all('publication').map((frame) => (frame['data'] as { tick: number }).tick)).toEqual(
      Array.from({ length: 5_000 }, (_, tick) => tick),
    );
    expect(server.stats().queuedBytes).toBeLessThan(256 * 1024 + 16 * 1024 + 2_000);
    expect(server.stats().ringBytes).toBeLessThan(101 * 1_200);
  });

  it('[B1] a history that stalled readers have not taken is told as held, once for all who share it', async () => {
    const entries = Array.from({ length: 60 }, (_, index) => ({
      json: JSON.stringify('x'.repeat(10_000)),
      position: `h:${String(index + 1)}`,
    }));
    let answer: (history: FeedHistory) => void = () => undefined;
    const answered = new Promise<FeedHistory>((resolve) => (answer = resolve));
    const history = (): Promise<FeedHistory> => answered;
    const source = manualSource('log', 'recoverable', () => ({ position: 'h:60', history }));
    start({ channels: [source], queueLimits: { maxRingFrames: 5 } });
    const stalled = async (name: string) => {
      const peer = new RawPeer(network.openSocket, 'ws://linked.test/ws');
      const link = network.latest;
      await settle();
      peer.hello(name);
      await settle();
      link?.stall();
      peer.subscribe({ channel: 'log', since: 'h:0' });
      return { peer, link };
    };
    const [one, other] = [await stalled('one'), await stalled('other')];
    await settle();
    answer({ kind: 'entries', entries, complete: true });
    await settle();
    const held = () => source.sink.ringBytes;
    expect(held()).toBeGreaterThan(600_000);
    expect(held()).toBeLessThan(610_000);
    one.link?.flow();
    await settle();
    expect(one.peer.all('publication')).toHaveLength(60);
    expect(held()).toBeGreaterThan(600_000);
    other.link?.cut();
    await settle();
    expect(held()).toBe(0);
  });

  it('[F5] a reader that falls behind an ephemeral feed jumps to the newest and is told how many it missed', async () => {
    const source = manualSource('ticks', 'ephemeral');
    start({ channels: [source], queueLimits: { maxRingFrames: 50 } });
    const { peer, link } = await join('slow', 'ticks');
    link.stall();
    const total = 2_000;
    for (let tick = 0; tick < total; tick += 1) {
      source.sink.publish({ data: { tick, kilobyte } });
      if (tick % 10 === 0) await settle();
    }
    link.flow();
    await settle();
    source.sink.publish({ data: { tick: total } });
    await settle();
    const ticks = peer.all('publication').map((frame) => (frame['data'] as { tick: number }).tick);
    const dropped = peer.all('gap').reduce((sum, frame) => sum + (frame['dropped'] as number), 0);
    expect(dropped).toBeGreaterThan(0);
    expect(ticks.length + dropped).toBe(total + 1);
    expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
    expect(ticks.at(-1)).toBe(total);
    expect(server.stats().lagged['ephemeral']).toBeGreaterThan(0);
  });

  it('[F4] a reader that falls behind a recoverable feed is told LAGGED and resumes without a loss', async () => {
    const source = manualSource('log', 'recoverable');
    start({ channels: [source], queueLimits: { maxRingFrames: 400 } });
    const { peer, link } = await join('slow', 'log');
    link.stall();
    for (let tick = 0; tick < 1_500; tick += 1) {
      source.sink.publish({ data: { tick, kilobyte } });
      if (tick % 10 === 0) await settle();
    }
    link.flow();
    await settle();
    expect(peer.find('unsubscribed')).toMatchObject({ code: 'LAGGED', retryable: true });
    const got = peer.all('publication').map((frame) => (frame['data'] as { tick: number }).tick);
    expect(got).toEqual(Array.from({ length: got.length }, (_, tick) => tick));
    expect(got.length).toBeLessThan(1_500);
    // Its position is older than the ring, and this source has no history: it is told so.
    const last = peer.all('publication').at(-1)?.['position'] as string;
    const again = await join('again', 'log', last);
    expect(again.peer.find('response')).toMatchObject({ result: { items: [{ mode: 'live' }] } });
  });

  it.each([
    ['changes alone', 10_000],
    ['a whole snapshot, when deletions were forgotten', 3],
  ])(
    '[F3] a reader that falls behind a state feed ends with exactly its state, by %s',
    async (_what, maxTombstones) => {
      const source = manualSource('vms', 'state');
      start({ channels: [source], queueLimits: { maxRingFrames: 20, maxTombstones } });
      const { peer, link } = await join('slow', 'vms');
      const truth = new Map<string, unknown>();
      let seed = 7;
      const random = (below: number): number => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed % below;
      };
      link.stall();
      for (let step = 0; step < 3_000; step += 1) {
        const key = `k${String(random(60))}`;
        if (random(4) === 0) {
          source.sink.change({ del: [{ key }] });
          truth.delete(key);
        } else {
          source.sink.change({ set: [{ key, value: { step, kilobyte } }] });
          truth.set(key, { step, kilobyte });
        }
        if (step % 20 === 0) await settle();
        if (step % 700 === 699) {
          link.flow();
          await settle();
          link.stall();
        }
      }
      link.flow();
      await settle();
      const seen = new Map<string, { version: number; value: unknown }>();
      const tombs = new Map<string, number>();
      let collecting: { key: string; version: number; value: unknown }[] = [];
      let publications = 0;
      for (const frame of peer.frames) {
        if (frame.type === 'snapshot') {
          collecting.push(...(frame['items'] as typeof collecting));
          if (frame['more'] === false) {
            seen.clear();
            tombs.clear();
            for (const item of collecting) seen.set(item.key, item);
            collecting = [];
          }
        } else if (frame.type === 'publication') {
          publications += 1;
          for (const item of (frame['set'] ?? []) as typeof collecting) {
            if (item.version > (seen.get(item.key)?.version ?? tombs.get(item.key) ?? 0)) seen.set(item.key, item);
          }
          for (const { key, version } of (frame['del'] ?? []) as { key: string; version: number }[]) {
            if (version > (seen.get(key)?.version ?? 0)) {
              seen.delete(key);
              tombs.set(key, version);
            }
          }
        }
      }
      expect(Object.fromEntries([...seen].map(([key, item]) => [key, item.value]))).toEqual(Object.fromEntries(truth));
      expect(publications).toBeLessThan(2_000);
      expect(server.stats().lagged['state']).toBeGreaterThan(0);
    },
  );

  it('[B2] answers overtake what a flooded connection has not been sent yet', async () => {
    const source = manualSource('ticks', 'recoverable');
    start({ channels: [source] });
    const { peer, link } = await join('busy', 'ticks');
    link.stall();
    for (let tick = 0; tick < 900; tick += 1) source.sink.publish({ data: kilobyte });
    await settle();
    peer.send({ type: 'ping', t: 1 });
    await settle();
    link.flow();
    await settle();
    const order = peer.frames.map((frame) => frame.type);
    expect(peer.all('publication')).toHaveLength(900);
    // Behind the 256 KiB that had been handed to the socket already, before the rest.
    expect(order.indexOf('pong')).toBeLessThan(300);
  });

  it('[B2] two busy feeds of one connection take turns', async () => {
    const sources = [manualSource('one', 'recoverable'), manualSource('two', 'recoverable')] as const;
    start({ channels: sources });
    const { peer } = await join('busy', 'one');
    peer.subscribe({ channel: 'two' });
    await settle();
    for (const [index, source] of sources.entries())
      for (let tick = 0; tick < 200; tick += 1) source.sink.publish({ data: { index, kilobyte } });
    await settle();
    const indexes = peer.all('publication').map((frame) => (frame['data'] as { index: number }).index);
    expect(indexes).toHaveLength(400);
    const firstOfSecond = indexes.indexOf(1);
    expect(firstOfSecond).toBeGreaterThan(0);
    expect(firstOfSecond).toBeLessThan(20);
  });

  it('[B3] a connection whose kernel takes no byte for 10 s is closed with 4408, one that takes a few now and then is not', async () => {
    const source = manualSource('ticks', 'ephemeral');
    start({ channels: [source] });
    const stuck = await join('stuck', 'ticks');
    const trickling = await join('trickling', 'ticks');
    stuck.link.stall();
    trickling.link.stall();
    for (let second = 0; second < 60; second += 1) {
      for (let tick = 0; tick < 20; tick += 1) source.sink.publish({ data: kilobyte });
      await clock.advanceAsync(1_000);
      if (second % 5 === 4) {
        trickling.link.flow();
        await clock.settle();
        trickling.link.stall();
      }
      if (second === 8) expect(server.stats().connections).toBe(2);
    }
    expect(server.connections({ userId: 'stuck' })).toHaveLength(0);
    expect(server.connections({ userId: 'trickling' })).toHaveLength(1);
    expect(server.stats().closes).toMatchObject({ PEER_TIMEOUT: 1 });
  });

  it('[B4] a peer that asks and does not read is not read from, and goes on where it stopped', async () => {
    let handled = 0;
    start({
      requests: {
        'big.answer': () => {
          handled += 1;
          return 'y'.repeat(100_000);
        },
      },
      channels: [manualSource('ticks', 'ephemeral')],
    });
    const { peer, link } = await join('greedy', 'ticks');
    link.stall();
    for (let count = 0; count < 60; count += 1) {
      peer.request('big.answer');
      await settle();
    }
    expect(handled).toBeLessThan(30);
    expect(server.stats().queuedBytes).toBeLessThan(2 * 1024 * 1024);
    link.flow();
    await settle();
    await settle();
    expect(handled).toBe(60);
    expect(peer.all('response')).toHaveLength(61);
  });
});
