import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { PROTOCOL_NAME } from '../../src/protocol/version.ts';
import { exitOf } from './child.ts';
import { openClient, openRawPeer, startClients, startServer, untilAllLive } from './harness.ts';
import { startPublisher } from './publisher.ts';
import { startBrokerHost } from './remote-broker-host.ts';
import { caseTimeoutMs, scaled, slackMs } from './scale.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

const channel = 'recoverable/a';
const count = 50;
/** Twice that of the documents, so that a busy machine does not use up a tenth of it. */
const drainDeadlineMs = scaled(40_000);

describe('a drain with traffic', () => {
  it(
    '[G1][G2][G3][O8] moves fifty clients to the other replica one after the other; nothing recoverable is lost, no request fails, the process ends with 0',
    async () => {
      const { broker, port: brokerPort } = await startBrokerHost();
      const leaving = await startServer({ brokerPort, timings: { drainDeadlineMs } });
      const staying = await startServer({ brokerPort });
      let inRotation = [leaving.port, staying.port];
      let turn = 0;
      const balancer = await startTcpProxy(leaving.port);
      balancer.route = () => {
        turn += 1;
        return inRotation[turn % inRotation.length] as number;
      };
      const clients = await startClients({ url: balancer.url, count, channels: [channel] });
      const publisher = startPublisher(broker, [channel]);
      inRotation = [leaving.port];
      const caller = openClient(balancer.url);
      await until(() => caller.isOpen, { what: 'the caller' });
      inRotation = [leaving.port, staying.port];
      expect(await leaving.call('stats')).toMatchObject({ connections: count / 2 + 1 });

      // Requests one after the other, without a key: what was sent is answered, what was not waits.
      let answered = 0;
      let isCalling = true;
      const calling = (async () => {
        while (isCalling) {
          await caller.client.request('work.slow', { ms: 15 });
          answered += 1;
        }
      })();
      await until(() => answered > 3, { what: 'the first answers' });
      const callsBefore = answered;

      const drainedFrom = Date.now();
      leaving.signal('SIGTERM');
      // The signal takes a while to arrive; until then upgrades are taken.
      await until(async () => (await fetch(leaving.url.replace('ws:', 'http:'))).status === 503, { what: 'not ready' });
      expect(await refusalOf(leaving.url)).toEqual({ status: 503, retryAfter: '1' });
      expect((await leaving.call('stats')).connects['refused_draining']).toBeGreaterThan(0);
      // A balancer takes a while to see that a server is not ready: some clients meet the 503 first.
      await until(async () => ((await leaving.call('stats')).connects['refused_draining'] ?? 0) > 3, {
        what: 'clients that are refused',
      });
      inRotation = [staying.port];

      expect(await exitOf(leaving, drainDeadlineMs + slackMs)).toEqual({ code: 0, signal: null });
      const drainMs = Number(/drained in (\d+) ms/.exec(leaving.errors())?.[1]);
      expect(drainMs).toBeLessThan(drainDeadlineMs);
      await untilAllLive(clients, count);
      isCalling = false;
      await calling;
      expect(answered).toBeGreaterThan(callsBefore);
      const last = await publisher.stop();
      await until(async () => (await clients.call('reached', channel)) === last, { what: 'all publications' });
      await until(async () => (await staying.call('stats')).connections === count + 1, { what: 'all on one server' });

      const reports = await clients.call('report');
      const departures: number[] = [];
      for (const { feeds, states } of reports) {
        const { lost, doubled, gaps, received, first, modes } = feeds[channel] as (typeof feeds)[string];
        expect({ lost, doubled, gaps }).toEqual({ lost: [], doubled: [], gaps: [] });
        expect(received).toBe(last - first + 1);
        const loss = states.find(({ state }) => state.status === 'backoff');
        expect(modes).toEqual(loss === undefined ? ['live'] : ['live', 'recovered']);
        if (loss === undefined) continue;
        expect(loss.state).toMatchObject({ cause: { code: 1000 } });
        departures.push(loss.at - drainedFrom);
      }
      expect(departures).toHaveLength(count / 2);
      const departure = caller.states.find(({ state }) => state.status === 'backoff');
      expect(departure?.state).toMatchObject({ cause: { code: 1000 } });
      // Paced over the first half of the deadline: neither all at once nor all at its end.
      const half = drainDeadlineMs / 2;
      expect(Math.max(...departures)).toBeLessThan(drainDeadlineMs);
      expect(Math.max(...departures) - Math.min(...departures)).toBeGreaterThan(half * 0.7);
      expect(departures.filter((ms) => ms < half / 2).length).toBeGreaterThan(2);
      expect(departures.filter((ms) => ms >= half / 2).length).toBeGreaterThan(2);
    },
    caseTimeoutMs(60_000),
  );

  it(
    '[G2] ends at its deadline, and the process with it, though one peer ignores the goaway and another is half-open',
    async () => {
      const deadlineMs = scaled(20_000);
      const server = await startServer({ timings: { drainDeadlineMs: deadlineMs } });
      const proxy = await startTcpProxy(server.port);
      const stubborn = await openRawPeer(server.url);
      await openRawPeer(proxy.url);
      proxy.blackhole();
      const startedAt = performance.now();
      server.signal('SIGTERM');
      await until(() => stubborn.closed, { what: 'the close', withinMs: deadlineMs + slackMs });
      expect(stubborn.frames.filter(({ type }) => type === 'goaway')).toHaveLength(1);
      expect(stubborn.closed).toEqual({ code: 1012, reason: 'the server restarts' });
      // Until then it was served.
      expect(performance.now() - startedAt).toBeGreaterThan(deadlineMs / 2);
      expect(await exitOf(server, deadlineMs + slackMs)).toEqual({ code: 0, signal: null });
      expect(performance.now() - startedAt).toBeLessThan(deadlineMs + slackMs);
    },
    caseTimeoutMs(30_000),
  );
});

/** What an upgrade gets that is refused. */
function refusalOf(url: string): Promise<{ status: number | undefined; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, PROTOCOL_NAME);
    socket.on('error', reject);
    socket.on('open', () => {
      socket.terminate();
      reject(new Error('expected a refusal'));
    });
    socket.on('unexpected-response', (request, response) => {
      resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'] });
      request.destroy();
    });
  });
}
