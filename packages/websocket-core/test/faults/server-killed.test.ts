import { describe, expect, it } from 'vitest';
import { steadyPort } from '@fleetwire/config/steady-port';
import { openClient, startClients, startServer, untilAllLive } from './harness.ts';
import { startPublisher } from './publisher.ts';
import { startBrokerHost } from './remote-broker-host.ts';
import { caseTimeoutMs, timings } from './scale.ts';
import { until } from './until.ts';
import type { StateRecord } from './watched-client.ts';

const feeds = { state: 'state/a', recoverable: 'recoverable/a' } as const;

describe('a server that is killed and replaced on the same port', () => {
  it(
    '[G5][S3][F1][F6] a crowd comes back with full jitter; state starts over by snapshot, lost history is told',
    async () => {
      const count = 30;
      const first = await startServer({ port: await steadyPort() });
      const publish = async (server: typeof first, seq: number): Promise<void> => {
        await server.call('publish', { channel: feeds.recoverable, data: { seq, at: Date.now() } });
      };
      await first.call('publish', { channel: feeds.state, key: 'old', data: 1 });
      await first.call('publish', { channel: feeds.state, key: 'both', data: 1 });
      const clients = await startClients({ url: first.url, count, channels: Object.values(feeds) });
      for (let seq = 1; seq <= 5; seq += 1) await publish(first, seq);
      await until(async () => (await clients.call('reached', feeds.recoverable)) === 5, { what: 'the first five' });

      await first.kill();
      const second = await startServer({ port: first.port });
      await second.call('publish', { channel: feeds.state, key: 'both', data: 2 });
      await second.call('publish', { channel: feeds.state, key: 'new', data: 2 });
      await untilAllLive(clients, count);
      for (let seq = 8; seq <= 12; seq += 1) await publish(second, seq);
      await until(async () => (await clients.call('reached', feeds.recoverable)) === 12, { what: 'the later ones' });

      const reports = await clients.call('report');
      for (const report of reports) {
        expect(report.feeds[feeds.state]).toMatchObject({
          modes: ['snapshot', 'snapshot'],
          items: { both: 2, new: 2 },
          status: 'live',
        });
        // The history died with its broker: told once, and nothing is doubled or lost beyond what was told.
        expect(report.feeds[feeds.recoverable]).toMatchObject({
          modes: ['live', 'live'],
          gaps: [undefined],
          lost: [],
          doubled: [],
          received: 10,
        });
      }
      const waits = reports.flatMap(({ states }) => states.flatMap(waitOf));
      for (const { attempt, waitMs } of waits) {
        const stepMs = Math.min(timings.backoffMaxMs, timings.backoffBaseMs * 2 ** (attempt - 1));
        expect(waitMs).toBeLessThanOrEqual(stepMs + 1);
      }
      // Thirty even draws from one step: all in one half of it comes once in ten million runs.
      const firstWaits = waits.filter(({ attempt }) => attempt === 1).map(({ waitMs }) => waitMs);
      expect(firstWaits).toHaveLength(count);
      expect(Math.max(...firstWaits) - Math.min(...firstWaits)).toBeGreaterThan(timings.backoffBaseMs / 2);
    },
    caseTimeoutMs(60_000),
  );

  it(
    '[F4][F6][G5] where the broker lives on, a crowd gets everything that was published meanwhile, once and in order',
    async () => {
      const count = 15;
      const { broker, port: brokerPort } = await startBrokerHost();
      const first = await startServer({ brokerPort, port: await steadyPort() });
      const clients = await startClients({ url: first.url, count, channels: [feeds.recoverable] });
      const publisher = startPublisher(broker, [feeds.recoverable]);
      await until(async () => (await clients.call('reached', feeds.recoverable)) > 20, { what: 'the first twenty' });

      await first.kill();
      const killedAt = publisher.last;
      await until(() => publisher.last > killedAt + 50, { what: 'publications that no server carries' });
      await startServer({ brokerPort, port: first.port });
      await untilAllLive(clients, count);
      const last = await publisher.stop();
      await until(async () => (await clients.call('reached', feeds.recoverable)) === last, { what: 'all of it' });
      for (const report of await clients.call('report')) {
        const { received, first: began, ...seen } = report.feeds[feeds.recoverable] as (typeof report.feeds)[string];
        expect(seen).toMatchObject({ modes: ['live', 'recovered'], gaps: [], lost: [], doubled: [] });
        expect(received).toBe(last - began + 1);
      }
    },
    caseTimeoutMs(60_000),
  );

  it(
    '[R7] requests without a key fail and say that they may have run, those with one are sent again, new ones wait',
    async () => {
      const first = await startServer({ hangs: true, port: await steadyPort() });
      const watched = openClient(first.url);
      const { client } = watched;
      const plain = client.request('work.once').then(
        () => 'answered',
        (error: unknown) => error,
      );
      const keyed = client.request('work.once', undefined, { idempotencyKey: 'order-7' });
      // The echo comes behind the two: both were sent.
      expect(await client.request('work.echo', 'sent')).toBe('sent');

      await first.kill();
      expect(await plain).toMatchObject({ code: 'CONNECTION_LOST', maybeExecuted: true, retryable: true });
      await until(() => !watched.isOpen, { what: 'the loss' });
      const meanwhile = client.request('work.echo', 'asked while nobody was there');
      const second = await startServer({ port: first.port });
      expect(await keyed).toEqual({ pid: second.pid, idempotencyKey: 'order-7' });
      expect(await meanwhile).toBe('asked while nobody was there');
      expect(await client.request('work.once')).toEqual({ pid: second.pid, idempotencyKey: undefined });
    },
    caseTimeoutMs(60_000),
  );
});

function waitOf({ at, state }: StateRecord): { attempt: number; waitMs: number }[] {
  return state.status === 'backoff' ? [{ attempt: state.attempt, waitMs: state.retryAt - at }] : [];
}
