import type { Client, ClientState, StateItems, SubscribeOptions } from '@fleetwire/websocket-core/client';
import { createManualClock } from '@fleetwire/websocket-core/testing';
import { afterEach, expect, it } from 'vitest';
import { clustersChannel, type ClusterInfo } from '../protocol/channel.ts';
import type { KubeObject } from '../protocol/kube-object.ts';
import { createKubeWatchClient } from './create-kube-watch-client.ts';
import type { KubeWatchClientOptions } from './types.ts';

const resource = { version: 'v1', resource: 'configmaps' };
const target = { cluster: 'one', resource };
const object: KubeObject = { metadata: { name: 'a', namespace: 'x', uid: 'u', resourceVersion: '5' } };
const list = { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '5' }, items: [object] };

const undos: (() => void)[] = [];
afterEach(() => {
  for (const undo of undos.splice(0)) undo();
});

/** A client that polls a cluster, which answers as the test says. */
function start(answer: (path: string) => Response | Promise<Response>, options: KubeWatchClientOptions = {}) {
  const clock = createManualClock();
  const asked: string[] = [];
  const client = createKubeWatchClient({
    clusterUrl: () => 'http://127.0.0.1',
    transport: 'polling',
    flush: 'sync',
    random: () => 0.5,
    clock,
    fetch: async (url) => {
      const path = (url as string).slice('http://127.0.0.1'.length);
      asked.push(path);
      return answer(path);
    },
    ...options,
  });
  undos.push(() => {
    client.dispose();
  });
  return { client, clock, asked };
}

it('[W12] [W17] a cluster that hangs: polled rows are stale, a refetch fails, a write is taken back', async () => {
  let hangs = false;
  const { client, clock } = start(() => (hangs ? new Promise<Response>(() => {}) : Response.json(list)));
  const handle = client.watch(target);
  await clock.settle();
  expect(handle.snapshot).toMatchObject({ items: [object], state: { status: 'polling', isStale: false } });
  hangs = true;
  await clock.advanceAsync(36_000);
  expect(handle.snapshot).toMatchObject({ items: [object], state: { isStale: true, error: { code: 'KUBE_TIMEOUT' } } });
  const refetched = expect(handle.refetch()).rejects.toMatchObject({ code: 'KUBE_TIMEOUT' });
  const patched = expect(
    client.patch({ ...target, namespace: 'x', name: 'a' }, { metadata: { labels: { mine: 'yes' } } }),
  ).rejects.toMatchObject({ code: 'KUBE_TIMEOUT' });
  expect(handle.snapshot.items[0]?.metadata.labels).toEqual({ mine: 'yes' });
  await clock.advanceAsync(60_000);
  await Promise.all([refetched, patched]);
  expect(handle.snapshot.items).toMatchObject([object]);
  expect(handle.snapshot.items[0]?.metadata.labels).toBeUndefined();
});

it('[W17] rows that wait for a longer list are stale once that failed, and current again when it came', async () => {
  let hangs = false;
  const { client, clock } = start(() => (hangs ? new Promise<Response>(() => {}) : Response.json(list)));
  const first = client.watch(target, { maxItems: 1 });
  await clock.settle();
  hangs = true;
  client.watch(target, { maxItems: 10 });
  await clock.settle();
  expect(first.snapshot).toMatchObject({ items: [object], state: { status: 'syncing', isStale: false } });
  const since = clock.now();
  await clock.advanceAsync(30_000);
  expect(first.snapshot).toMatchObject({
    items: [object],
    state: {
      status: 'reconnecting',
      isSynced: true,
      isStale: true,
      staleSince: since,
      error: { code: 'KUBE_TIMEOUT' },
    },
  });
  hangs = false;
  await clock.advanceAsync(60_000);
  expect(first.snapshot).toMatchObject({ items: [object], state: { status: 'polling', isStale: false } });
});

it('[W7] a list that stopped for its credentials begins anew when somebody new holds it', async () => {
  let isRefused = true;
  const { client, clock } = start(
    () => (isRefused ? Response.json({ kind: 'Status', code: 401 }, { status: 401 }) : Response.json(list)),
    { getToken: () => 'token' },
  );
  const first = client.watch(target);
  await clock.settle();
  expect(first.snapshot.state).toMatchObject({ status: 'stopped', error: { status: 401 } });
  isRefused = false;
  await clock.advanceAsync(10_000);
  expect(first.snapshot.state.status).toBe('stopped');
  client.watch(target);
  await clock.settle();
  expect(first.snapshot.state).toMatchObject({ status: 'polling', error: undefined, isSynced: true });
});

it('[W7] lists that stopped ask again when another token is taken, of whichever cluster', async () => {
  let token = 'old';
  const { client, clock, asked } = start(
    (path) =>
      path.startsWith('/two') || token === 'new'
        ? Response.json(list)
        : Response.json({ kind: 'Status', code: 401 }, { status: 401 }),
    { getToken: () => token, clusterUrl: (cluster) => `http://127.0.0.1/${cluster}` },
  );
  const refused = ['a', 'b'].map((namespace) => client.watch({ ...target, namespace }));
  await clock.settle();
  client.watch({ ...target, cluster: 'two' });
  await clock.advanceAsync(10_000);
  for (const { snapshot } of refused) expect(snapshot.state.status).toBe('stopped');
  // A list and one more after the refresh that brought nothing new, each.
  expect(asked.filter((path) => path.startsWith('/one')).length).toBe(2);
  token = 'new';
  await clock.advanceAsync(5_000);
  for (const { snapshot } of refused) expect(snapshot.state).toMatchObject({ status: 'polling', error: undefined });
});

/** A Fleetwire socket of which the test says what it tells; it knows the channel of the clusters alone. */
function fakeSocket() {
  const states = new Set<(state: ClientState) => void>();
  const items = new Set<(items: StateItems) => void>();
  const socket = {
    state: { status: 'open' },
    onState(listener: (state: ClientState) => void) {
      states.add(listener);
      return () => states.delete(listener);
    },
    subscribe(channel: string, options: SubscribeOptions) {
      if (channel !== clustersChannel) return { dispose: () => {} };
      const listener = (now: StateItems): void => options.onItems?.(now);
      items.add(listener);
      return { dispose: () => items.delete(listener) };
    },
  };
  return {
    client: socket as unknown as Client,
    listeners: () => [states.size, items.size],
    tellState(status: 'open' | 'closed') {
      socket.state = { status };
      for (const listener of states) listener(socket.state as ClientState);
    },
    tellClusters(clusters: Readonly<Record<string, ClusterInfo['state']>>) {
      const infos = Object.entries(clusters).map(([name, state]) => ({
        key: name,
        value: { name, state },
        version: 1,
      }));
      for (const listener of items) listener(new Map(infos.map((item) => [item.key, item])));
    },
  };
}

it('[W7] lists that stopped ask again when their cluster is ready again, and when the page signed in anew', async () => {
  let isRefused = false;
  const socket = fakeSocket();
  const { client, clock, asked } = start(
    () => (isRefused ? Response.json({ kind: 'Status', code: 401 }, { status: 401 }) : Response.json(list)),
    { transport: 'auto', client: socket.client },
  );
  const others = socket.listeners();
  const one = client.watch(target);
  await clock.settle();
  expect(socket.listeners()).toEqual(others);
  isRefused = true;
  const refetched = expect(one.refetch()).rejects.toMatchObject({ status: 401 });
  await clock.settle();
  await refetched;
  expect(one.snapshot.state).toMatchObject({ status: 'stopped', isStale: true, error: { status: 401 } });
  asked.length = 0;
  socket.tellClusters({ one: 'ready', two: 'unreachable' });
  socket.tellClusters({ one: 'unauthorized', two: 'ready' });
  expect(asked).toEqual([]);
  socket.tellClusters({ one: 'ready', two: 'ready' });
  await clock.settle();
  expect([asked.length, one.snapshot.state.status]).toEqual([1, 'stopped']);
  isRefused = false;
  socket.tellState('closed');
  await clock.advanceAsync(1_000);
  socket.tellState('open');
  await clock.advanceAsync(30_000);
  expect(one.snapshot.state).toMatchObject({ status: 'syncing', isStale: false });
  client.dispose();
  expect([socket.listeners(), clock.pending]).toEqual([[0, 0], 0]);
});

it('[W18] a listener that throws is reported, and silences neither its own list nor others', async () => {
  const errors: string[] = [];
  const { client, clock } = start(() => Response.json(list), { onError: ({ code }) => errors.push(code) });
  const seen: string[] = [];
  for (const cluster of ['one', 'two']) {
    const handle = client.watch({ ...target, cluster });
    handle.subscribe(() => {
      throw new Error(cluster);
    });
    handle.subscribe(() => seen.push(cluster));
  }
  client.onTargets(() => {
    throw new Error('of all');
  });
  client.onTargets(() => seen.push('all'));
  await clock.settle();
  expect(new Set(seen)).toEqual(new Set(['one', 'two', 'all']));
  expect(new Set(errors)).toEqual(new Set(['LISTENER_FAILED']));
});

it('[W11] [W17] a cluster that is away is not asked once for each of its lists, and all of them come back with it', async () => {
  let isAway = true;
  const { client, clock, asked } = start(() => (isAway ? new Response('', { status: 502 }) : Response.json(list)));
  const handles = Array.from({ length: 20 }, (_, index) => client.watch({ ...target, namespace: `n${String(index)}` }));
  const refused = expect(client.apiResources('one')).rejects.toMatchObject({ status: 502 });
  await clock.advanceAsync(60_000);
  await refused;
  asked.length = 0;
  await clock.advanceAsync(120_000);
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.length).toBeLessThan(15);
  isAway = false;
  await clock.advanceAsync(31_000);
  for (const { snapshot } of handles) expect(snapshot.state).toMatchObject({ isSynced: true, error: undefined });
});
