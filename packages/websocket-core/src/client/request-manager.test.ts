import { expect, it } from 'vitest';
import { createFakeServer, track } from '../../test/support/fake-server.ts';

it('[R1] numbers requests from 1 on each connection, in the order in which they go', async () => {
  const server = await createFakeServer();
  void server.client.request('a.a').catch(() => {});
  void server.client.request('a.b', { x: 1 }).catch(() => {});
  const socket = await server.welcome();
  void server.client.request('a.c').catch(() => {});
  expect(socket.take()).toEqual([
    { type: 'request', id: 1, method: 'a.a' },
    { type: 'request', id: 2, method: 'a.b', params: { x: 1 } },
    { type: 'request', id: 3, method: 'a.c' },
  ]);
});

it('[R2] settles each request with its own response, in any order; an absent result is null', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  const calls = ['a.a', 'a.b', 'a.c'].map((method) => track(server.client.request(method)));
  socket.give({ type: 'response', id: 3 });
  socket.give({ type: 'response', id: 1, result: { ok: true } });
  const error = { code: 'FORBIDDEN', message: 'no', retryable: false, details: { need: 'vm.read' } };
  socket.give({ type: 'response', id: 2, error });
  await server.settle();
  expect(calls[0]?.value).toEqual({ ok: true });
  expect(calls[1]?.error).toMatchObject({ name: 'FleetwireError', ...error });
  expect(calls[2]).toMatchObject({ settled: true, value: null });
});

it('[R3] an abort rejects at once and sends cancel; one before the sending sends nothing at all', async () => {
  const server = await createFakeServer();
  const early = new AbortController();
  const unsent = track(server.client.request('a.a', undefined, { signal: early.signal }));
  early.abort(new Error('changed my mind'));
  const socket = await server.welcome();
  const late = new AbortController();
  const sent = track(server.client.request('a.b', undefined, { signal: late.signal }));
  late.abort();
  await server.settle();
  expect(unsent.error).toMatchObject({ code: 'ABORTED', cause: new Error('changed my mind') });
  expect(sent.error).toMatchObject({ code: 'ABORTED' });
  expect(socket.take()).toEqual([
    { type: 'request', id: 1, method: 'a.b' },
    { type: 'cancel', id: 1 },
  ]);
  await expect(server.client.request('a.c', undefined, { signal: late.signal })).rejects.toMatchObject({
    code: 'ABORTED',
  });
  expect(socket.take()).toEqual([]);
});

it('[R4] ignores answers that nobody awaits: late, double, and never asked for', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  const abort = new AbortController();
  const call = track(server.client.request('a.a', undefined, { signal: abort.signal }));
  abort.abort();
  for (const id of [1, 1, 99]) socket.give({ type: 'response', id, result: 'late' });
  await server.settle();
  expect(call.error?.code).toBe('ABORTED');
  expect(server.client.state.status).toBe('open');
  expect(server.errors).toEqual([]);
});

it('[R7] fails what was sent with CONNECTION_LOST, sends only keyed requests again, first, and keeps what was not sent', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome({}, { textFrameBurst: 6 });
  const plain = track(server.client.request('a.plain'));
  const keyed = track(server.client.request('a.keyed', { n: 1 }, { idempotencyKey: 'k-1' }));
  const second = track(server.client.request('a.second', undefined, { idempotencyKey: 'k-2' }));
  const unsent = track(server.client.request('a.unsent'));
  expect(socket.take().map(({ method }) => method)).toEqual(['a.plain', 'a.keyed', 'a.second']);
  socket.end(1006);
  await server.settle();
  expect(plain.error).toMatchObject({ code: 'CONNECTION_LOST', maybeExecuted: true, retryable: true });
  expect([keyed.settled, second.settled, unsent.settled]).toEqual([false, false, false]);
  await server.clock.advanceAsync(125);
  const next = await server.welcome();
  expect(next.take()).toEqual([
    { type: 'request', id: 1, method: 'a.keyed', params: { n: 1 }, idempotencyKey: 'k-1' },
    { type: 'request', id: 2, method: 'a.second', idempotencyKey: 'k-2' },
    { type: 'request', id: 3, method: 'a.unsent' },
  ]);
  next.give({ type: 'response', id: 1, result: 'once' });
  await server.settle();
  expect(keyed.value).toBe('once');
});

it('[R10] sends traceparent unchanged', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  void server.client.request('a.a', undefined, { traceparent }).catch(() => {});
  expect(socket.take()).toMatchObject([{ traceparent }]);
});

it('[R11] leaves the methods of the protocol to the protocol', async () => {
  const server = await createFakeServer();
  for (const method of ['subscribe', 'unsubscribe', 'auth.refresh', '', 'x'.repeat(201)]) {
    await expect(server.client.request(method)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  }
});

it('times out from the call on, before and after the sending, and asks the server to give up', async () => {
  const server = await createFakeServer();
  const waiting = track(server.client.request('a.a', undefined, { timeoutMs: 100 }));
  await server.clock.advanceAsync(100);
  expect(waiting.error).toMatchObject({ code: 'REQUEST_TIMEOUT', maybeExecuted: false });
  const socket = await server.welcome();
  const sent = track(server.client.request('a.b'));
  await server.clock.advanceAsync(29_999);
  expect(sent.settled).toBe(false);
  await server.clock.advanceAsync(1);
  expect(sent.error).toMatchObject({ code: 'REQUEST_TIMEOUT', maybeExecuted: true, retryable: true });
  expect(socket.take().filter(({ type }) => type !== 'ping')).toEqual([
    { type: 'request', id: 1, method: 'a.b' },
    { type: 'cancel', id: 1 },
  ]);
});

it('waits without end when the time limit is Infinity', async () => {
  const server = await createFakeServer();
  const call = track(server.client.request('a.a', undefined, { timeoutMs: Infinity }));
  await server.clock.advanceAsync(1_000_000);
  expect(call.settled).toBe(false);
});

it('[R6] keeps one place below maxPendingRequests free for the protocol, also for calls that were given up', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome({}, { maxPendingRequests: 3 });
  const abort = new AbortController();
  track(server.client.request('a.a', undefined, { signal: abort.signal }));
  for (const method of ['a.b', 'a.c', 'a.d']) track(server.client.request(method));
  expect(socket.take().map(({ method }) => method)).toEqual(['a.a', 'a.b']);
  abort.abort();
  expect(socket.take()).toEqual([{ type: 'cancel', id: 1 }]);
  socket.give({ type: 'response', id: 1, error: { code: 'CANCELLED', message: '', retryable: false } });
  expect(socket.take()).toMatchObject([{ id: 3, method: 'a.c' }]);
});

it('takes the parameters as they are at the call, and refuses what JSON cannot hold', async () => {
  const server = await createFakeServer();
  const params = { n: 1 };
  track(server.client.request('a.a', params));
  params.n = 2;
  const socket = await server.welcome();
  expect(socket.take()).toMatchObject([{ params: { n: 1 } }]);
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  await expect(server.client.request('a.a', circular)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await expect(server.client.request('a.a', 1n)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

it('[M8] refuses what is larger than the server takes, before it is sent and counted in bytes', async () => {
  const server = await createFakeServer();
  const waiting = track(server.client.request('a.a', 'é'.repeat(600)));
  const socket = await server.welcome({}, { maxPayloadBytes: 1_024 });
  await server.settle();
  expect(waiting.error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  expect(() => {
    server.client.sendMessage('x', 'é'.repeat(600));
  }).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }) as Error);
  track(server.client.request('a.b', 'e'.repeat(600)));
  expect(socket.take()).toMatchObject([{ method: 'a.b' }]);
});
