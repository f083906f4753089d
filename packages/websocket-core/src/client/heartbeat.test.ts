import { expect, it } from 'vitest';
import { createFakeServer } from '../../test/support/fake-server.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { Heartbeat } from './heartbeat.ts';

function create() {
  const clock = createManualClock();
  const pings: number[] = [];
  const rtts: number[] = [];
  let lost = 0;
  const heartbeat = new Heartbeat({
    clock,
    pongTimeoutMs: 10_000,
    ping: (t) => pings.push(t),
    onRtt: (rttMs) => rtts.push(rttMs),
    onLost: () => {
      lost += 1;
      heartbeat.stop();
    },
  });
  heartbeat.start(25_000);
  return { clock, heartbeat, pings, rtts, lost: () => lost };
}

it('[L3] pings every heartbeatMs and measures the round trip by its own `t` only', () => {
  const { clock, heartbeat, pings, rtts, lost } = create();
  clock.advance(25_000);
  clock.advance(40);
  heartbeat.heard();
  heartbeat.onPong(1);
  heartbeat.onPong(pings[0] as number);
  heartbeat.onPong(pings[0] as number);
  clock.advance(25_000);
  expect(pings).toEqual([25_000, 50_000]);
  expect(rtts).toEqual([40]);
  expect(lost()).toBe(0);
});

it('[L3] takes the connection for lost when nothing at all comes within 10 s of a ping', () => {
  const silent = create();
  silent.clock.advance(34_999);
  expect(silent.lost()).toBe(0);
  silent.clock.advance(1);
  expect(silent.lost()).toBe(1);
  expect(silent.clock.pending).toBe(0);
  const talking = create();
  talking.clock.advance(30_000);
  talking.heartbeat.heard();
  talking.clock.advance(10_000);
  expect(talking.lost()).toBe(0);
});

it('[L3] probes again after an answer, however recent, and only once while one is awaited', () => {
  const { clock, heartbeat, lost, pings } = create();
  heartbeat.probe();
  heartbeat.probe();
  clock.advance(50);
  heartbeat.heard();
  clock.advance(50);
  heartbeat.probe();
  expect(pings).toEqual([0, 100]);
  clock.advance(9_999);
  expect(lost()).toBe(0);
  clock.advance(1);
  expect(lost()).toBe(1);
});

it('[L3] asks once more when its timer slept with the machine', () => {
  const { clock, heartbeat, lost, pings } = create();
  let sleptMs = 0;
  const monotonicNow = clock.monotonicNow.bind(clock);
  clock.monotonicNow = () => monotonicNow() + sleptMs;
  heartbeat.probe();
  sleptMs = 60_000;
  clock.advance(10_000);
  expect([lost(), pings.length]).toEqual([0, 2]);
  clock.advance(10_000);
  expect(lost()).toBe(1);
});

it('[L3] answers a ping with a pong of the same `t`, reconnects after silence, and shows rttMs in the state', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  socket.give({ type: 'ping', t: 12.5 });
  expect(socket.take()).toEqual([{ type: 'pong', t: 12.5 }]);
  await server.clock.advanceAsync(25_000);
  const ping = socket.take();
  expect(ping).toMatchObject([{ type: 'ping' }]);
  server.clock.advance(30);
  socket.give({ type: 'pong', t: ping[0]?.['t'] });
  expect(server.client.state).toMatchObject({ status: 'open', rttMs: 30 });
  await server.clock.advanceAsync(34_970);
  expect(server.client.state).toMatchObject({ status: 'backoff', cause: { code: 4408 } });
  expect(socket.closedWith?.code).toBe(1000);
});

it('[L3] pings first when the application wants to know the round trip, then every heartbeatMs', () => {
  const { clock, heartbeat, pings } = create();
  heartbeat.start(25_000, 1_000);
  clock.advance(1_000);
  heartbeat.heard();
  clock.advance(25_000);
  expect(pings).toEqual([1_000, 26_000]);
});
