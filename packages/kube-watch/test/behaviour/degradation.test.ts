import { afterEach, expect, it } from 'vitest';
import type { KubeWatchClientOptions } from '../../src/client/index.ts';
import type { WatchTransport } from '../../src/index.ts';
import { createFastClock } from './fast-clock.ts';
import { startFake, undoAll, type FakeSetup } from './setup.ts';
import { view } from './view.ts';

afterEach(undoAll);

/** 5 s are 0.1 s, and a minute is 1.2 s. */
const auto: Partial<KubeWatchClientOptions> = { transport: 'auto', clock: createFastClock(50) };

function lists({ api }: FakeSetup): number {
  return api.stats.requests.filter(
    ({ isWatch, path, query }) => path.endsWith('/configmaps') && !isWatch && query['limit'] === '500',
  ).length;
}

it('goes from the Fleetwire socket to streaming fetch when the socket is away, says why, and comes back', async () => {
  const setup = await startFake('multiplexed', { client: auto });
  await setup.create('a');
  const list = view(setup);
  await list.settled();
  const { items } = list;
  setup.gateway?.setSocketsAllowed(false);
  await list.until(() => {
    expect(list.state).toMatchObject({ status: 'live', transport: 'fetch', isStale: false });
  });
  expect(list.state.degradedReason).toBe('the Fleetwire socket does not open');
  expect(list.items).toBe(items);
  await setup.create('b');
  await list.shows('a', 'b');
  setup.gateway?.setSocketsAllowed(true);
  await list.settled();
  expect(list.state.degradedReason).toBeUndefined();
  await setup.create('c');
  await list.shows('a', 'b', 'c');
  expect(lists(setup)).toBe(1);
});

it('resumes on the Fleetwire socket after a short loss, without a list and without another transport', async () => {
  const setup = await startFake('multiplexed', { client: { transport: 'auto' } });
  const list = view(setup);
  await list.settled();
  setup.gateway?.cutSockets();
  await setup.create('a');
  await list.shows('a');
  await list.settled();
  expect(new Set(list.seen.map(({ state }) => state.transport))).toEqual(new Set(['multiplexed']));
  expect(lists(setup)).toBe(1);
});

it('goes from refused WebSockets to streaming fetch, and back when they are taken', async () => {
  const errors: string[] = [];
  const setup = await startFake('websocket', { client: { ...auto, onError: ({ code }) => errors.push(code) } });
  const undo = setup.api.faults.add({ kind: 'no-websocket' });
  const list = view(setup);
  await list.until(() => {
    expect(list.state).toMatchObject({ status: 'live', transport: 'fetch', error: undefined });
  });
  expect(list.state.degradedReason).toBe('WebSockets do not get through');
  expect(errors).toEqual(['KUBE_WEBSOCKET_REFUSED']);
  undo();
  await list.settled();
  expect(list.state.degradedReason).toBeUndefined();
  await setup.create('a');
  await list.shows('a');
});

it('polls where no watch opens though lists are answered, and streams again when one does', async () => {
  const setup = await startFake('fetch', { client: { ...auto, WebSocket: undefined } });
  setup.api.faults.add({ kind: 'no-websocket' });
  const undo = setup.api.faults.add({ kind: 'half-open' }, { watch: true });
  const list = view(setup);
  await list.until(() => {
    expect(list.state).toMatchObject({ status: 'polling', transport: 'polling' });
  });
  expect(list.state.degradedReason).toBe('streamed answers do not get through');
  await setup.create('a');
  await list.shows('a');
  undo();
  await list.until(() => {
    expect(list.state).toMatchObject({ status: 'live', transport: 'fetch' });
  });
});

it('[W12] finds a peer that is silently gone, and goes on from where it was', async () => {
  const setup = await startFake('fetch');
  const list = view(setup);
  await list.settled();
  setup.api.faults.add({ kind: 'half-open', afterEvents: 0 }, { watch: true, times: 1 });
  setup.api.faults.cutOpen({ watch: true });
  await setup.create('a');
  await list.shows('a');
  expect(lists(setup)).toBe(1);
});

it('[W17] does not touch one cluster when another one is dead', async () => {
  const setup = await startFake('fetch');
  const two = view(setup, { cluster: 'two' });
  const one = view(setup);
  await one.settled();
  await setup.create('a');
  await one.shows('a');
  expect(two.state).toMatchObject({ isSynced: false, error: { code: 'KUBE_UNREACHABLE', cluster: 'two' } });
});

it('loses nothing where a second watch joins the subscription of the first', async () => {
  const setup = await startFake('multiplexed');
  await setup.create('a');
  const list = view(setup);
  await list.settled();
  // The same list by another name: both are one subscription on the socket.
  const { resourceVersion } = (await setup.create('b')).metadata;
  await list.shows('a', 'b');
  let transport: WatchTransport | undefined;
  const release = setup.client.reflect(setup.target, (found) => {
    transport = found;
    return { kind: found.kind, degradedReason: undefined, list: () => new Promise(() => {}) };
  });
  const heard: string[] = [];
  const undo = transport?.watch?.(
    { target: setup.target, resourceVersion: String(Number(resourceVersion) - 1), timeoutSeconds: 300 },
    {
      onOpen: () => heard.push('open'),
      onEvents: () => heard.push('events'),
      onMalformed: () => {},
      onGone: () => heard.push('gone'),
      onEnd: () => {},
    },
  );
  await list.until(() => {
    expect(heard).toEqual(['open', 'gone']);
  });
  undo?.();
  release();
  await setup.create('c');
  await list.shows('a', 'b', 'c');
});
