import { expect, it } from 'vitest';
import { createFakeServer, type AnyFrame, type FakeServer, type FakeSocket } from '../../test/support/fake-server.ts';
import type { SubscribeOptions, SubscriptionState } from './types.ts';

interface Heard {
  readonly items: Record<string, unknown>[];
  readonly data: unknown[];
  readonly gaps: (number | undefined)[];
  readonly states: SubscriptionState[];
  readonly options: SubscribeOptions;
}

function listen(params?: Record<string, unknown>): Heard {
  const heard: Omit<Heard, 'options'> = { items: [], data: [], gaps: [], states: [] };
  return {
    ...heard,
    options: {
      params,
      onItems: (items) => heard.items.push(Object.fromEntries([...items].map(([key, { value }]) => [key, value]))),
      onPublication: (data, position) => heard.data.push(position === undefined ? data : [data, position]),
      onGap: (dropped) => heard.gaps.push(dropped),
      onState: (state) => heard.states.push(state),
    },
  };
}

async function subscribed(channel = 'vms', answer: object = { ch: 7, mode: 'live' }) {
  const server = await createFakeServer();
  const heard = listen();
  const subscription = server.client.subscribe(channel, heard.options);
  const socket = await server.welcome();
  answerItems(socket, [answer]);
  await server.settle();
  return { server, socket, heard, subscription };
}

/** Answers the one subscribe that is there; returns its items. */
function answerItems(socket: FakeSocket, items: readonly object[]): AnyFrame[] {
  const frames = socket.take().filter(({ method }) => method === 'subscribe');
  if (frames.length !== 1) throw new Error(`expected one subscribe, got ${JSON.stringify(frames)}`);
  const frame = frames[0] as AnyFrame;
  socket.give({ type: 'response', id: frame['id'], result: { items } });
  return (frame['params'] as { items: AnyFrame[] }).items;
}

async function reconnect(server: FakeServer): Promise<FakeSocket> {
  server.socket.end(1006);
  const { state } = server.client;
  if (state.status === 'backoff') await server.clock.advanceAsync(state.retryAt - server.clock.now());
  return server.welcome();
}

const item = (key: string, version: number, value: unknown = version) => ({ key, version, value });

it('[S1] asks for all that one turn wants in one frame, and fails only the item that failed', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  const good = server.client.subscribe('a', { params: { x: 1 } });
  const bad = server.client.subscribe('b');
  await server.settle();
  const error = { code: 'FORBIDDEN', message: 'no', retryable: false };
  expect(answerItems(socket, [{ ch: 1, mode: 'live' }, { error }])).toEqual([
    { channel: 'a', params: { x: 1 } },
    { channel: 'b' },
  ]);
  await server.settle();
  expect(good.state).toEqual({ status: 'live', mode: 'live' });
  expect(bad.state).toMatchObject({ status: 'failed', error: { code: 'FORBIDDEN' } });
});

it('[S1] splits at maxSubscribeItems and at maxPayloadBytes', async () => {
  const server = await createFakeServer();
  for (let index = 0; index < 25; index += 1) server.client.subscribe(`c/${String(index)}`);
  for (let index = 0; index < 3; index += 1) {
    server.client.subscribe(`d/${String(index)}`, { params: { x: 'é'.repeat(500) } });
  }
  const socket = await server.welcome({}, { maxSubscribeItems: 10, maxPayloadBytes: 1_600 });
  const sizes = socket.take().map(({ params }) => (params as { items: unknown[] }).items.length);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(28);
  expect(Math.max(...sizes)).toBe(10);
  expect(sizes.slice(-2)).toEqual([1, 1]);
  expect(server.errors).toEqual([]);
});

it('[S1] fails a subscription whose one item is larger than a frame may be', async () => {
  const server = await createFakeServer();
  const subscription = server.client.subscribe('a', { params: { x: 'x'.repeat(2_000) } });
  await server.welcome({}, { maxPayloadBytes: 1_000 });
  await server.settle();
  expect(subscription.state).toMatchObject({ status: 'failed', error: { code: 'PAYLOAD_TOO_LARGE' } });
});

it('[S8] keeps one subscription for equal channel and params, however they are written', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  const first = server.client.subscribe('a', { params: { x: 1, y: { b: 2, a: [1] } } });
  server.client.subscribe('a', { params: { y: { a: [1], b: 2 }, x: 1, z: undefined } });
  server.client.subscribe('b', { params: { at: new Date(0) } });
  server.client.subscribe('b', { params: { at: new Date(1) } });
  server.client.subscribe('c');
  server.client.subscribe('c', { params: {} });
  await server.settle();
  const items = answerItems(
    socket,
    [1, 2, 3, 4].map((ch) => ({ ch, mode: 'live' })),
  );
  expect(items.map(({ channel }) => channel)).toEqual(['a', 'b', 'b', 'c']);
  first.dispose();
  await server.settle();
  expect(socket.take()).toEqual([]);
});

it('[F1] collects a snapshot aside, swaps it in at its last piece, and is live only then', async () => {
  const { heard, socket, subscription } = await subscribed('vms', { ch: 7, mode: 'snapshot' });
  socket.give({ type: 'snapshot', ch: 7, items: [item('a', 1)], more: true });
  expect([subscription.items, subscription.state.status, heard.items.length]).toEqual([undefined, 'pending', 0]);
  socket.give({ type: 'snapshot', ch: 7, items: [item('b', 2)], more: false, position: 'e:5' });
  expect(heard.items).toEqual([{ a: 1, b: 2 }]);
  expect(subscription.state).toEqual({ status: 'live', mode: 'snapshot' });
  expect(subscription.items?.get('a')).toEqual(item('a', 1));
});

it('[F1] keeps showing the old state while a new snapshot comes, and resumes from the old one if it breaks off', async () => {
  const { heard, server, socket, subscription } = await subscribed('vms', { ch: 7, mode: 'snapshot' });
  socket.give({ type: 'snapshot', ch: 7, items: [item('a', 9)], more: false, position: 'e:5' });
  const second = await reconnect(server);
  expect(answerItems(second, [{ ch: 3, mode: 'snapshot', position: 'f:1' }])).toEqual([
    { channel: 'vms', since: 'e:5' },
  ]);
  await server.settle();
  second.give({ type: 'snapshot', ch: 3, items: [item('x', 1)], more: true });
  expect(subscription.items?.has('a')).toBe(true);
  expect(subscription.state.status).toBe('pending');
  const third = await reconnect(server);
  expect(answerItems(third, [{ ch: 4, mode: 'snapshot', position: 'f:2' }])).toEqual([
    { channel: 'vms', since: 'e:5' },
  ]);
  await server.settle();
  third.give({ type: 'snapshot', ch: 4, items: [item('y', 1)], more: false });
  expect(heard.items).toEqual([{ a: 9 }, { y: 1 }]);
  expect(answerItems(await reconnect(server), [{ ch: 4, mode: 'live' }])[0]?.['since']).toBe('f:2');
});

it('[F2] ignores versions that are not larger than the held one, deletions included, and keeps the map when nothing changed', async () => {
  const { heard, socket, subscription } = await subscribed('vms', { ch: 7, mode: 'snapshot' });
  socket.give({ type: 'snapshot', ch: 7, items: [item('a', 2), item('b', 2)], more: false });
  const before = subscription.items;
  socket.give({
    type: 'publication',
    ch: 7,
    set: [item('a', 2, 'same'), item('b', 1, 'old')],
    del: [{ key: 'a', version: 2 }],
  });
  expect(subscription.items).toBe(before);
  socket.give({ type: 'publication', ch: 7, set: [item('a', 3)], del: [{ key: 'b', version: 5 }] });
  socket.give({ type: 'publication', ch: 7, set: [item('b', 5, 'late')] });
  socket.give({ type: 'publication', ch: 7, set: [item('b', 6)] });
  expect(heard.items).toEqual([{ a: 2, b: 2 }, { a: 3 }, { a: 3, b: 6 }]);
  expect(before?.get('a')?.version).toBe(2);
});

it('[S2] takes `ch` for a number of this connection only', async () => {
  const { heard, server, socket } = await subscribed();
  socket.give({ type: 'publication', ch: 7, data: 1 });
  const next = await reconnect(server);
  next.give({ type: 'publication', ch: 7, data: 'foreign' });
  expect(server.errors.map(({ code }) => code)).toEqual(['NOT_SUBSCRIBED']);
  answerItems(next, [{ ch: 2, mode: 'live' }]);
  await server.settle();
  next.give({ type: 'publication', ch: 2, data: 2 });
  expect(heard.data).toEqual([1, 2]);
});

it('[S3] resumes by position after a loss, and says so when it could not', async () => {
  const { heard, server, socket, subscription } = await subscribed('events', { ch: 7, mode: 'live', position: 'e:1' });
  socket.give({ type: 'publication', ch: 7, data: 'x', position: 'e:2' });
  const lostAt = server.clock.now();
  const second = await reconnect(server);
  expect(subscription.state).toEqual({ status: 'pending', staleSince: lostAt });
  expect(answerItems(second, [{ ch: 7, mode: 'recovered', position: 'e:2' }])).toEqual([
    { channel: 'events', since: 'e:2' },
  ]);
  await server.settle();
  second.give({ type: 'publication', ch: 7, data: 'y', position: 'e:3' });
  expect(heard.gaps).toEqual([]);
  const third = await reconnect(server);
  expect(answerItems(third, [{ ch: 7, mode: 'live', position: 'f:0' }])).toEqual([{ channel: 'events', since: 'e:3' }]);
  await server.settle();
  expect(heard.gaps).toEqual([undefined]);
  expect(heard.data).toEqual([
    ['x', 'e:2'],
    ['y', 'e:3'],
  ]);
  expect(heard.states.map(({ status }) => status)).toEqual(['live', 'pending', 'live', 'pending', 'live']);
  expect(answerItems(await reconnect(server), [{ ch: 1, mode: 'live' }])[0]?.['since']).toBe('f:0');
});

it('[S3] starts after a position that was learnt elsewhere, also when it is taken up again at once', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  const gaps: unknown[] = [];
  const onGap = (dropped: number | undefined): void => void gaps.push(dropped);
  const first = server.client.subscribe('events', { since: '41', onGap });
  await server.settle();
  expect(answerItems(socket, [{ ch: 7, mode: 'recovered', position: '41' }])).toEqual([
    { channel: 'events', since: '41' },
  ]);
  await server.settle();
  first.dispose();
  server.client.subscribe('events', { since: '50', onGap });
  await server.settle();
  expect(socket.take()).toEqual([{ type: 'request', id: 2, method: 'unsubscribe', params: { ch: 7 } }]);
  socket.give({ type: 'response', id: 2, result: null });
  await server.settle();
  expect(answerItems(socket, [{ ch: 7, mode: 'live' }])).toEqual([{ channel: 'events', since: '50' }]);
  await server.settle();
  expect(gaps).toEqual([undefined]);
});

it('[S5] unsubscribes with its last listener, and asks again only when that was answered', async () => {
  const { server, socket, subscription } = await subscribed();
  const other = server.client.subscribe('vms');
  subscription.dispose();
  subscription.dispose();
  await server.settle();
  expect(socket.take()).toEqual([]);
  other.dispose();
  await server.settle();
  expect(socket.take()).toEqual([{ type: 'request', id: 2, method: 'unsubscribe', params: { ch: 7 } }]);
  server.client.subscribe('vms');
  await server.settle();
  expect(socket.take()).toEqual([]);
  socket.give({ type: 'response', id: 2, result: null });
  await server.settle();
  expect(answerItems(socket, [{ ch: 7, mode: 'live' }]).length).toBe(1);
});

it('[S5] changes nothing when one listener leaves and another comes in the same turn', async () => {
  const { server, socket, subscription } = await subscribed();
  subscription.dispose();
  const next = server.client.subscribe('vms');
  await server.settle();
  expect(socket.take()).toEqual([]);
  expect(next.state.status).toBe('live');
});

it('[S5] unsubscribes what nobody wants any more when its answer comes', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  const subscription = server.client.subscribe('vms');
  await server.settle();
  subscription.dispose();
  await server.settle();
  answerItems(socket, [{ ch: 7, mode: 'live' }]);
  await server.settle();
  expect(socket.take()).toMatchObject([{ method: 'unsubscribe', params: { ch: 7 } }]);
});

it('never asks for what was dropped before it could be asked for', async () => {
  const server = await createFakeServer();
  server.client.subscribe('vms').dispose();
  const socket = await server.welcome();
  expect(socket.take()).toEqual([]);
});

it('[S6] fails on a final `unsubscribed`, stays failed over connections, and tries anew for a new listener', async () => {
  const { server, socket, subscription } = await subscribed();
  socket.give({ type: 'unsubscribed', ch: 7, code: 'ENDED', reason: 'over', retryable: false });
  expect(subscription.state).toMatchObject({ status: 'failed', error: { code: 'ENDED', message: 'over' } });
  const next = await reconnect(server);
  expect(next.take()).toEqual([]);
  server.client.subscribe('vms');
  await server.settle();
  answerItems(next, [{ ch: 1, mode: 'live' }]);
  await server.settle();
  expect(subscription.state.status).toBe('live');
});

it('[F4] resumes by position at once after LAGGED, but backs off when it lags again', async () => {
  const { server, socket } = await subscribed('events', { ch: 7, mode: 'live', position: 'e:1' });
  const lag = { type: 'unsubscribed', ch: 7, code: 'LAGGED', reason: '', retryable: true };
  socket.give(lag);
  await server.settle();
  expect(answerItems(socket, [{ ch: 7, mode: 'recovered' }])).toEqual([{ channel: 'events', since: 'e:1' }]);
  await server.settle();
  socket.give(lag);
  await server.clock.advanceAsync(249);
  expect(socket.take()).toEqual([]);
  await server.clock.advanceAsync(1);
  answerItems(socket, [{ ch: 7, mode: 'recovered' }]);
  await server.clock.advanceAsync(10_000);
  socket.take();
  socket.give(lag);
  await server.settle();
  expect(answerItems(socket, [{ ch: 7, mode: 'recovered' }]).length).toBe(1);
});

it('[S6] tries a retryable failure again with the back-off, not before retryAfterMs, several in one frame', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  const subscription = server.client.subscribe('a');
  server.client.subscribe('b');
  await server.settle();
  const error = { code: 'UNAVAILABLE', message: 'away', retryable: true, retryAfterMs: 1_000 };
  answerItems(socket, [{ error }, { error }]);
  await server.settle();
  expect(subscription.state).toMatchObject({ status: 'pending', error: { code: 'UNAVAILABLE' } });
  await server.clock.advanceAsync(1_124);
  expect(socket.take()).toEqual([]);
  await server.clock.advanceAsync(1);
  expect(answerItems(socket, [{ ch: 1, mode: 'live' }, { error }]).map(({ channel }) => channel)).toEqual(['a', 'b']);
  await server.settle();
  expect(subscription.state).toEqual({ status: 'live', mode: 'live' });
});

it('[F6] starts over without a position that the server cannot read, and says that something was missed', async () => {
  const { heard, server } = await subscribed('events', { ch: 7, mode: 'live', position: 'old' });
  const socket = await reconnect(server);
  answerItems(socket, [{ error: { code: 'BAD_POSITION', message: '', retryable: false } }]);
  await server.settle();
  expect(answerItems(socket, [{ ch: 7, mode: 'live', position: 'n:1' }])).toEqual([{ channel: 'events' }]);
  await server.settle();
  expect(heard.gaps).toEqual([undefined]);
});

it('[F5] tells of a gap with its number', async () => {
  const { heard, socket } = await subscribed();
  socket.give({ type: 'gap', ch: 7, dropped: 12 });
  expect(heard.gaps).toEqual([12]);
});

it('gives late listeners the present state and items first, and nothing that came before', async () => {
  const { server, socket } = await subscribed('vms', { ch: 7, mode: 'snapshot' });
  socket.give({ type: 'snapshot', ch: 7, items: [item('a', 1)], more: false });
  socket.give({ type: 'publication', ch: 7, data: 'before' });
  const late = listen();
  const calls: string[] = [];
  server.client.subscribe('vms', {
    ...late.options,
    onState: () => calls.push('state'),
    onPublication: () => calls.push('publication'),
    onItems: () => calls.push('items'),
  });
  expect(calls).toEqual([]);
  socket.give({ type: 'publication', ch: 7, data: 'after' });
  await server.settle();
  expect(calls).toEqual(['state', 'items', 'publication']);
  const gone = listen();
  server.client.subscribe('vms', gone.options).dispose();
  await server.settle();
  expect([gone.items, gone.states]).toEqual([[], []]);
});

it('reports a listener that throws, and tells the others', async () => {
  const { heard, server, socket } = await subscribed();
  const order: string[] = [];
  server.client.subscribe('vms', {
    onPublication: () => {
      order.push('bad');
      throw new Error('mine');
    },
  });
  server.client.subscribe('vms', { onPublication: () => order.push('good') });
  await server.settle();
  socket.give({ type: 'publication', ch: 7, data: 1 });
  expect(order).toEqual(['bad', 'good']);
  expect(heard.data).toEqual([1]);
  expect(server.errors).toMatchObject([{ code: 'LISTENER_FAILED', cause: new Error('mine') }]);
});

it('fails what the server answered with something else than a result', async () => {
  for (const result of [
    null,
    {},
    { items: [{}] },
    { items: [{ ch: 0, mode: 'live' }] },
    { items: [{ ch: 1, mode: 'x' }] },
  ]) {
    const server = await createFakeServer();
    const socket = await server.welcome();
    const subscription = server.client.subscribe('a');
    await server.settle();
    socket.give({ type: 'response', id: 1, result });
    await server.settle();
    expect(subscription.state).toMatchObject({ status: 'failed', error: { code: 'BAD_FRAME' } });
  }
});

it('refuses a channel name that does not fit', async () => {
  const { client } = await createFakeServer();
  for (const channel of ['', 'x'.repeat(513)]) {
    expect(() => client.subscribe(channel)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error);
  }
});
