import type { FakeKubeApi, FaultMatch } from '@fleetwire/fake-kube-api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { KubeWatchError } from '../../src/index.ts';
import { createFastClock } from './fast-clock.ts';
import { startFake, undoAll, type Carrier, type FakeSetup } from './setup.ts';
import { view, type View } from './view.ts';

/** What is probed every 30 s, every 0.6 s. */
const probing = { clock: createFastClock(50) };

const isConfigMaps = (path: string): boolean => path.endsWith('/configmaps');

/** Lists and watches of what the tests look at, as the API has seen them. */
function counts(api: FakeKubeApi): { readonly lists: number; readonly watches: number } {
  const seen = api.stats.requests.filter(
    // The gateway itself reads one object, to learn where the cluster is.
    ({ method, path, query }) => method === 'GET' && isConfigMaps(path) && query['limit'] !== '1',
  );
  const watches = seen.filter(({ isWatch }) => isWatch).length;
  return { lists: seen.length - watches, watches };
}

function match({ namespace }: FakeSetup, more: Partial<FaultMatch> = {}): FaultMatch {
  return { path: `/api/v1/namespaces/${namespace}/configmaps`, method: 'GET', ...more };
}

/** The list is live, and so is the watch at the API: the gateway's subscribers are live before it has dialled. */
async function watching(list: View, api: FakeKubeApi): Promise<void> {
  await list.settled();
  await vi.waitFor(() => expect(api.stats.openWatches).toBe(1));
}

/** What holds when the API fails in its ways, over one carrier. */
export function faultsSuite(carrier: Carrier): void {
  afterEach(undoAll);
  describe(`a list over ${carrier}`, () => {
    listFaults(carrier);
  });
  if (carrier === 'polling') return;
  describe(`a watch over ${carrier}`, () => {
    watchFaults(carrier);
  });
  if (carrier === 'multiplexed') return;
  describe(`a watch-list over ${carrier}`, () => {
    watchListFaults(carrier);
  });
}

function watchFaults(carrier: Carrier): void {
  it('[W3] lists again exactly once after a 410, and what was deleted meanwhile vanishes', async () => {
    const setup = await startFake(carrier);
    const { api } = setup;
    for (const name of ['a', 'b']) await setup.create(name);
    const list = view(setup);
    await watching(list, api);
    const kept = list.get('b');
    const before = counts(api);
    const undo = api.faults.add({ kind: 'cut' }, match(setup, { watch: true }));
    api.faults.cutOpen(match(setup, { watch: true }));
    await setup.remove('a');
    await setup.create('c');
    api.store.compact();
    undo();
    await list.shows('b', 'c');
    await watching(list, api);
    expect(counts(api).lists - before.lists).toBe(1);
    expect(list.get('b')).toBe(kept);
    const after = list.seen.slice(list.seen.findIndex(({ items }) => items.length === 2));
    expect(after.map(({ items }) => items.length)).not.toContain(0);
    await setup.create('d');
    await list.shows('b', 'c', 'd');
  });

  it('[W10] goes on from where it was after the connection was cut, without a list', async () => {
    const setup = await startFake(carrier);
    const { api } = setup;
    await setup.create('a');
    const list = view(setup);
    await watching(list, api);
    const before = counts(api);
    for (const name of ['b', 'c']) {
      expect(api.faults.cutOpen(match(setup, { watch: true }))).toBe(1);
      await setup.create(name);
      await list.until(() => {
        expect(list.names).toContain(name);
      });
      await watching(list, api);
    }
    expect(counts(api).lists).toBe(before.lists);
    expect(list.names).toEqual(['a', 'b', 'c']);
  });

  it('[W2] goes on at once after a watch came to its end', async () => {
    const setup = await startFake(carrier);
    const { api } = setup;
    const list = view(setup);
    await watching(list, api);
    const before = counts(api);
    api.faults.add({ kind: 'end', afterEvents: 1 }, match(setup, { watch: true, times: 1 }));
    api.faults.cutOpen(match(setup, { watch: true }));
    for (const name of ['a', 'b', 'c']) await setup.create(name);
    await list.shows('a', 'b', 'c');
    expect(counts(api).lists).toBe(before.lists);
  });

  it('[W5] [W4] watches again after 500 and 429, without a list', async () => {
    const setup = await startFake(carrier);
    const { api } = setup;
    await setup.create('a');
    const list = view(setup);
    await watching(list, api);
    const before = counts(api);
    for (const code of [500, 429]) {
      api.faults.add({ kind: 'status', code, retryAfterSeconds: 1 }, match(setup, { watch: true, times: 1 }));
      api.faults.cutOpen(match(setup, { watch: true }));
      const name = `after-${String(code)}`;
      await setup.create(name);
      await list.until(() => {
        expect(list.names).toContain(name);
      });
      await watching(list, api);
    }
    expect(counts(api).lists).toBe(before.lists);
  });

  it('[W17] keeps its items while it reconnects, and shows them as stale', async () => {
    const setup = await startFake(carrier);
    const { api } = setup;
    await setup.create('a');
    const list = view(setup);
    await watching(list, api);
    const { items } = list;
    const undo = api.faults.add({ kind: 'cut' }, match(setup));
    api.faults.cutOpen(match(setup, { watch: true }));
    await list.until(() => {
      expect(list.state).toMatchObject({ status: 'reconnecting', isStale: true, isSynced: true });
    });
    expect(list.items).toBe(items);
    undo();
    await watching(list, api);
    expect(list.items).toBe(items);
  });

  it('[W18] goes on past a line that is no event', async () => {
    const errors: KubeWatchError[] = [];
    const setup = await startFake(carrier, { client: { onError: (error) => errors.push(error) } });
    const { api } = setup;
    api.faults.add({ kind: 'garbage', line: '{"type":7}' }, match(setup, { watch: true, times: 1 }));
    const list = view(setup);
    await watching(list, api);
    const { watches } = counts(api);
    await setup.create('a');
    await list.shows('a');
    expect(counts(api).watches).toBe(watches);
    // The gateway looks at each event for its resourceVersion, and keeps what has none to itself.
    if (carrier !== 'multiplexed') expect(errors.map(({ code }) => code)).toEqual(['KUBE_MALFORMED']);
  });

  it('[W8] polls where lists are allowed and watches are not, and says so', async () => {
    const setup = await startFake(carrier, { api: { authorize: ({ verb }) => verb !== 'watch' }, client: probing });
    await setup.create('a');
    const list = view(setup);
    await list.until(() => {
      expect(list.state).toMatchObject({ status: 'polling', transport: 'polling', isSynced: true, isStale: false });
    });
    expect(list.state.degradedReason).toBe('this list may be read and not watched');
    expect(list.names).toEqual(['a']);
    // As often as it polls, every 30 s made short, and no more.
    const { watches } = counts(setup.api);
    const startedAtMs = performance.now();
    await vi.waitFor(() => expect(counts(setup.api).watches).toBeGreaterThanOrEqual(watches + 3));
    expect(performance.now() - startedAtMs).toBeGreaterThan(carrier === 'websocket' ? 400 : 1_000);
  });

  it('[W8] stops soon after the permission is taken from it, and is live soon after a refetch with it back', async () => {
    let isAllowed = true;
    const setup = await startFake(carrier, { api: { authorize: () => isAllowed } });
    const { api } = setup;
    await setup.create('a');
    const list = view(setup);
    await watching(list, api);
    isAllowed = false;
    api.faults.cutOpen(match(setup, { watch: true }));
    // By itself it would try again after half a minute.
    const soon = { timeout: 10_000, interval: 10 };
    await vi.waitFor(() => {
      expect(list.state).toMatchObject({ status: 'stopped', isStale: true, error: { status: 403 } });
    }, soon);
    expect(list.names).toEqual(['a']);
    await expect(list.handle.refetch()).rejects.toMatchObject({ status: 403 });
    isAllowed = true;
    await list.handle.refetch();
    await vi.waitFor(() => {
      expect(list.state).toMatchObject({ status: 'live', transport: carrier, isStale: false, error: undefined });
    }, soon);
    await setup.create('b');
    await list.shows('a', 'b');
  });

  it('[W9] is empty with the error once its type was removed, and lists again when it is back', async () => {
    const setup = await startFake(carrier, { client: probing });
    const { api } = setup;
    const resource = { group: 'example.com', version: 'v1', resource: 'widgets' };
    const definition = {
      ...resource,
      kind: 'Widget',
      listKind: 'WidgetList',
      singular: 'widget',
      shortNames: [],
      categories: [],
      namespaced: true,
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
      subresources: [],
      columns: [],
      schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    };
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } };
    const remove = api.store.define(definition as never);
    api.store.create(resource, setup.namespace, widget);
    const list = view(setup, { resource, labelSelector: undefined });
    await list.shows('w');
    await list.settled();
    remove();
    api.faults.cutOpen();
    await list.until(() => {
      expect(list.state).toMatchObject({ status: 'stopped', itemCount: 0, error: { status: 404 } });
    });
    expect(list.items).toEqual([]);
    api.store.define(definition as never);
    api.store.create(resource, setup.namespace, widget);
    await list.shows('w');
  });
}

function listFaults(carrier: Carrier): void {
  it('[L2] [L3] pages to the end, and reads the list anew, once and whole, when a later page has expired', async () => {
    const setup = await startFake(carrier);
    const { api } = setup;
    for (const name of ['a', 'b', 'c', 'd', 'e']) await setup.create(name);
    const list = view(setup, {}, { pageSize: 2 });
    await list.settled();
    const { items } = list;
    const limits = (): readonly (string | undefined)[] =>
      api.stats.requests
        .filter(({ isWatch, method, path }) => isConfigMaps(path) && method === 'GET' && !isWatch)
        .map(({ query }) => query['limit']);
    // A list of any state is answered whole, whatever its limit; that of the newest is paged.
    api.stats.reset();
    await list.handle.refetch();
    expect(limits().slice(0, 3)).toEqual(['2', '2', '2']);
    api.faults.add({ kind: 'status', code: 410, reason: 'Expired' }, match(setup, { continued: true, times: 1 }));
    api.stats.reset();
    await list.handle.refetch();
    expect(limits().slice(0, 3)).toEqual(['2', '2', undefined]);
    expect(list.items).toBe(items);
    await setup.create('f');
    await list.shows('a', 'b', 'c', 'd', 'e', 'f');
  });

  it('[W8] stops where it is forbidden, and the namespace beside it goes on', async () => {
    let isForbidden = true;
    const authorize = ({ namespace }: { readonly namespace: string | undefined }): boolean =>
      namespace !== 'default' || !isForbidden;
    const setup = await startFake(carrier, { api: { authorize }, client: probing });
    await setup.create('a');
    const forbidden = view(setup, { namespace: 'default' });
    const allowed = view(setup);
    await forbidden.until(() => {
      expect(forbidden.state).toMatchObject({ status: 'stopped', error: { status: 403, code: 'KUBE_FORBIDDEN' } });
    });
    await allowed.settled();
    expect(allowed.names).toEqual(['a']);
    isForbidden = false;
    await forbidden.settled();
  });

  it('[W5] tries again after 500 and after a cut', async () => {
    const setup = await startFake(carrier);
    const { api } = setup;
    await setup.create('a');
    api.faults.add({ kind: 'status', code: 500 }, match(setup, { watch: false, times: 2 }));
    api.faults.add({ kind: 'cut' }, match(setup, { watch: false, times: 1 }));
    const list = view(setup);
    await list.shows('a');
    await list.settled();
  });

  // The gateway has credentials of its own, which are its own tests' business.
  if (carrier !== 'multiplexed') {
    it('[W7] asks again by itself after a 401 stopped it, and goes on', async () => {
      const setup = await startFake(carrier, { client: probing });
      await setup.create('a');
      const list = view(setup);
      await list.shows('a');
      await list.settled();
      const undo = setup.api.faults.add({ kind: 'status', code: 401 });
      setup.api.faults.cutOpen();
      await list.until(() => {
        expect(list.state).toMatchObject({ status: 'stopped', isStale: true, error: { status: 401 } });
      });
      expect(list.names).toEqual(['a']);
      undo();
      await setup.create('b');
      await list.shows('a', 'b');
      await list.settled();
      expect(list.state).toMatchObject({ isStale: false, error: undefined });
    });

    it('[W7] refreshes the token once after a 401, and stops with the second one', async () => {
      let valid = 'first';
      const asked: string[] = [];
      const errors: number[] = [];
      const setup = await startFake(carrier, {
        api: {
          authenticate: (token) =>
            token === undefined || ['admin', valid].includes(token) ? { user: 'u' } : undefined,
        },
        client: {
          getToken: ({ reason }) => {
            asked.push(reason);
            return asked.includes('expired') ? 'second' : 'first';
          },
          onError: ({ status }) => errors.push(status ?? 0),
        },
      });
      await setup.create('a');
      valid = 'second';
      const list = view(setup);
      await list.shows('a');
      expect(asked.filter((reason) => reason === 'expired')).toHaveLength(1);
      expect(errors).toEqual([401]);
      valid = 'third';
      setup.api.faults.cutOpen();
      await list.until(() => {
        expect(list.state).toMatchObject({ status: 'stopped', isStale: true, error: { status: 401 } });
      });
      expect(list.names).toEqual(['a']);
    });
  }
}

function watchListFaults(carrier: Carrier): void {
  it('[W16] shows what there is at its end, and goes on as a watch', async () => {
    const setup = await startFake(carrier, { client: { watchList: true } });
    for (const name of ['a', 'b']) await setup.create(name);
    const list = view(setup);
    await list.shows('a', 'b');
    await list.settled();
    expect(counts(setup.api)).toEqual({ lists: 0, watches: 1 });
    expect(new Set(list.seen.map(({ items }) => items.length))).toEqual(new Set([0, 2]));
    await setup.create('c');
    await list.shows('a', 'b', 'c');
  });

  it('[W16] lists where the cluster has none, and remembers that', async () => {
    const setup = await startFake(carrier, { api: { noWatchList: true }, client: { watchList: true } });
    await setup.create('a');
    const list = view(setup);
    await list.shows('a');
    await list.settled();
    await view(setup, { namespace: 'default' }).settled();
    const refused = setup.api.stats.requests.filter(({ query }) => query['sendInitialEvents'] === 'true');
    // A refused WebSocket is asked for again over HTTP, to learn why.
    expect(refused.map(({ path }) => path)).toEqual(
      Array.from({ length: carrier === 'websocket' ? 2 : 1 }, () => `/api/v1/namespaces/${setup.namespace}/configmaps`),
    );
  });
}
