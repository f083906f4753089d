import { createManualClock } from '@fleetwire/websocket-core/testing';
import { afterEach, expect, it } from 'vitest';
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
  await clock.advanceAsync(300_000);
  expect(first.snapshot.state.status).toBe('stopped');
  client.watch(target);
  await clock.settle();
  expect(first.snapshot.state).toMatchObject({ status: 'polling', error: undefined, isSynced: true });
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
