import { describe, expect, it } from 'vitest';
import { openClient, startServer } from './harness.ts';
import { startPublisher } from './publisher.ts';
import { createRandom } from './random.ts';
import { startBrokerHost } from './remote-broker-host.ts';
import { caseTimeoutMs, divisor } from './scale.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

/** Cuts in the normal run; ten times as many at full scale. */
const rounds = 200 / divisor;
const channels = ['recoverable/a', 'recoverable/b', 'recoverable/c'];

describe('two replicas over one broker', () => {
  it(
    `[F4][G3][S3] a client that is cut and moved to the other replica ${String(rounds)} times loses and doubles nothing`,
    async () => {
      const random = createRandom();
      const { broker, port: brokerPort } = await startBrokerHost();
      const replicas = [await startServer({ brokerPort }), await startServer({ brokerPort })] as const;
      const proxy = await startTcpProxy(replicas[0].port);
      const watched = openClient(proxy.url, channels, {
        // Each cut counts as the first, or the waits would grow to seconds.
        timings: { backoffResetMs: 0 },
      });
      const reached = (): number => Math.min(...channels.map((channel) => watched.log(channel).last));
      await until(() => watched.isLive, { what: 'the first subscriptions' });
      const publisher = startPublisher(broker, channels, 2);

      const cuts: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const goal = publisher.last + random.between(1, 40);
        await until(() => watched.isLive && reached() >= goal, {
          what: `number ${String(goal)} on every channel after the cuts ${cuts.join(', ')} of seed ${String(random.seed)}`,
          but: () => watched.feeds,
        });
        proxy.target = replicas[random.between(0, 1)]?.port as number;
        const cut = random.pick(['reset', 'end', 'reset-in-frame'] as const);
        cuts.push(cut);
        const { accepted } = proxy;
        if (cut === 'reset') proxy.reset();
        else if (cut === 'end') proxy.end();
        else proxy.resetAfter(random.between(1, 2_000));
        await until(() => proxy.accepted > accepted, { what: 'the next dial' });
      }

      const last = await publisher.stop();
      await until(() => watched.isLive && reached() === last, { what: 'all of it', but: () => watched.feeds });
      for (const channel of channels) {
        const { lost, doubled, gaps, received, first, modes } = watched.log(channel).report();
        expect({ seed: random.seed, lost, doubled, gaps }).toEqual({
          seed: random.seed,
          lost: [],
          doubled: [],
          gaps: [],
        });
        expect(received).toBe(last - first + 1);
        expect(modes.length).toBeGreaterThan(rounds);
        expect(new Set(modes.slice(1))).toEqual(new Set(['recovered']));
      }
      const served = await Promise.all(replicas.map((replica) => replica.call('stats')));
      expect(served.map(({ connects }) => (connects['accepted'] ?? 0) > 0)).toEqual([true, true]);
    },
    caseTimeoutMs(120_000),
  );
});
