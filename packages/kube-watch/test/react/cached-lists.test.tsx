// @vitest-environment jsdom
import { useQuery } from '@tanstack/react-query';
import { renderHook, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { KubeObject, ListResponse } from '../../src/index.ts';
import { kubeObjectListQuery, useWatchKubeObjectLists } from '../../src/react/index.ts';
import { configMaps, startHooks, undoAll, type Harness } from './harness.tsx';

afterEach(undoAll);

/** An item class as applications have it. */
class Item {
  readonly jsonData: KubeObject;
  readonly cluster: string | undefined;

  constructor(jsonData: KubeObject, cluster?: string) {
    this.jsonData = jsonData;
    this.cluster = cluster;
  }
}

const place = { endpoint: configMaps, cluster: 'one', namespace: 'default' };

/** The query and the watch of one list, as an application joins them. */
function show({ client, wrapper }: Harness) {
  const query = kubeObjectListQuery<Item>(client, { ...place, kubeObjectClass: Item });
  return renderHook(
    () => {
      const { data } = useQuery({ ...query, staleTime: Infinity });
      const { cluster, namespace } = place;
      const resourceVersion = data?.metadata.resourceVersion;
      useWatchKubeObjectLists<Item>({
        kubeObjectClass: Item,
        endpoint: { ...configMaps },
        lists: resourceVersion === undefined ? [] : [{ cluster, namespace, resourceVersion }],
      });
      return data;
    },
    { wrapper },
  );
}

const names = (list: ListResponse<Item> | undefined) => list?.items.map(({ jsonData }) => jsonData.metadata.name);

function watches({ api }: Harness): number {
  return api.stats.requests.filter(({ isWatch }) => isWatch).length;
}

it('keeps a list in the cache current, from its own resourceVersion and in one watch', async () => {
  const harness = await startHooks();
  harness.create('a');
  harness.create('b');
  const { result } = show(harness);
  await waitFor(() => {
    expect(names(result.current)).toEqual(['a', 'b']);
  });
  const [first] = result.current?.items ?? [];
  expect(first).toBeInstanceOf(Item);
  harness.create('c');
  harness.update('b', { color: 'blue' });
  await waitFor(() => {
    expect(result.current?.items[1]?.jsonData).toMatchObject({ data: { color: 'blue' } });
  });
  harness.remove('b');
  await waitFor(() => {
    expect(names(result.current)).toEqual(['a', 'c']);
  });
  expect(result.current?.items[0]).toBe(first);
  expect(result.current?.items.map(({ cluster }) => cluster)).toEqual(['one', 'one']);
  // StrictMode mounts twice.
  expect(watches(harness)).toBeLessThanOrEqual(2);
  expect(
    harness.api.stats.requests.filter(({ isWatch, path }) => !isWatch && path.endsWith('/configmaps')),
  ).toHaveLength(1);
});

it('[W3] has the list read anew by its own query when the watch has lost its place', async () => {
  const harness = await startHooks();
  harness.create('a');
  harness.create('b');
  const { result } = show(harness);
  await waitFor(() => {
    expect(watches(harness)).toBeGreaterThan(0);
  });
  const undo = harness.api.faults.add({ kind: 'cut' }, { watch: true });
  harness.api.faults.cutOpen({ watch: true });
  harness.remove('a');
  harness.api.store.compact();
  undo();
  await waitFor(() => {
    expect(names(result.current)).toEqual(['b']);
  });
  harness.create('c');
  await waitFor(() => {
    expect(names(result.current)).toEqual(['b', 'c']);
  });
});

it('leaves an empty cache alone, and does nothing without an endpoint', async () => {
  const harness = await startHooks();
  const { metadata } = harness.create('a');
  const lists = [{ cluster: 'one', namespace: 'default', resourceVersion: metadata.resourceVersion }];
  const { rerender } = renderHook(
    ({ endpoint }: { readonly endpoint: typeof configMaps | null }) => {
      useWatchKubeObjectLists({ endpoint, lists: [...lists] });
    },
    { wrapper: harness.wrapper, initialProps: { endpoint: null as typeof configMaps | null } },
  );
  expect(watches(harness)).toBe(0);
  rerender({ endpoint: configMaps });
  await waitFor(() => {
    expect(harness.api.stats.openWatches).toBeGreaterThan(0);
  });
  harness.create('b');
  await harness.client.fetch('one', '/version');
  const query = kubeObjectListQuery(harness.client, place);
  expect(harness.queryClient.getQueryData(query.queryKey)).toBeUndefined();
  rerender({ endpoint: null });
  await waitFor(() => {
    expect(harness.api.stats.openWatches).toBe(0);
  });
});

it('passes other parameters on, and neither `watch` nor `resourceVersion`', async () => {
  const harness = await startHooks();
  const query = kubeObjectListQuery(harness.client, {
    ...place,
    queryParams: { watch: true, resourceVersion: '7', limit: 5, labelSelector: 'a=b', fieldSelector: undefined },
  });
  expect(JSON.stringify(query.queryKey)).not.toMatch(/resourceVersion|watch"?:/);
  await harness.queryClient.fetchQuery(query);
  expect(harness.api.stats.requests.at(-1)?.query).toEqual({ limit: '5', labelSelector: 'a=b' });
});

it('a list that two components watch is watched once, until the last one is gone', async () => {
  const harness = await startHooks();
  harness.create('a');
  const first = show(harness);
  await waitFor(() => {
    expect(names(first.result.current)).toEqual(['a']);
  });
  await waitFor(() => {
    expect(watches(harness)).toBeGreaterThan(0);
  });
  const before = watches(harness);
  const second = show(harness);
  harness.create('b');
  await waitFor(() => {
    expect(names(second.result.current)).toEqual(['a', 'b']);
  });
  first.unmount();
  harness.create('c');
  await waitFor(() => {
    expect(names(second.result.current)).toEqual(['a', 'b', 'c']);
  });
  expect(watches(harness)).toBe(before);
});

it('a watch of a cached list fails as the client does: each failed attempt is told, and maxRetries ends it', async () => {
  const errors: string[] = [];
  const harness = await startHooks({ onError: ({ code }) => errors.push(code), maxRetries: 0 });
  harness.create('a');
  const { result } = show(harness);
  await waitFor(() => {
    expect(watches(harness)).toBeGreaterThan(0);
  });
  harness.api.faults.add({ kind: 'status', code: 500 }, { watch: true });
  harness.api.faults.cutOpen({ watch: true });
  await waitFor(() => {
    expect(errors.length).toBeGreaterThan(0);
  });
  expect(names(result.current)).toEqual(['a']);
});

it('a list that is read anew loses nothing of what the watch brought meanwhile', async () => {
  let held: (() => void) | undefined;
  const harness = await startHooks({
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (isHeld && !(url as string).includes('watch')) await new Promise<void>((resolve) => (held = resolve));
      return response;
    },
  });
  let isHeld = false;
  for (const name of ['a', 'b', 'c']) harness.create(name);
  const { result } = show(harness);
  await waitFor(() => {
    expect(harness.api.stats.openWatches).toBeGreaterThan(0);
  });
  harness.update('a', { color: 'old' });
  await waitFor(() => {
    expect(result.current?.items[0]?.jsonData).toMatchObject({ data: { color: 'old' } });
  });
  isHeld = true;
  const { queryKey } = kubeObjectListQuery(harness.client, place);
  const refetched = harness.queryClient.refetchQueries({ queryKey });
  await waitFor(() => {
    expect(held).toBeDefined();
  });
  harness.update('a', { color: 'blue' });
  harness.remove('b');
  harness.create('d');
  await waitFor(() => {
    expect(names(result.current)).toEqual(['a', 'c', 'd']);
  });
  held?.();
  await refetched;
  await waitFor(() => {
    const now = harness.queryClient.getQueryData<ListResponse<Item>>(queryKey);
    expect(names(now)).toEqual(['a', 'c', 'd']);
    expect(now?.items[0]?.jsonData).toMatchObject({ data: { color: 'blue' } });
  });
});
