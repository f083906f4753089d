import { expect, it } from 'vitest';
import { createFakeServer, type FakeSocket } from '../../test/support/fake-server.ts';
import type { FleetwireError } from './index.ts';

/** Answers the one subscribe that is there; returns what it asked for. */
function answer(socket: FakeSocket, ...items: readonly object[]): unknown {
  const [frame, ...more] = socket.take();
  if (frame?.['method'] !== 'subscribe' || more.length > 0) throw new Error('expected one subscribe');
  socket.give({ type: 'response', id: frame['id'], result: { items } });
  return (frame['params'] as { items: unknown }).items;
}

async function subscribed(answered: object) {
  const server = await createFakeServer();
  const gaps: (number | undefined)[] = [];
  const subscription = server.client.subscribe('vms', { onGap: (dropped) => gaps.push(dropped) });
  const socket = await server.welcome();
  answer(socket, answered);
  await server.settle();
  const lose = async (code: string, retryable: boolean) => {
    socket.give({ type: 'unsubscribed', ch: 7, code, reason: '', retryable });
    await server.clock.advanceAsync(125);
  };
  return { server, socket, subscription, gaps, lose };
}

it.each(['SCOPE_CHANGED', 'FORBIDDEN', 'UNKNOWN_CHANNEL', 'UNAUTHENTICATED'])(
  '[F9] drops what it holds on %s: it may show what the user lost',
  async (code) => {
    const { lose, socket, subscription } = await subscribed({ ch: 7, mode: 'snapshot' });
    socket.give({
      type: 'snapshot',
      ch: 7,
      items: [{ key: 'a', version: 1, value: 1 }],
      more: false,
      position: 'e:1',
    });
    expect(subscription.items?.size).toBe(1);
    const retryable = code === 'SCOPE_CHANGED';
    await lose(code, retryable);
    expect(subscription.items).toBeUndefined();
    if (retryable) expect(answer(socket, { ch: 8, mode: 'snapshot' })).toEqual([{ channel: 'vms' }]);
    else expect([socket.take(), subscription.state.status]).toEqual([[], 'failed']);
  },
);

it('[F9] keeps what it holds on any other code', async () => {
  const { lose, socket, subscription } = await subscribed({ ch: 7, mode: 'snapshot' });
  socket.give({ type: 'snapshot', ch: 7, items: [], more: false, position: 'e:1' });
  await lose('POSITION_LOST', true);
  expect(subscription.items?.size).toBe(0);
  expect(answer(socket, { ch: 8, mode: 'snapshot' })).toEqual([{ channel: 'vms', since: 'e:1' }]);
});

it.each([
  ['live', [undefined]],
  ['snapshot', []],
])(
  '[S3] [F6] says after SCOPE_CHANGED that something may have been missed, unless a snapshot makes up for it: %s',
  async (mode, expected) => {
    const { gaps, lose, server, socket } = await subscribed({ ch: 7, mode: 'live', position: 'e:1' });
    await lose('SCOPE_CHANGED', true);
    expect(answer(socket, { ch: 8, mode, position: 'f:4' })).toEqual([{ channel: 'vms' }]);
    await server.settle();
    if (mode === 'snapshot') socket.give({ type: 'snapshot', ch: 8, items: [], more: false });
    expect(gaps).toEqual(expected);
  },
);

it('[S3] says so too when the connection was lost in between', async () => {
  const { gaps, lose, server, socket, subscription } = await subscribed({ ch: 7, mode: 'live', position: 'e:1' });
  await lose('SCOPE_CHANGED', true);
  socket.end(1006);
  await server.clock.advanceAsync(1_000);
  const next = await server.welcome();
  answer(next, { ch: 3, mode: 'live', position: 'f:4' });
  await server.settle();
  expect(gaps).toEqual([undefined]);
  expect(subscription.state).toEqual({ status: 'live', mode: 'live' });
});

it('[S3] says nothing was missed after SCOPE_CHANGED of a feed without positions', async () => {
  const { gaps, lose, server, socket, subscription } = await subscribed({ ch: 7, mode: 'live' });
  await lose('SCOPE_CHANGED', true);
  expect((subscription.state as { readonly error?: FleetwireError }).error?.code).toBe('SCOPE_CHANGED');
  answer(socket, { ch: 8, mode: 'live' });
  await server.settle();
  expect(gaps).toEqual([]);
});
