import { afterEach, expect, it } from 'vitest';
import { createFakeServer, track } from '../../test/support/fake-server.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createClient, type Client } from './index.ts';

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.dispose();
});

async function start(options: Parameters<typeof createFakeServer>[0] = {}) {
  const server = await createFakeServer(options);
  clients.push(server.client);
  return server;
}

it('[O1] [O3] sends hello first and nothing else before welcome, then what waited', async () => {
  const server = await start({ getToken: () => 'secret', peer: { name: 'web', version: '1.2.3' }, ext: { a: 1 } });
  server.client.sendMessage('early', 1);
  server.client.subscribe('vms');
  await server.settle();
  server.socket.accept();
  expect(server.socket.offered).toEqual(['fleetwire.v1']);
  const hello = { type: 'hello', protocol: 1, token: 'secret', peer: { name: 'web', version: '1.2.3' }, ext: { a: 1 } };
  expect(server.socket.take()).toEqual([hello]);
  await server.clock.advanceAsync(1_000);
  expect(server.socket.take()).toEqual([]);
});

it('[O6] shows the connection in its state and in `welcome`', async () => {
  const server = await start();
  await server.welcome({ ext: { region: 'a' } });
  expect(server.client.state).toEqual({ status: 'open', connectionId: 'c-1', rttMs: undefined });
  expect(server.client.welcome).toMatchObject({ connectionId: 'c-1', ext: { region: 'a' } });
  expect(server.states.map(({ status }) => status)).toEqual(['open']);
});

it.each([
  ['a pong', { type: 'pong', t: 1 }],
  ['a publication', { type: 'publication', ch: 1, data: 1 }],
  ['goaway', { type: 'goaway', code: 'DRAINING', reason: '', retryAfterMs: 0 }],
  ['an unknown frame', { type: 'later' }],
  ['a bad welcome', { type: 'welcome' }],
  ['bytes', new Uint8Array([1, 2]).buffer],
])('[O7] stops for good when %s comes before welcome', async (_what, message) => {
  const server = await start();
  server.socket.accept();
  server.socket.give(message);
  expect(server.client.state).toMatchObject({ status: 'closed', code: 1002 });
  expect(server.socket.closedWith).toMatchObject({ code: 4002 });
  await server.clock.advanceAsync(60_000);
  expect(server.sockets.length).toBe(1);
});

it('[O7] stops for good at a second welcome, and at a revision that it did not offer', async () => {
  const again = await start();
  const socket = await again.welcome();
  socket.give({
    type: 'welcome',
    protocol: 1,
    connectionId: 'x',
    heartbeatMs: 1,
    limits: again.client.welcome?.limits,
    sentAt: 1,
  });
  expect(again.client.state).toMatchObject({ status: 'closed', code: 1002 });
  const newer = await start();
  await newer.welcome({ protocol: 2 });
  expect(newer.client.state).toMatchObject({ status: 'closed', code: 1002 });
});

it('[M1] stops when the server agrees on another sub-protocol', async () => {
  const server = await start();
  server.socket.accept('');
  expect(server.client.state).toMatchObject({ status: 'closed', code: 1002 });
  expect(server.socket.sent).toEqual([]);
});

it.each(['not json', '[]', '{"type":1}', '{"type":"pong","t":1,"x":{"__proto__":1}}', '['.repeat(100)])(
  '[M2] [M3] closes for good with 1007 on %s',
  async (text) => {
    const server = await start();
    const socket = await server.welcome();
    socket.give(text);
    expect(server.client.state).toMatchObject({ status: 'closed', code: 1007 });
    expect(socket.closedWith?.code).toBe(4007);
  },
);

it('[M5] [M6] answers frames that it cannot read with error, tells the application, and goes on', async () => {
  const server = await start();
  const socket = await server.welcome();
  socket.give({ type: 'later', id: 7 });
  socket.give({ type: 'gap', ch: 'x' });
  socket.give({ type: 'request', id: 3, method: '' });
  expect(socket.take()).toMatchObject([
    { type: 'error', code: 'UNKNOWN_TYPE', about: { type: 'later', id: 7 } },
    { type: 'error', code: 'BAD_FRAME', about: { type: 'gap' } },
    { type: 'response', id: 3, error: { code: 'BAD_REQUEST' } },
  ]);
  expect(server.errors.map(({ code }) => code)).toEqual(['UNKNOWN_TYPE', 'BAD_FRAME', 'BAD_FRAME']);
  expect(server.client.state.status).toBe('open');
});

it('[M7] never answers an error, not even a bad one', async () => {
  const server = await start();
  const socket = await server.welcome();
  socket.give({ type: 'error', code: 'BAD_FRAME', message: 'what?', retryable: false, about: { type: 'ping' } });
  socket.give({ type: 'error' });
  expect(socket.take()).toEqual([]);
  expect(server.errors.map(({ code }) => code)).toEqual(['BAD_FRAME', 'BAD_FRAME']);
});

it('[M9] refuses streams, answers bytes of unknown ones, and closes on a malformed id', async () => {
  const server = await start();
  const socket = await server.welcome();
  socket.give({ type: 'stream.open', id: 2, kind: 'shell' });
  socket.give(new Uint8Array([0x83, 0x01, 9]).buffer);
  expect(socket.take()).toMatchObject([
    { type: 'stream.close', id: 2, code: 'STREAM_REFUSED' },
    { type: 'stream.close', id: 131, code: 'STREAM_UNKNOWN' },
  ]);
  socket.give(new Uint8Array([0x80, 0x00]).buffer);
  expect(server.client.state).toMatchObject({ status: 'closed', code: 1002 });
});

it('[R9] passes messages on both ways, in order, and outlives a listener that throws', async () => {
  const got: unknown[] = [];
  const server = await start({
    onMessage: (name, data) => {
      got.push([name, data]);
      throw new Error('mine');
    },
  });
  server.client.sendMessage('a', { n: 1 });
  server.client.sendMessage('b');
  const socket = await server.welcome();
  expect(socket.take()).toEqual([
    { type: 'message', name: 'a', data: { n: 1 } },
    { type: 'message', name: 'b' },
  ]);
  socket.give({ type: 'message', name: 'x', data: [1] });
  socket.give({ type: 'message', name: 'y' });
  expect(got).toEqual([
    ['x', [1]],
    ['y', null],
  ]);
  expect(server.errors.map(({ code }) => code)).toEqual(['LISTENER_FAILED', 'LISTENER_FAILED']);
});

it('[G4] obeys close codes: reconnects, gets a fresh token first, or stops', async () => {
  const reasons: string[] = [];
  const server = await start({
    getToken: ({ reason }) => {
      reasons.push(reason);
      return 'token';
    },
  });
  const codes: [number, string][] = [
    [1006, 'backoff'],
    [4401, 'backoff'],
    [4499, 'backoff'],
    [4599, 'closed'],
  ];
  for (const [code, status] of codes) {
    (await server.welcome()).end(code, 'why');
    expect([code, server.client.state.status]).toEqual([code, status]);
    await server.clock.advanceAsync(1_000);
  }
  expect(server.client.state).toEqual({ status: 'closed', code: 4599, reason: 'why' });
  expect(reasons).toEqual(['connect', 'connect', 'expired', 'connect']);
  server.client.connect();
  await server.welcome();
  expect(server.client.state.status).toBe('open');
});

it('[A2] asks for a fresh token again when the attempt after 4401 had none', async () => {
  const reasons: string[] = [];
  let isFailing = false;
  const server = await start({
    getToken: ({ reason }) => {
      reasons.push(reason);
      if (isFailing) throw new Error('the login is away');
      return 'token';
    },
  });
  isFailing = true;
  (await server.welcome()).end(4401);
  await server.clock.advanceAsync(500);
  expect(server.errors.map(({ code }) => code)).toContain('TOKEN_UNAVAILABLE');
  isFailing = false;
  await server.clock.advanceAsync(60_000);
  expect(reasons[0]).toBe('connect');
  expect(new Set(reasons.slice(1))).toEqual(new Set(['expired']));
});

it('[G5] backs off with full jitter, from 250 ms to 20 s, and starts over after 10 s in open', async () => {
  const server = await start();
  const waits: number[] = [];
  const lose = async () => {
    server.socket.end(1006);
    const { state } = server.client;
    if (state.status !== 'backoff') throw new Error(state.status);
    waits.push(state.retryAt - server.clock.now());
    await server.clock.advanceAsync(state.retryAt - server.clock.now());
  };
  for (let attempt = 0; attempt < 9; attempt += 1) await lose();
  expect(waits).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  await server.welcome();
  await server.clock.advanceAsync(9_999);
  await lose();
  await server.welcome();
  await server.clock.advanceAsync(10_000);
  await lose();
  expect(waits.slice(9)).toEqual([10_000, 125]);
});

it('[G5] starts over after 10 s in open also when the wall clock is set back, and tells the time of day', async () => {
  const clock = createManualClock();
  let setBackMs = 0;
  const server = await start({ clock: { ...clock, now: () => clock.now() - setBackMs } });
  const lose = async () => {
    server.socket.end(1006);
    const { state } = server.client;
    if (state.status !== 'backoff') throw new Error(state.status);
    const waitMs = state.retryAt - (clock.now() - setBackMs);
    await clock.advanceAsync(waitMs);
    return waitMs;
  };
  expect([await lose(), await lose(), await lose()]).toEqual([125, 250, 500]);
  await server.welcome();
  setBackMs = 3_600_000;
  await clock.advanceAsync(10_000);
  expect(await lose()).toBe(125);
});

it('[G5] stops after `maxAttempts` when it is given', async () => {
  const server = await start({ maxAttempts: 1 });
  server.socket.end(1006);
  await server.clock.advanceAsync(1_000);
  server.socket.end(1006, 'still away');
  expect(server.client.state).toEqual({ status: 'closed', code: 1006, reason: 'still away' });
});

it('[G5] gives up an attempt without a welcome after 15 s, and hears nothing of its socket any more', async () => {
  const server = await start();
  const first = server.socket;
  first.accept();
  await server.clock.advanceAsync(15_000);
  expect(server.client.state).toMatchObject({ status: 'backoff', cause: { code: 1006, reason: 'no welcome in time' } });
  expect(first.closedWith?.code).toBe(1000);
  expect([first.onopen, first.onmessage, first.onclose]).toEqual([null, null, null]);
});

it('[G1] goaway: waits for answers under way, holds new requests, closes with 1000 and sends them afterwards', async () => {
  const server = await start();
  const socket = await server.welcome();
  const early = track(server.client.request('a.b'));
  socket.take();
  socket.give({ type: 'goaway', code: 'DRAINING', reason: 'restart', retryAfterMs: 1_200 });
  const late = track(server.client.request('c.d'));
  server.client.subscribe('vms');
  await server.settle();
  expect(socket.take()).toEqual([]);
  expect(socket.closedWith).toBeUndefined();
  socket.give({ type: 'response', id: 1, result: 'kept' });
  await server.settle();
  expect(early.value).toBe('kept');
  expect(socket.closedWith).toEqual({ code: 1000, reason: 'goaway' });
  expect(server.client.state).toMatchObject({ status: 'backoff', retryAt: server.clock.now() + 1_200 + 125 });
  await server.clock.advanceAsync(1_325);
  const next = await server.welcome();
  expect(next.take()).toMatchObject([{ method: 'subscribe' }, { method: 'c.d' }]);
  expect(late.settled).toBe(false);
});

it('[G1] goaway: leaves after 5 s without the answers', async () => {
  const server = await start();
  const socket = await server.welcome();
  const call = track(server.client.request('a.b'));
  socket.give({ type: 'goaway', code: 'DRAINING', reason: '', retryAfterMs: 0 });
  await server.clock.advanceAsync(4_999);
  expect(call.settled).toBe(false);
  await server.clock.advanceAsync(1);
  expect(call.error).toMatchObject({ code: 'CONNECTION_LOST', maybeExecuted: true });
  expect(socket.closedWith?.code).toBe(1000);
});

it('[G6] cuts the reason of a close to 123 bytes', async () => {
  const server = await start({
    getToken: () => {
      throw new Error('x');
    },
  });
  expect(server.client.state.status).toBe('backoff');
  const other = await start();
  const socket = await other.welcome();
  socket.give({ type: 'é'.repeat(64), id: 1 });
  socket.give('not json');
  expect(new TextEncoder().encode(socket.closedWith?.reason).length).toBeLessThanOrEqual(123);
});

it('refuses to send a token over ws: to a host that is not loopback, and stops', async () => {
  const server = await start({ url: 'ws://example.test/', getToken: () => 'secret' });
  expect(server.sockets).toEqual([]);
  expect(server.errors[0]?.code).toBe('INSECURE_URL');
  expect(server.client.state).toMatchObject({ status: 'closed', code: 1008 });
  const allowed = await start({ url: 'ws://example.test/', getToken: () => 'secret', allowInsecureToken: true });
  expect(allowed.sockets.length).toBe(1);
  const without = await start({ url: 'ws://example.test/', getToken: () => undefined });
  expect(without.sockets.length).toBe(1);
});

it('tries again when a socket cannot be opened, and stops when the runtime has no WebSocket', async () => {
  let attempts = 0;
  const server = await start({
    openSocket: () => {
      attempts += 1;
      throw new Error('blocked');
    },
  });
  await server.clock.advanceAsync(1_000);
  expect(attempts).toBeGreaterThan(1);
  const had = globalThis.WebSocket;
  Reflect.deleteProperty(globalThis, 'WebSocket');
  try {
    const none = await start({ openSocket: undefined });
    expect(none.errors[0]?.code).toBe('MISSING_PEER');
    expect(none.client.state).toMatchObject({ status: 'closed', code: 1008 });
  } finally {
    globalThis.WebSocket = had;
  }
});

it('connects at the first `connect` with autoConnect false, and keeps what is asked of it before', async () => {
  const server = await start({ autoConnect: false });
  const call = track(server.client.request('a.b'));
  expect([server.client.state.status, server.sockets.length]).toEqual(['idle', 0]);
  server.client.connect();
  const socket = await server.welcome();
  expect(socket.take()).toMatchObject([{ method: 'a.b' }]);
  expect(call.settled).toBe(false);
});

it('settles every promise on dispose, closes with 1000, and does nothing afterwards', async () => {
  const server = await start();
  const socket = await server.welcome();
  const sent = track(server.client.request('a.b', undefined, { idempotencyKey: 'k' }));
  socket.give({ type: 'goaway', code: 'DRAINING', reason: '', retryAfterMs: 0 });
  const waiting = track(server.client.request('c.d'));
  const seen = server.states.length;
  server.client.dispose();
  server.client.dispose();
  await server.settle();
  expect(sent.error).toMatchObject({ code: 'DISPOSED', maybeExecuted: true });
  expect(waiting.error).toMatchObject({ code: 'DISPOSED', maybeExecuted: false });
  expect(socket.closedWith).toEqual({ code: 1000, reason: 'disposed' });
  expect(server.states.slice(seen)).toEqual([{ status: 'closed', code: 1000, reason: 'disposed' }]);
  await expect(server.client.request('a.b')).rejects.toMatchObject({ code: 'DISPOSED' });
  expect(() => server.client.subscribe('vms')).toThrow(expect.objectContaining({ code: 'DISPOSED' }) as Error);
  expect(() => {
    server.client.sendMessage('x');
  }).toThrow(expect.objectContaining({ code: 'DISPOSED' }) as Error);
  server.client.connect();
  await server.clock.advanceAsync(60_000);
  expect(server.sockets.length).toBe(1);
  expect(server.clock.pending).toBe(0);
});

it('fails what waits when it stops for good, and what is asked afterwards', async () => {
  const server = await start();
  const call = track(server.client.request('a.b'));
  server.client.sendMessage('x');
  (await server.welcome({}, { textFrameBurst: 1 })).end(4503, 'no');
  await server.settle();
  expect(call.error).toMatchObject({ code: 'CONNECTION_LOST' });
  await expect(server.client.request('a.b')).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
  expect(() => {
    server.client.sendMessage('x');
  }).toThrow(expect.objectContaining({ code: 'CONNECTION_CLOSED' }) as Error);
});

it('tells each listener of the state until it is undone, also after one that throws', async () => {
  const server = await start();
  const got: string[] = [];
  server.client.onState(() => {
    throw new Error('mine');
  });
  const undo = server.client.onState(({ status }) => got.push(status));
  await server.welcome();
  undo();
  server.socket.end(1006);
  expect(got).toEqual(['open']);
  expect(server.errors.map(({ code }) => code)).toEqual(['LISTENER_FAILED', 'LISTENER_FAILED']);
});

it('throws for an address that nobody can dial', () => {
  expect(() => createClient({ url: 'ftp://example.test' })).toThrow(/ws:, wss:, http:, https: or a path/);
});
