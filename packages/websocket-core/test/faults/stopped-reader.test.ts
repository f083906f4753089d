import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { queueLimits } from '../../src/protocol/limits.ts';
import { flood, startClients, startServer, untilAllLive } from './harness.ts';
import { caseTimeoutMs, scaled, slackMs, timings } from './scale.ts';
import { until } from './until.ts';

const channels = ['recoverable/a', 'state/a'] as const;
const fastCount = 5;
/** More than the kernel's buffers hold, and fewer than the 1,000 publications that the broker remembers. */
const load = { channels: ['recoverable/a'], count: 900, bytes: 16 * 1024 };

describe('a reader that stops for a minute', () => {
  it(
    '[B3][F4][L2] is closed with 4408 once its kernel takes nothing for 10 s, and misses nothing when it comes back',
    async () => {
      const server = await startServer({ timings: { stallTimeoutMs: timings.stallTimeoutMs } });
      const fast = await startClients({ url: server.url, count: fastCount, channels });
      const stopped = await startClients({ url: server.url, count: 1, channels });
      await server.call('publish', { channel: 'state/a', key: 'k', data: 'before' });
      await server.call('watchPeaks');

      stopped.signal('SIGSTOP');
      const stoppedAt = performance.now();
      const flooding = flood(server, fast, load);
      await until(async () => (await server.call('closes')).length > 0, {
        what: 'the stopped reader to be closed',
        // The kernel takes a few megabytes before it takes none.
        withinMs: scaled(10_000) + 10_000,
      });
      expect(await server.call('closes')).toEqual([
        expect.objectContaining({ code: 4408, reason: 'the peer took no byte for too long' }),
      ]);
      expect(performance.now() - stoppedAt).toBeGreaterThan(scaled(10_000));
      await flooding;
      await server.call('publish', { channel: 'state/a', key: 'k', data: 'meanwhile' });
      await until(async () => (await fast.call('reached', 'recoverable/a')) === load.count, {
        what: 'the others to have it all',
      });
      expect(await server.call('stats')).toMatchObject({ connections: fastCount });
      expect((await server.call('peaks')).queuedBytes).toBeLessThanOrEqual(
        (fastCount + 1) * (queueLimits.maxQueuedBytes + 2 * load.bytes),
      );

      // The minute itself: nothing is waited for, time must pass.
      await delay(Math.max(0, scaled(60_000) - (performance.now() - stoppedAt)));
      stopped.signal('SIGCONT');
      await untilAllLive(stopped, 1);
      await until(async () => (await stopped.call('reached', 'recoverable/a')) === load.count, {
        what: 'what the reader missed',
      });
      const [report] = await stopped.call('report');
      expect(report?.feeds['recoverable/a']).toMatchObject({ lost: [], doubled: [], gaps: [], received: load.count });
      expect(report?.feeds['recoverable/a']?.modes).toEqual(['live', 'recovered']);
      expect(report?.feeds['state/a']?.items).toEqual({ k: 'meanwhile' });

      for (const { feeds, states } of await fast.call('report')) {
        expect(feeds['recoverable/a']).toMatchObject({
          lost: [],
          doubled: [],
          gaps: [],
          received: load.count,
          modes: ['live'],
        });
        expect(feeds['recoverable/a']?.maxDelayMs).toBeLessThan(slackMs);
        expect(states.filter(({ state }) => state.status === 'backoff')).toEqual([]);
      }
    },
    caseTimeoutMs(90_000),
  );
});
