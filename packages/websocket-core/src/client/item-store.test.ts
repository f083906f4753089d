import { expect, it } from 'vitest';
import { createFakeServer } from '../../test/support/fake-server.ts';
import { ItemStore } from './item-store.ts';
import type { StateItems } from './types.ts';

const item = (key: string, version: number, value: unknown = version) => ({ key, version, value });
const publication = (set: readonly ReturnType<typeof item>[], del: readonly { key: string; version: number }[] = []) =>
  ({ type: 'publication', ch: 7, set: [...set], del: [...del] }) as const;

it('[F2] never changes a map that was given away, and keeps it when nothing has changed', () => {
  const store = new ItemStore();
  store.apply(publication([item('a', 1), item('b', 1)]));
  const first = store.items;
  expect(store.apply(publication([item('a', 1, 'same')], [{ key: 'x', version: 9 }]))).toBe(false);
  expect(store.items).toBe(first);
  expect(store.apply(publication([item('a', 2)], [{ key: 'b', version: 2 }]))).toBe(true);
  expect(store.apply(publication([item('c', 3)]))).toBe(true);
  expect([...(first ?? [])].map(([, { version }]) => version)).toEqual([1, 1]);
  expect([...(store.items ?? [])].map(([key]) => key)).toEqual(['a', 'c']);
  expect(store.items).toBe(store.items);
});

it('makes items of an empty change, so that a feed without items is told from one that is not there', () => {
  const store = new ItemStore();
  expect(store.apply(publication([], [{ key: 'a', version: 2 }]))).toBe(true);
  expect(store.items?.size).toBe(0);
  expect(store.apply(publication([item('a', 1)]))).toBe(false);
});

/** A live state feed of so many items; what its listener was told, in order. */
async function largeFeed(count: number) {
  const server = await createFakeServer();
  const told: unknown[] = [];
  const maps: StateItems[] = [];
  const subscription = server.client.subscribe('vms', {
    onItems: (items) => {
      maps.push(items);
      told.push(items.get('k0')?.version);
    },
    onState: ({ status }) => told.push(status),
    onGap: () => told.push('gap'),
  });
  const socket = await server.welcome();
  const { id } = socket.take()[0] as { id?: number };
  socket.give({ type: 'response', id, result: { items: [{ ch: 7, mode: 'snapshot' }] } });
  await server.settle();
  const items = Array.from({ length: count }, (_, index) => item(`k${String(index)}`, 1));
  socket.give({ type: 'snapshot', ch: 7, items, more: false });
  await server.clock.advanceAsync(1_000);
  told.splice(0);
  const change = (version: number): void => {
    socket.give(publication([item('k0', version)]));
  };
  return { server, socket, subscription, told, maps, change };
}

it('[F2] tells of each change of up to 1,000 items', async () => {
  const { change, told } = await largeFeed(1_000);
  for (const version of [2, 3, 4]) change(version);
  expect(told).toEqual([2, 3, 4]);
});

it('tells of the changes of 16 ms together when there are more, the first at once', async () => {
  const { change, maps, server, subscription, told } = await largeFeed(1_001);
  for (const version of [2, 3, 4]) change(version);
  expect(told).toEqual([2]);
  expect(subscription.items?.get('k0')?.version).toBe(4);
  await server.clock.advanceAsync(16);
  change(5);
  await server.clock.advanceAsync(16);
  expect(told).toEqual([2, 4, 5]);
  expect(maps.map((items) => items.get('k0')?.version)).toEqual([1, 2, 4, 5]);
  const pending = server.clock.pending;
  await server.clock.advanceAsync(100);
  expect([told.length, server.clock.pending]).toEqual([3, pending]);
});

it('tells of what waits before it tells anything else', async () => {
  const { change, server, socket, told } = await largeFeed(1_001);
  for (const version of [2, 3]) change(version);
  socket.give({ type: 'gap', ch: 7, dropped: 1 });
  change(4);
  const late: unknown[] = [];
  server.client.subscribe('vms', { onItems: (items) => late.push(items.get('k0')?.version) });
  await server.settle();
  change(5);
  socket.end(1006);
  await server.clock.advanceAsync(16);
  expect(told).toEqual([2, 3, 'gap', 4, 5, 'pending']);
  expect(late).toEqual([4, 5]);
});

it('[F9] does not tell what waits of a scope that was lost', async () => {
  const { change, server, socket, subscription, told } = await largeFeed(1_001);
  for (const version of [2, 3]) change(version);
  socket.give({ type: 'unsubscribed', ch: 7, code: 'FORBIDDEN', reason: '', retryable: false });
  await server.clock.advanceAsync(100);
  expect(told).toEqual([2, 'failed']);
  expect(subscription.items).toBeUndefined();
});

it('sets no timer that outlives the client', async () => {
  const { change, server } = await largeFeed(1_001);
  for (const version of [2, 3]) change(version);
  server.client.dispose();
  expect(server.clock.pending).toBe(0);
});
