import { describe, expect, it } from 'vitest';
import { openClient, openRawPeer, startServer } from './harness.ts';
import { caseTimeoutMs, scaled, slackMs, timings as scaledTimings } from './scale.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

const timings = { pongTimeoutMs: scaledTimings.pongTimeoutMs };

describe('half-open sockets', () => {
  it(
    '[L2][F8] the server finds half-open peers within 35 s, harms no other, and holds nothing for them any more',
    async () => {
      const server = await startServer({ timings });
      const proxy = await startTcpProxy(server.port);
      const healthy = [await openRawPeer(server.url), await openRawPeer(server.url)];
      const silent = await Promise.all(Array.from({ length: 12 }, () => openRawPeer(proxy.url)));
      for (const peer of silent) {
        const items = [{ channel: 'recoverable/a' }, { channel: 'state/a' }];
        peer.send({ type: 'request', id: 1, method: 'subscribe', params: { items } });
      }
      await until(() => silent.every(({ frames }) => frames.some(({ type }) => type === 'response')), {
        what: 'answers to all subscribes',
      });
      expect(await server.call('stats')).toMatchObject({ connections: 14, feeds: 2 });

      proxy.blackhole();
      const startedAt = performance.now();
      await until(async () => (await server.call('stats')).connections === 2, {
        what: 'the half-open connections to be found',
        withinMs: scaled(35_000) + slackMs,
        but: async () => (await server.call('stats')).connections,
      });
      const foundAfterMs = performance.now() - startedAt;
      expect(foundAfterMs).toBeGreaterThan(scaled(10_000));

      const reasons = (await server.call('closes')).map(({ code, reason }) => `${String(code)} ${reason}`);
      expect(new Set(reasons)).toEqual(new Set(['4408 no answer to a ping in time']));
      expect(healthy.map(({ closed }) => closed)).toEqual([undefined, undefined]);
      await until(async () => (await server.call('stats')).feeds === 0, {
        what: 'the feeds of the dead to be given up after their linger',
        withinMs: scaled(30_000) + slackMs,
      });
      expect(await server.call('stats')).toMatchObject({ connections: 2, queuedBytes: 0, ringBytes: 0 });
    },
    caseTimeoutMs(75_000),
  );

  it(
    '[L3][F4] a client finds that its connection is half-open, connects again and misses nothing',
    async () => {
      const server = await startServer({ timings });
      const proxy = await startTcpProxy(server.port);
      const channel = 'recoverable/a';
      const watched = openClient(proxy.url, [channel, 'state/a'], { timings });
      await until(() => watched.isLive, { what: 'the first subscriptions' });
      const publish = async (from: number, to: number): Promise<void> => {
        for (let seq = from; seq <= to; seq += 1) {
          await server.call('publish', { channel, data: { seq, at: Date.now() } });
        }
      };
      await publish(1, 5);
      await until(() => watched.log(channel).last === 5, { what: 'the first five' });

      proxy.blackhole();
      const startedAt = Date.now();
      await publish(6, 10);
      await server.call('publish', { channel: 'state/a', key: 'k', data: 'changed meanwhile' });
      await until(() => watched.states.some(({ state }) => state.status === 'backoff'), {
        what: 'the client to find it',
        withinMs: scaled(35_000) + slackMs,
      });
      const found = watched.states.find(({ state }) => state.status === 'backoff');
      expect(found?.state).toMatchObject({ cause: { code: 4408 } });
      expect((found?.at ?? 0) - startedAt).toBeGreaterThan(scaled(10_000) - 100);

      await until(() => watched.isLive && watched.log(channel).last === 10, { what: 'what was missed' });
      const { doubled, lost, gaps, modes } = watched.log(channel).report();
      expect({ doubled, lost, gaps, modes }).toEqual({ doubled: [], lost: [], gaps: [], modes: ['live', 'recovered'] });
      expect(watched.log('state/a').report().items).toEqual({ k: 'changed meanwhile' });
      await until(async () => (await server.call('stats')).connections === 1, {
        what: 'the server to find the dead one too',
        withinMs: scaled(35_000) + slackMs,
      });
    },
    caseTimeoutMs(75_000),
  );
});
