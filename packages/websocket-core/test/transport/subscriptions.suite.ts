import { createMemoryBroker } from '../../src/core/memory-broker.ts';
import { createBrokerChannel } from '../../src/server/broker-channel.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { FleetwireError } from '../../src/core/errors.ts';
import type { Harness, MakeHarness } from './harness.ts';
import { manualSource } from './manual-source.ts';
import type { AnyFrame, RawPeer } from './raw-peer.ts';

/** Items of a subscribe response. */
export async function subscribed(harness: Harness, peer: RawPeer, ...items: object[]): Promise<AnyFrame[]> {
  const id = peer.subscribe(...items);
  const response = await harness.until('subscribe response', () => peer.response(id));
  return (response['result'] as { items: AnyFrame[] }).items;
}

/** Subscriptions: PROTOCOL.md section 6. */
export function subscriptionsSuite(name: string, make: MakeHarness): void {
  describe(`${name}: subscriptions`, () => {
    let harness: Harness;
    afterEach(() => harness.dispose());

    it('[S1] [S7] items are answered in order, each by itself', async () => {
      const secret = manualSource('secret', 'ephemeral');
      secret.denied.add('acme');
      harness = await make({ channels: [manualSource('a/{id}', 'ephemeral'), secret] });
      const peer = await harness.join();
      const items = await subscribed(
        harness,
        peer,
        { channel: 'a/1' },
        { channel: 'nowhere' },
        { channel: 'secret' },
        { channel: 7 },
        { channel: 'a/2' },
      );
      expect(items.map((item) => (item['error'] as { code?: string } | undefined)?.code ?? item['mode'])).toEqual([
        'live',
        'UNKNOWN_CHANNEL',
        'FORBIDDEN',
        'BAD_REQUEST',
        'live',
      ]);
    });

    it.each([
      ['no items', { items: [] }],
      ['items that are no list', { items: 'a' }],
      ['no parameters', undefined],
      ['101 items', { items: Array.from({ length: 101 }, () => ({ channel: 'a' })) }],
    ])('[S1] subscribe with %s is answered with BAD_REQUEST', async (_what, params) => {
      harness = await make();
      const peer = await harness.join();
      const id = peer.request('subscribe', params);
      expect(await harness.until('response', () => peer.response(id))).toMatchObject({
        error: { code: 'BAD_REQUEST' },
      });
    });

    it('[S2] [S8] connections share the number of a feed, and a second subscription takes the place of the first', async () => {
      const source = manualSource('room/{id}', 'recoverable');
      harness = await make({ channels: [source] });
      const [ada, bob] = [await harness.join('ada@acme'), await harness.join('bob@acme')];
      const [a] = await subscribed(harness, ada, { channel: 'room/1', params: { x: 1, y: [2] } });
      const [b] = await subscribed(harness, bob, { channel: 'room/1', params: { y: [2], x: 1 } });
      const [again] = await subscribed(harness, ada, { channel: 'room/1', params: { x: 1, y: [2] } });
      expect(b?.['ch']).toBe(a?.['ch']);
      expect(again?.['ch']).toBe(a?.['ch']);
      expect(source.opened.map(({ request }) => request.userId)).toEqual(['ada']);
      source.sink.publish({ data: 'once' });
      await harness.until('both', () => ada.find('publication') !== undefined && bob.find('publication') !== undefined);
      await harness.settle();
      expect(ada.all('publication')).toHaveLength(1);
    });

    it('[S8] organisations do not share a feed, and nothing of one reaches the other', async () => {
      const source = manualSource('room/{id}', 'recoverable');
      harness = await make({ channels: [source] });
      const [ada, eve] = [await harness.join('ada@acme'), await harness.join('eve@evil')];
      const [a] = await subscribed(harness, ada, { channel: 'room/1' });
      const [e] = await subscribed(harness, eve, { channel: 'room/1' });
      expect(e?.['ch']).not.toBe(a?.['ch']);
      source.opened.find((feed) => feed.request.scopeKey === 'acme')?.sink.publish({ data: 'for acme' });
      await harness.until('ada has it', () => ada.find('publication'));
      await harness.settle();
      expect(eve.find('publication')).toBeUndefined();
    });

    it('[S4] nothing comes before the response, and the snapshot comes before the publications', async () => {
      const source = manualSource('vms', 'state', (_request, sink) => {
        sink.change({ set: [{ key: 'a', value: 1 }] });
        return {};
      });
      harness = await make({
        channels: [source, manualSource('slow', 'ephemeral', () => new Promise(() => undefined))],
        timings: { subscribeTimeoutMs: 200 },
      });
      const peer = await harness.join();
      const id = peer.subscribe({ channel: 'vms' }, { channel: 'slow' });
      await harness.until('opened', () => source.opened.length === 1);
      source.sink.change({ set: [{ key: 'b', value: 2 }] });
      await harness.until('response', () => peer.response(id));
      source.sink.change({ set: [{ key: 'c', value: 3 }] });
      await harness.until('c', () => peer.find('publication'));
      expect(peer.frames.map((frame) => frame.type)).toEqual(['welcome', 'response', 'snapshot', 'publication']);
      expect(peer.find('snapshot')?.['items']).toMatchObject([{ key: 'a' }, { key: 'b' }]);
    });

    it('[S5] nothing of a channel follows the response to unsubscribe', async () => {
      const source = manualSource('ticks', 'ephemeral');
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      const [item] = await subscribed(harness, peer, { channel: 'ticks' });
      source.sink.publish({ data: 1 });
      await harness.until('first', () => peer.find('publication'));
      for (let tick = 2; tick < 50; tick += 1) source.sink.publish({ data: tick });
      const id = peer.request('unsubscribe', { ch: item?.['ch'] });
      await harness.until('response', () => peer.response(id));
      const count = peer.frames.length;
      source.sink.publish({ data: 50 });
      await harness.settle();
      expect(peer.frames).toHaveLength(count);
      const twice = peer.request('unsubscribe', { ch: item?.['ch'] });
      expect(await harness.until('response', () => peer.response(twice))).toMatchObject({
        error: { code: 'NOT_SUBSCRIBED' },
      });
    });

    it('[S5] a ch that another connection holds is as unknown as any', async () => {
      harness = await make({ channels: [manualSource('ticks', 'ephemeral')] });
      const [ada, eve] = [await harness.join('ada@acme'), await harness.join('eve@evil')];
      const [item] = await subscribed(harness, ada, { channel: 'ticks' });
      const id = eve.request('unsubscribe', { ch: item?.['ch'] });
      expect(await harness.until('response', () => eve.response(id))).toMatchObject({
        error: { code: 'NOT_SUBSCRIBED' },
      });
    });

    it('[S6] the server ends a subscription with a code, and nothing follows', async () => {
      const source = manualSource('job/{id}', 'recoverable');
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      const [item] = await subscribed(harness, peer, { channel: 'job/1' });
      const { sink } = source;
      sink.end(new FleetwireError('ENDED', 'the job is done'));
      sink.publish({ data: 'too late' });
      expect(await harness.until('unsubscribed', () => peer.find('unsubscribed'))).toEqual({
        type: 'unsubscribed',
        ch: item?.['ch'],
        code: 'ENDED',
        reason: 'the job is done',
        retryable: false,
      });
      await harness.settle();
      expect(peer.find('publication')).toBeUndefined();
      const [anew] = await subscribed(harness, peer, { channel: 'job/1' });
      expect(anew).toMatchObject({ mode: 'live' });
      expect(source.opened).toHaveLength(2);
    });

    it('[S7] a source that throws while it authorises denies for the moment, and one that cannot open fails alone', async () => {
      const broken = manualSource('broken', 'ephemeral');
      broken.authorize = () => Promise.reject(new Error('no database'));
      let tries = 0;
      const shy = manualSource('shy', 'ephemeral', () => {
        tries += 1;
        if (tries === 1) throw new Error('not today');
        return {};
      });
      harness = await make({ channels: [broken, shy, manualSource('fine', 'ephemeral')] });
      const peer = await harness.join();
      const items = await subscribed(harness, peer, { channel: 'broken' }, { channel: 'shy' }, { channel: 'fine' });
      expect(items).toMatchObject([
        { error: { code: 'UNAVAILABLE', retryable: true } },
        { error: { code: 'UNAVAILABLE', retryable: true } },
        { mode: 'live' },
      ]);
      expect(JSON.stringify(items)).not.toContain('not today');
      expect(await subscribed(harness, peer, { channel: 'shy' })).toMatchObject([{ mode: 'live' }]);
    });

    it('[S9] subscriptions over the limit are refused, and an item that does not open in time fails alone', async () => {
      const hanging = manualSource('hangs', 'ephemeral', () => new Promise(() => undefined));
      harness = await make({
        limits: { maxSubscriptions: 2 },
        channels: [manualSource('a/{id}', 'ephemeral'), hanging],
      });
      const peer = await harness.join();
      expect(await subscribed(harness, peer, { channel: 'a/1' }, { channel: 'hangs' })).toMatchObject([
        { mode: 'live' },
        { error: { code: 'TIMEOUT', retryable: true } },
      ]);
      expect(await subscribed(harness, peer, { channel: 'a/2' })).toMatchObject([{ mode: 'live' }]);
      expect(await subscribed(harness, peer, { channel: 'a/3' })).toMatchObject([
        { error: { code: 'TOO_MANY_SUBSCRIPTIONS' } },
      ]);
    });

    it('[S6] a source that ends its feed while it opens is answered with its code, and asked anew the next time', async () => {
      const source = manualSource('job', 'recoverable', (_request, sink) => {
        if (source.opened.length === 1) sink.end(new FleetwireError('NOT_FOUND', 'there is no such job'));
        return {};
      });
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      expect(await subscribed(harness, peer, { channel: 'job' })).toMatchObject([{ error: { code: 'NOT_FOUND' } }]);
      expect(source.opened[0]?.disposed).toBe(true);
      expect(await subscribed(harness, peer, { channel: 'job' })).toMatchObject([{ mode: 'live' }]);
    });

    it('a source that fails to dispose costs nobody anything', async () => {
      const source = manualSource('ticks', 'ephemeral', () => ({
        dispose: () => {
          throw new Error('disposed badly');
        },
      }));
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'ticks' });
      const id = peer.request('unsubscribe', { ch: 1 });
      await harness.until('response', () => peer.response(id));
      await harness.until('closed', () => source.opened[0]?.disposed);
      const startedAt = harness.now();
      await harness.until('the sweeps go on', () => harness.now() - startedAt > 2 * harness.timings.heartbeatMs);
      expect(peer.closed).toBeUndefined();
    });

    it.each([
      ['parameters of a channel that takes none', { x: 1 }],
      ['a number that JSON cannot hold', { x: 'INFINITY' }],
    ])('[S8] %s are refused', async (_what, params) => {
      const broker = createMemoryBroker({ random: Math.random });
      const authorize = (): { scopeKey: string } => ({ scopeKey: 'org/acme' });
      harness = await make({
        broker,
        channels: [createBrokerChannel({ pattern: 'news', class: 'recoverable', broker, authorize })],
      });
      const peer = await harness.join();
      const text = JSON.stringify({
        type: 'request',
        id: 1,
        method: 'subscribe',
        params: { items: [{ channel: 'news', params }] },
      });
      peer.sendText(text.replace('"INFINITY"', '1e400'));
      const response = await harness.until('response', () => peer.response(1));
      expect(response).toMatchObject({ result: { items: [{ error: { code: 'BAD_REQUEST' } }] } });
    });

    it('[S8] parameters that are too long to be a feed’s key are refused', async () => {
      harness = await make({ channels: [manualSource('a', 'ephemeral')] });
      const peer = await harness.join();
      const items = await subscribed(
        harness,
        peer,
        { channel: 'a', params: { filter: 'x'.repeat(4_097) } },
        { channel: 'a', params: { filter: 'x'.repeat(4_000) } },
      );
      expect(items).toMatchObject([{ error: { code: 'BAD_REQUEST' } }, { mode: 'live' }]);
    });

    it('[S9] a source that hung is tried anew, and what it opens too late is closed', async () => {
      const late: (() => void)[] = [];
      const source = manualSource('slow', 'ephemeral', () =>
        source.opened.length > 1
          ? {}
          : new Promise((resolve) => {
              late.push(() => {
                resolve({});
              });
            }),
      );
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      expect(await subscribed(harness, peer, { channel: 'slow' })).toMatchObject([{ error: { code: 'TIMEOUT' } }]);
      expect(await subscribed(harness, peer, { channel: 'slow' })).toMatchObject([{ mode: 'live' }]);
      late[0]?.();
      await harness.until('closed', () => source.opened[0]?.disposed);
      expect(source.opened[1]?.disposed).toBe(false);
    });

    it('[F8] a feed outlives its last subscriber for a while, then its source is closed', async () => {
      const source = manualSource('ticks', 'recoverable');
      harness = await make({ channels: [source] });
      const first = await harness.join();
      await subscribed(harness, first, { channel: 'ticks' });
      first.close();
      await harness.until('gone', () => harness.server.stats().connections === 0);
      const second = await harness.join();
      await subscribed(harness, second, { channel: 'ticks' });
      expect(source.opened).toHaveLength(1);
      second.close();
      await harness.until('closed', () => source.opened[0]?.disposed);
      expect(harness.server.stats().feeds).toBe(0);
    });

    it('[F8] a source may want its feeds to be kept for a shorter time', async () => {
      const brief = Object.assign(manualSource('brief', 'recoverable'), { lingerMs: 0 });
      const usual = manualSource('usual', 'recoverable');
      harness = await make({ channels: [brief, usual] });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'usual' }, { channel: 'brief' });
      peer.close();
      await harness.until('the brief one is closed', () => brief.opened[0]?.disposed);
      expect(usual.opened[0]?.disposed).toBe(false);
    });
  });
}
