// @vitest-environment jsdom
import { act, renderHook, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { KubeObject } from '../../src/index.ts';
import {
  useApiResources,
  useK8sWatchResource,
  useK8sWatchResources,
  useKubeLists,
  useKubeMutations,
  useKubeObject,
  useKubeObjectList,
  useKubeWatchClient,
  useKubeWatchStatus,
  type WatchK8sResource,
} from '../../src/react/index.ts';
import { configMaps, startHooks, undoAll } from './harness.tsx';

afterEach(undoAll);

type ConfigMap = KubeObject & { readonly data?: Readonly<Record<string, string>> };

const ref = (name: string) => ({ cluster: 'one', resource: configMaps, namespace: 'default', name });

it('[W19] follows a single object through deletion and creation', async () => {
  const { wrapper, create, remove } = await startHooks();
  create('a', { turn: 'first' });
  create('b');
  const { result, rerender } = renderHook(({ name }) => useKubeObject<ConfigMap>(ref(name)), {
    wrapper,
    initialProps: { name: 'a' },
  });
  expect(result.current).toMatchObject({ object: undefined, isDeleted: false, isLoading: true });
  await waitFor(() => {
    expect(result.current.object?.data).toEqual({ turn: 'first' });
  });
  remove('a');
  await waitFor(() => {
    expect(result.current).toMatchObject({ isDeleted: true, object: { data: { turn: 'first' } }, error: undefined });
  });
  create('a', { turn: 'second' });
  await waitFor(() => {
    expect(result.current).toMatchObject({ isDeleted: false, object: { data: { turn: 'second' } } });
  });
  rerender({ name: 'b' });
  expect(result.current.object).toBeUndefined();
  await waitFor(() => {
    expect(result.current.object?.metadata.name).toBe('b');
  });
  rerender({ name: 'nothing' });
  await waitFor(() => {
    expect(result.current).toMatchObject({ object: undefined, isDeleted: false, isLoading: false });
  });
});

it('lists different resources at once, and one that comes or goes leaves the others as they are', async () => {
  const { wrapper, create } = await startHooks();
  create('a');
  const list = (resource: string) => ({ resource: { version: 'v1', resource }, clusters: ['one'] });
  const { result, rerender } = renderHook(
    ({ resources }: { readonly resources: readonly string[] }) =>
      useKubeLists(Object.fromEntries(resources.map((resource) => [resource, list(resource)]))),
    { wrapper, initialProps: { resources: ['configmaps', 'namespaces'] } },
  );
  await waitFor(() => {
    expect(Object.values(result.current).map(({ watchStatus }) => watchStatus)).toEqual(['live', 'live']);
  });
  expect(result.current['namespaces']?.items.map(({ object }) => object.metadata.name)).toContain('kube-system');
  const before = result.current['configmaps'];
  rerender({ resources: ['configmaps', 'pods'] });
  expect(result.current['configmaps']).toBe(before);
  await waitFor(() => {
    expect(result.current['pods']).toMatchObject({ watchStatus: 'live', items: [] });
  });
  create('b');
  await waitFor(() => {
    expect(result.current['configmaps']?.items).toHaveLength(2);
  });
});

it("gives OpenShift's triple, for a kind that discovery resolves", async () => {
  const { wrapper, create, remove } = await startHooks();
  create('a');
  create('b');
  const init = (more: Partial<WatchK8sResource>): WatchK8sResource => ({
    groupVersionKind: { version: 'v1', kind: 'ConfigMap' },
    namespace: 'default',
    ...more,
  });
  const initialProps: { readonly resource: WatchK8sResource | null } = { resource: init({ isList: true }) };
  const { result, rerender } = renderHook(
    ({ resource }: { readonly resource: WatchK8sResource | null }) => useK8sWatchResource(resource),
    { wrapper, initialProps },
  );
  expect(result.current).toEqual([[], false, undefined]);
  await waitFor(() => {
    expect(result.current[1]).toBe(true);
  });
  expect((result.current[0] as readonly KubeObject[]).map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  const [data] = result.current;
  rerender({ resource: init({ isList: true }) });
  expect(result.current[0]).toBe(data);
  rerender({ resource: init({ kind: 'ConfigMap', name: 'b' }) });
  expect(result.current).toEqual([{}, false, undefined]);
  await waitFor(() => {
    expect(result.current).toMatchObject([{ metadata: { name: 'b' } }, true, undefined]);
  });
  remove('b');
  await waitFor(() => {
    expect(result.current).toEqual([{}, true, undefined]);
  });
  rerender({ resource: null });
  expect(result.current).toEqual([undefined, true, undefined]);
});

it('watches several of them by name, and says what cannot be read', async () => {
  const { wrapper, create } = await startHooks();
  create('a');
  const inits = {
    maps: { kind: 'core~v1~ConfigMap', namespace: 'default', isList: true, selector: { matchExpressions: [] } },
    nothing: { kind: 'Nothing', isList: true },
    optional: { kind: 'Nothing', isList: true, optional: true },
    none: null,
  } as const;
  const { result } = renderHook(() => useK8sWatchResources(inits), { wrapper });
  await waitFor(() => {
    expect(result.current).toMatchObject({
      maps: { loaded: true, loadError: undefined, data: [{ metadata: { name: 'a' } }] },
      nothing: { loaded: false, loadError: { status: 404 }, data: [] },
      optional: { loaded: true, loadError: undefined, data: [] },
      none: { loaded: true, loadError: undefined, data: undefined },
    });
  });
});

it('says how live everything is, and tells each change', async () => {
  const { wrapper, api } = await startHooks();
  const { result } = renderHook(
    () => ({
      list: useKubeObjectList({ resource: configMaps, clusters: ['one'] }),
      status: useKubeWatchStatus(),
      other: useKubeWatchStatus('two'),
    }),
    { wrapper },
  );
  await waitFor(() => {
    expect(result.current.status).toMatchObject({
      status: 'live',
      isStale: false,
      errors: [],
      targets: [{ cluster: 'one' }],
    });
  });
  expect(result.current.other).toMatchObject({ status: 'live', targets: [] });
  await api.close();
  await waitFor(() => {
    expect(result.current.status).toMatchObject({ status: 'reconnecting', isStale: true });
  });
});

it('discovers what clusters have, and names those that do not answer', async () => {
  const { wrapper } = await startHooks();
  const { result } = renderHook(() => useApiResources(['one', 'dead']), { wrapper });
  expect(result.current).toMatchObject({ isLoading: true, errors: [] });
  await waitFor(() => {
    expect(result.current.isLoading).toBe(false);
  });
  expect([...result.current.byCluster.keys()]).toEqual(['one']);
  expect(result.current.errors).toMatchObject([{ cluster: 'dead', code: 'KUBE_UNREACHABLE' }]);
  expect(result.current.resources.filter(({ resource }) => resource === 'configmaps')).toHaveLength(1);
});

it('[U4] writes by mutations that the list shows at once, and takes a failed one back', async () => {
  const { wrapper, create, api } = await startHooks({ flush: 'sync' });
  create('a', { color: 'red' });
  const { result } = renderHook(
    () => ({
      list: useKubeObjectList<ConfigMap>({ resource: configMaps, clusters: ['one'], namespaces: ['default'] }),
      write: useKubeMutations(),
    }),
    { wrapper },
  );
  const color = () => result.current.list.items[0]?.object.data?.['color'];
  await waitFor(() => {
    expect(result.current.list.watchStatus).toBe('live');
  });
  const undo = api.faults.add({ kind: 'delay', delayMs: 100 }, { method: 'PATCH' });
  act(() => {
    result.current.write.patch.mutate({ ref: ref('a'), patch: { data: { color: 'blue' } } });
  });
  await waitFor(() => {
    expect([result.current.write.patch.isPending, color()]).toEqual([true, 'blue']);
  });
  await waitFor(() => {
    expect(result.current.write.patch.data).toMatchObject({ data: { color: 'blue' } });
  });
  undo();
  api.faults.add({ kind: 'status', code: 500 }, { method: 'PATCH' });
  act(() => {
    result.current.write.patch.mutate({ ref: ref('a'), patch: { data: { color: 'green' } } });
  });
  await waitFor(() => {
    expect(result.current.write.patch.error).toMatchObject({ status: 500 });
  });
  expect(color()).toBe('blue');
  act(() => {
    result.current.write.delete.mutate({ ref: ref('a') });
  });
  await waitFor(() => {
    expect(result.current.list.items).toEqual([]);
  });
});

it('throws where there is no provider', () => {
  expect(() => renderHook(() => useKubeWatchClient(), { onRecoverableError: () => {} })).toThrow(
    'there is no KubeWatchProvider above this component',
  );
});
