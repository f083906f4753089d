// @vitest-environment jsdom
import { useSuspenseQuery } from '@tanstack/react-query';
import { act, render, renderHook, screen, waitFor } from '@testing-library/react';
import { Suspense, useState } from 'react';
import { afterEach, expect, it, vi } from 'vitest';
import {
  kubeListQueryOptions,
  useKubeObjectList,
  type KubeListData,
  type KubeObjectListOptions,
} from '../../src/react/index.ts';
import { configMaps, startHooks, undoAll, type Harness } from './harness.tsx';

afterEach(async () => {
  vi.restoreAllMocks();
  await undoAll();
});

const names = (items: readonly { readonly object: { readonly metadata: { readonly name: string } } }[]) =>
  items.map(({ object }) => object.metadata.name);

/** A hook whose options are fresh literals at each render. */
function show({ wrapper }: Harness, options: Partial<KubeObjectListOptions> = {}) {
  let renders = 0;
  const hook = renderHook(
    (more: Partial<KubeObjectListOptions>) => {
      renders += 1;
      return useKubeObjectList({
        resource: { ...configMaps },
        clusters: ['one'],
        namespaces: ['default'],
        ...options,
        ...more,
      });
    },
    { wrapper, initialProps: {} },
  );
  return { ...hook, renders: () => renders };
}

async function isLive(result: { readonly current: { readonly watchStatus: string } }): Promise<void> {
  await waitFor(() => {
    expect(result.current.watchStatus).toBe('live');
  });
}

it('goes from loading to live, and follows what is added, changed and deleted', async () => {
  const harness = await startHooks();
  harness.create('a');
  const { result } = show(harness);
  expect(result.current).toMatchObject({ isLoading: true, isSynced: false, watchStatus: 'connecting', errors: [] });
  await isLive(result);
  expect(result.current).toMatchObject({ isLoading: false, isSynced: true, isStale: false, hasMore: false });
  expect(result.current.items).toMatchObject([{ cluster: 'one', object: { kind: 'ConfigMap' } }]);
  harness.create('b');
  await waitFor(() => {
    expect(names(result.current.items)).toEqual(['a', 'b']);
  });
  const [first] = result.current.items;
  harness.update('b', { color: 'blue' });
  await waitFor(() => {
    expect(result.current.items[1]?.object).toMatchObject({ data: { color: 'blue' } });
  });
  expect(result.current.items[0]).toBe(first);
  harness.remove('a');
  await waitFor(() => {
    expect(names(result.current.items)).toEqual(['b']);
  });
});

it('[U1] writes all changes of a frame into the cache at once, and [U2] nothing when there is none', async () => {
  const harness = await startHooks();
  const { result, renders } = show(harness);
  await isLive(result);
  const frames: FrameRequestCallback[] = [];
  vi.spyOn(globalThis, 'requestAnimationFrame').mockImplementation((callback) => frames.push(callback));
  const [writesBefore, rendersBefore] = [harness.writes.length, renders()];
  for (let index = 0; index < 50; index += 1) harness.create(`item-${String(index).padStart(2, '0')}`);
  for (let turn = 0; turn < 3; turn += 1) harness.update('item-00', { turn: String(turn) });
  await waitFor(() => {
    expect(frames.length).toBe(1);
  });
  // The last event is in when a request that was sent after it is answered.
  await harness.client.fetch('one', '/version');
  await new Promise((resolve) => setTimeout(resolve));
  expect([harness.writes.length, frames.length]).toEqual([writesBefore, 1]);
  act(() => {
    for (const frame of frames.splice(0)) frame(0);
  });
  await waitFor(() => {
    expect(result.current.items).toHaveLength(50);
  });
  expect(harness.writes.length).toBe(writesBefore + 1);
  // StrictMode renders twice.
  expect(renders() - rendersBefore).toBeLessThanOrEqual(2);
  const { items } = result.current;
  await act(() => result.current.refetch());
  act(() => {
    for (const frame of frames.splice(0)) frame(0);
  });
  expect(result.current.items).toBe(items);
});

it('[U3] has no resourceVersion of a list in its keys and in what components see', async () => {
  const harness = await startHooks();
  harness.create('a');
  const { result } = show(harness);
  await isLive(result);
  const keys = harness.queryClient
    .getQueryCache()
    .getAll()
    .map(({ queryKey }) => JSON.stringify(queryKey));
  expect(keys).toHaveLength(1);
  expect(keys[0]).not.toContain('resourceVersion');
  const { items: _, ...rest } = result.current;
  expect(JSON.stringify(rest)).not.toContain('resourceVersion');
});

it('[L6] asks once for several components and fresh literals, and costs nothing when it comes back soon', async () => {
  const harness = await startHooks();
  harness.create('a');
  const first = show(harness);
  const second = show(harness);
  await isLive(first.result);
  await isLive(second.result);
  expect(second.result.current.items).toBe(first.result.current.items);
  const before = first.result.current;
  for (let turn = 0; turn < 5; turn += 1) first.rerender({ clusters: ['one'], namespaces: ['default'] });
  expect(first.result.current).toBe(before);
  const asked = harness.api.stats.requests.length;
  first.unmount();
  second.unmount();
  const again = show(harness);
  expect(again.result.current).toMatchObject({ watchStatus: 'live', isStale: false, isLoading: false });
  expect(again.result.current.items).toBe(before.items);
  harness.create('b');
  await waitFor(() => {
    expect(names(again.result.current.items)).toEqual(['a', 'b']);
  });
  expect(harness.api.stats.requests.length).toBe(asked);
});

it('shows what was there as stale while it is listed anew, after it was left for long', async () => {
  const harness = await startHooks({ lingerMs: 0 });
  harness.create('a');
  const first = show(harness);
  await isLive(first.result);
  first.unmount();
  await waitFor(() => {
    expect(harness.client.targets).toHaveLength(0);
  });
  harness.create('b');
  const again = show(harness);
  expect(again.result.current).toMatchObject({ watchStatus: 'connecting', isStale: true, isSynced: false });
  expect(names(again.result.current.items)).toEqual(['a']);
  await isLive(again.result);
  expect(again.result.current.isStale).toBe(false);
  expect(names(again.result.current.items)).toEqual(['a', 'b']);
});

it('[W17] joins clusters and namespaces, and keeps the state of each apart', async () => {
  const harness = await startHooks({}, { authorize: ({ namespace }) => namespace !== 'kube-system' });
  harness.create('a');
  harness.create('p', {}, 'kube-public');
  const { result } = show(harness, {
    clusters: ['one', 'dead'],
    namespaces: ['default', 'kube-public', 'kube-system'],
  });
  await waitFor(() => {
    expect(result.current.targets.map(({ cluster, namespace, status }) => [cluster, namespace, status])).toEqual([
      ['one', 'default', 'live'],
      ['one', 'kube-public', 'live'],
      ['one', 'kube-system', 'stopped'],
      ...['default', 'kube-public', 'kube-system'].map((namespace) => ['dead', namespace, 'connecting']),
    ]);
  });
  expect(names(result.current.items)).toEqual(['a', 'p']);
  expect(result.current).toMatchObject({ isSynced: false, isLoading: false, watchStatus: 'stopped' });
  await waitFor(() => {
    expect(result.current.errors.map(({ cluster, namespace, status }) => [cluster, namespace, status])).toEqual([
      ['one', 'kube-system', 403],
      ...['default', 'kube-public', 'kube-system'].map((namespace) => ['dead', namespace, undefined]),
    ]);
  });
  const [first] = result.current.items;
  const [firstState] = result.current.targets;
  harness.create('q', {}, 'kube-public');
  await waitFor(() => {
    expect(names(result.current.items)).toEqual(['a', 'p', 'q']);
  });
  expect([result.current.items[0], result.current.targets[0]]).toEqual([first, firstState]);
  expect(result.current.items[0]).toBe(first);
});

it('keeps what `select` gives while it holds the same, and selects anew when the function is another', async () => {
  const harness = await startHooks();
  harness.create('a');
  const { result, rerender } = renderHook(
    ({ prefix }: { readonly prefix: string }) =>
      useKubeObjectList({
        resource: configMaps,
        clusters: ['one'],
        namespaces: ['default'],
        select: (items) => names(items).filter((name) => name.startsWith(prefix)),
      }),
    { wrapper: harness.wrapper, initialProps: { prefix: 'a' } },
  );
  await waitFor(() => {
    expect(result.current.items).toEqual(['a']);
  });
  await isLive(result);
  const { items } = result.current;
  harness.create('b');
  await waitFor(() => {
    expect(result.current.targets[0]?.itemCount).toBe(2);
  });
  expect(result.current.items).toBe(items);
  rerender({ prefix: 'b' });
  expect(result.current.items).toEqual(['b']);
});

it('takes the first resource that each cluster has, and nothing while it is not enabled', async () => {
  const harness = await startHooks();
  harness.create('a');
  const preference = [{ group: 'example.com', version: 'v1', resource: 'configmaps' }, { ...configMaps }];
  const { result, rerender } = show(harness, { resource: preference, enabled: false });
  expect(result.current).toMatchObject({ targets: [], items: [], isLoading: false });
  expect(harness.api.stats.requests).toEqual([]);
  rerender({ resource: preference, enabled: true });
  await isLive(result);
  expect(names(result.current.items)).toEqual(['a']);
  rerender({ resource: [{ version: 'v1', resource: 'nothings' }], enabled: true });
  await waitFor(() => {
    expect(result.current).toMatchObject({ watchStatus: 'stopped', errors: [{ status: 404 }], isLoading: false });
  });
});

it('lists once where it shall not watch, and reaches no further than maxItems', async () => {
  const harness = await startHooks();
  for (const name of ['a', 'b', 'c']) harness.create(name);
  const { result } = show(harness, { watch: false, maxItems: 2 });
  await waitFor(() => {
    expect(result.current).toMatchObject({ isSynced: true, isPartial: true, hasMore: true, watchStatus: 'stopped' });
  });
  expect(names(result.current.items)).toEqual(['a', 'b']);
  const whole = show(harness);
  await waitFor(() => {
    expect(names(whole.result.current.items)).toEqual(['a', 'b', 'c']);
  });
  await isLive(whole.result);
});

it('gives a live list to any query with its options, also to one that suspends', async () => {
  const harness = await startHooks();
  harness.create('a');
  function View() {
    const [clicks] = useState(0);
    const { data } = useSuspenseQuery(
      kubeListQueryOptions(harness.client, { cluster: 'one', resource: configMaps, namespace: 'default' }),
    );
    return (
      <p>
        {names(data.items).join(' ')} {data.state.isSynced ? 'synced' : 'not'} {clicks}
      </p>
    );
  }
  render(
    <Suspense fallback="waiting">
      <View />
    </Suspense>,
    { wrapper: harness.wrapper },
  );
  expect(screen.getByText('waiting')).toBeDefined();
  await waitFor(() => {
    expect(screen.getByText('a synced 0')).toBeDefined();
  });
  harness.create('b');
  await waitFor(() => {
    expect(screen.getByText('a b synced 0')).toBeDefined();
  });
  const options = kubeListQueryOptions(harness.client, { cluster: 'one', resource: configMaps, namespace: 'default' });
  expect(harness.queryClient.getQueryData<KubeListData>(options.queryKey)?.items).toHaveLength(2);
});

it('fails a query whose first list fails', async () => {
  const harness = await startHooks();
  const options = kubeListQueryOptions(harness.client, { cluster: 'dead', resource: configMaps });
  await expect(harness.queryClient.fetchQuery(options)).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE' });
});

it('goes on showing its items when something clears the cache, and does not throw when the client is disposed', async () => {
  const harness = await startHooks();
  harness.create('a');
  const { result, rerender } = show(harness);
  await isLive(result);
  act(() => {
    harness.queryClient.clear();
  });
  rerender({ clusters: ['one'] });
  expect(names(result.current.items)).toEqual(['a']);
  harness.create('b');
  await waitFor(() => {
    expect(names(result.current.items)).toEqual(['a', 'b']);
  });
  act(() => {
    harness.client.dispose();
  });
  rerender({ namespaces: ['kube-public'] });
  expect(result.current.items).toEqual([]);
  await expect(result.current.refetch()).rejects.toMatchObject({ code: 'DISPOSED' });
});

it('clusters that print other columns keep each its own', async () => {
  const columnsOf: Readonly<Record<string, readonly string[]>> = {
    old: ['Name', 'Age'],
    new: ['Name', 'Ready', 'Age'],
  };
  const table = (cluster: string) => ({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '5' },
    columnDefinitions: columnsOf[cluster]?.map((name) => ({ name, type: 'string' })),
    rows: [
      {
        cells: columnsOf[cluster],
        object: { metadata: { name: 'a', namespace: 'default', uid: cluster, resourceVersion: '4' } },
      },
    ],
  });
  const harness = await startHooks({
    transport: 'polling',
    clusterUrl: (name) => `http://127.0.0.1/${name}`,
    fetch: (url) => Promise.resolve(Response.json(table((url as string).split('/')[3] as string))),
  });
  const { result, rerender } = show(harness, {
    clusters: ['old', 'new'],
    namespaces: [],
    projection: 'table',
  });
  await waitFor(() => {
    expect(result.current.items).toHaveLength(2);
  });
  const namesOf = (cluster: string, namespace?: string) =>
    result.current.columnsOf(cluster, namespace)?.map(({ name }) => name);
  for (const { cluster, object } of result.current.items) {
    expect(namesOf(cluster, object.metadata.namespace)).toEqual(columnsOf[cluster]);
  }
  expect([namesOf('new'), namesOf('unknown')]).toEqual([columnsOf['new'], undefined]);
  const { columnsOf: before } = result.current;
  rerender({});
  expect(result.current.columnsOf).toBe(before);
});
