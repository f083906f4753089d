import { describe, expect, it } from 'vitest';
import { queueLimits } from '../../src/protocol/limits.ts';
import { flood, openClient, startClients, startServer } from './harness.ts';
import { caseTimeoutMs, slackMs } from './scale.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

const feeds = { recoverable: 'recoverable/a', state: 'state/a', ephemeral: 'ephemeral/a' } as const;
const fastCount = 20;
const kibibyte = 1024;
/** Two bursts of the flood, and no more: whoever is further behind falls off. */
const maxRingBytes = 280 * kibibyte;
/** Below the 1,000 publications that the broker remembers: a recoverable feed must not lose any. */
const load = { channels: Object.values(feeds), count: 900, bytes: 4 * kibibyte, keys: 150 };
/**
 * Only the slow one gets this as well: Linux grows a receive buffer to tens of megabytes before the server notices
 * anything, and that much for everybody would only heat the machine.
 */
const ballast = { channels: ['ephemeral/ballast'], count: 30, bytes: 64 * kibibyte };
/** The flood would take a minute and a half at this pace; even on a busy machine it is over before. */
const slowBytesPerSecond = 128 * kibibyte;

describe('a slow reader among fast ones', () => {
  it(
    '[B1][B3][F3][F4][F5] costs no other anything and little memory; it gets gaps, present values, and LAGGED with all it missed',
    async () => {
      const server = await startServer({ queueLimits: { maxRingBytes } });
      const proxy = await startTcpProxy(server.port);
      const fast = await startClients({ url: server.url, count: fastCount, channels: Object.values(feeds) });
      const slow = openClient(proxy.url, [...Object.values(feeds), ...ballast.channels]);
      await until(() => slow.isLive, { what: 'the slow reader' });
      // A key that goes while the slow one is behind must go from its view too.
      await server.call('publish', { channel: feeds.state, key: 'gone', data: 'soon' });
      await server.call('publish', { channel: feeds.state, key: 'kept', data: 'all along' });
      await until(() => Object.keys(slow.log(feeds.state).report().items).length === 2, { what: 'the first items' });
      await server.call('watchPeaks');

      proxy.bytesPerSecond = slowBytesPerSecond;
      let loaded = 0;
      for (; (await server.call('stats')).lagged['ephemeral'] === undefined; loaded += ballast.count) {
        expect(loaded * ballast.bytes).toBeLessThan(256 * kibibyte ** 2);
        await server.call('burst', { ...ballast, first: loaded + 1 });
      }
      const startedAt = performance.now();
      await server.call('unpublish', { channel: feeds.state, key: 'gone' });
      await flood(server, fast, load);
      await until(async () => (await fast.call('reached', feeds.recoverable)) === load.count, {
        what: 'the fast ones to have it all',
      });
      const floodMs = performance.now() - startedAt;

      for (const report of await fast.call('report')) {
        for (const channel of [feeds.ephemeral, feeds.recoverable]) {
          const { modes, received, lost, doubled, gaps, maxDelayMs } = report.feeds[
            channel
          ] as (typeof report.feeds)[string];
          expect({ modes, received, lost, doubled, gaps }).toEqual({
            modes: ['live'],
            received: load.count,
            lost: [],
            doubled: [],
            gaps: [],
          });
          // Nobody waited for the slow one.
          expect(maxDelayMs).toBeLessThan(slackMs);
        }
      }
      expect(floodMs).toBeLessThan((load.channels.length * load.count * load.bytes * 1_000) / slowBytesPerSecond);
      // What waits for one connection: its pull limit, the turn that passed it, and answers, of which there are few.
      const perConnection = queueLimits.maxQueuedBytes + queueLimits.laneTurnBytes + 16 * kibibyte;
      const peaks = await server.call('peaks');
      expect(peaks.queuedBytes).toBeLessThanOrEqual((fastCount + 1) * perConnection);
      // A ring keeps its newest frame whatever its size; here a frame is small.
      expect(peaks.ringBytes).toBeLessThanOrEqual((Object.keys(feeds).length + 1) * maxRingBytes);

      expect((await server.call('stats')).queuedBytes).toBeLessThanOrEqual(perConnection);
      expect((await server.call('stats')).connections).toBe(fastCount + 1);
      proxy.bytesPerSecond = Infinity;
      await until(() => slow.log(feeds.recoverable).last === load.count, {
        what: 'the slow one to have the recoverable feed',
        but: () => slow.log(feeds.recoverable).report().last,
      });
      const recoverable = slow.log(feeds.recoverable).report();
      expect(recoverable).toMatchObject({ lost: [], doubled: [], gaps: [], received: load.count });
      expect(recoverable.errors).toContain('LAGGED');
      expect(new Set(recoverable.modes.slice(1))).toEqual(new Set(['recovered']));

      const wanted = (await fast.call('report'))[0]?.feeds[feeds.state]?.items;
      expect(Object.keys(wanted ?? {})).toHaveLength(load.keys + 1);
      await until(
        () => JSON.stringify(sorted(slow.log(feeds.state).report().items)) === JSON.stringify(sorted(wanted)),
        {
          what: 'the slow one to show the present state',
        },
      );
      // By the keys that changed or, where that is more, by a snapshot; never by a subscription that ended.
      expect(new Set(slow.log(feeds.state).report().modes)).toEqual(new Set(['snapshot']));
      expect(slow.log(feeds.state).report().errors).toEqual([]);

      // One more, so that a gap at the very end is told.
      await server.call('publish', { channel: feeds.ephemeral, data: { seq: load.count + 1, at: Date.now() } });
      await until(() => slow.log(feeds.ephemeral).last === load.count + 1, { what: 'the last of the ephemeral feed' });
      const ephemeral = slow.log(feeds.ephemeral).report();
      expect(ephemeral.gaps.length).toBeGreaterThan(0);
      const told = ephemeral.gaps.reduce<number>((sum, dropped) => sum + (dropped ?? NaN), 0);
      expect({ doubled: ephemeral.doubled, lost: ephemeral.lost, total: ephemeral.received + told }).toEqual({
        doubled: [],
        lost: [],
        total: load.count + 1,
      });
      expect(Object.keys((await server.call('stats')).lagged).sort()).toEqual(['ephemeral', 'recoverable', 'state']);
      // All on the connection that it began with.
      expect(slow.states.filter(({ state }) => state.status === 'backoff')).toEqual([]);
    },
    caseTimeoutMs(60_000),
  );
});

function sorted(items: Readonly<Record<string, unknown>> | undefined): unknown {
  return Object.entries(items ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
