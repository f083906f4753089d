import { expect, it } from 'vitest';
import { createFakeServer, track } from '../../test/support/fake-server.ts';
import { browserLimits } from '../protocol/limits.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { SendQueue } from './send-queue.ts';

it('refuses with QUEUE_FULL when as much waits as may, and takes more when some is gone', async () => {
  const server = await createFakeServer({ maxQueued: 2 });
  const first = track(server.client.request('a.a'));
  server.client.sendMessage('m');
  await expect(server.client.request('a.b')).rejects.toMatchObject({ code: 'QUEUE_FULL', retryable: true });
  expect(() => {
    server.client.sendMessage('m');
  }).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }) as Error);
  const socket = await server.welcome();
  expect(socket.take().length).toBe(2);
  track(server.client.request('a.c'));
  expect(socket.take()).toMatchObject([{ method: 'a.c' }]);
  expect(first.settled).toBe(false);
});

it('[B5] never sends faster than the server takes, however much waits', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  for (let index = 0; index < 600; index += 1) server.client.sendMessage('m', index);
  // A bucket of the server's size that starts full: a frame that finds it empty would be RATE_LIMITED.
  let tokens = browserLimits.textFrameBurst;
  let count = 0;
  for (let elapsedMs = 0; elapsedMs < 12_000; elapsedMs += 10) {
    const sent = socket.take().length;
    count += sent;
    tokens -= sent;
    expect(tokens).toBeGreaterThanOrEqual(0);
    await server.clock.advanceAsync(10);
    tokens = Math.min(browserLimits.textFrameBurst, tokens + browserLimits.textFramesPerSecond / 100);
  }
  expect(count).toBe(600);
});

it('[B5] survives a bunch of a second of frames on the way', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  for (let index = 0; index < 600; index += 1) server.client.sendMessage('m', index);
  await server.clock.advanceAsync(1_000);
  expect(socket.take().length).toBeLessThanOrEqual(browserLimits.textFrameBurst);
});

it('[B5] paces the work of large frames too, and sends one that is larger than the whole burst', () => {
  const clock = createManualClock();
  const queue = new SendQueue({ clock, maxQueued: 100 });
  const sent: number[] = [];
  // Two tokens at once, ten a second: with the work of one frame for 8,192 characters.
  const limits = { ...browserLimits, textFramesPerSecond: 10, textFrameBurst: 4 };
  queue.attach({ bufferedAmount: 0, send: () => sent.push(clock.monotonicNow()) }, limits);
  const startedAt = clock.monotonicNow();
  const text = 'x'.repeat(10 * 8_192 - 1_024);
  for (let index = 0; index < 3; index += 1) queue.push('calls', { encode: () => text, refuse: () => {} });
  expect(sent).toHaveLength(1);
  queue.sendNow('x'.repeat(8_192 - 1_024));
  expect(sent).toHaveLength(2);
  for (let elapsedMs = 0; elapsedMs < 3_000; elapsedMs += 10) clock.advance(10);
  // 2 - 10 - 1 tokens: ten are missing for the next one; then 1 - 10.
  expect(sent.map((at) => at - startedAt)).toEqual([0, 0, 1_000, 2_000]);
});

it('lets answers and cancel pass what waits', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome({}, { textFrameBurst: 2 });
  const abort = new AbortController();
  track(server.client.request('a.a', undefined, { signal: abort.signal }));
  for (let index = 0; index < 3; index += 1) server.client.sendMessage('m', index);
  socket.take();
  abort.abort();
  socket.give({ type: 'ping', t: 5 });
  await server.clock.advanceAsync(100);
  expect(socket.take().map(({ type }) => type)).toEqual(['cancel', 'pong', 'message', 'message', 'message']);
});

it('waits while more than 1 MiB lies in the socket', () => {
  const clock = createManualClock();
  const queue = new SendQueue({ clock, maxQueued: 10 });
  const sent: string[] = [];
  const sink = { bufferedAmount: 1024 * 1024 + 1, send: (text: string) => sent.push(text) };
  queue.attach(sink, browserLimits);
  queue.push('calls', { encode: () => 'x', refuse: () => {} });
  clock.advance(1_000);
  expect(sent).toEqual([]);
  sink.bufferedAmount = 0;
  clock.advance(50);
  expect(sent).toEqual(['x']);
});
