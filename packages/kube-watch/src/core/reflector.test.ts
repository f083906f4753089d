import { createManualClock } from '@fleetwire/websocket-core/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { KubeObject, ListResponse, TableResponse, WatchEvent } from '../protocol/kube-object.ts';
import { createClusterMemory } from './cluster-memory.ts';
import { createInformer, type InformerOptions } from './informer.ts';
import { createKubeWatchError, errorOfStatus, type KubeWatchErrorInit } from './kube-watch-error.ts';
import { createReflector } from './reflector.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import { tablePage } from './table.ts';
import { createLineDecoder, parseWatchEvent } from './watch-lines.ts';
import type {
  AbortSignalLike,
  ListPage,
  ListRequest,
  WatchListener,
  WatchRequest,
  WatchTransport,
} from './watch-transport.ts';

const fixtures = join(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'kubernetes');
const fixture = (name: string) => readFileSync(join(fixtures, name), 'utf8');
const listOf = (name: string) => JSON.parse(fixture(name)) as ListResponse;
const target = { cluster: 'a', resource: { version: 'v1', resource: 'pods' } };

function eventsOf(name: string): WatchEvent[] {
  const decoder = createLineDecoder(() => undefined);
  return [...decoder.push(fixture(name)), ...decoder.end()].flatMap((line) => {
    const message = parseWatchEvent(line, target);
    return message.ok ? message.events : [];
  });
}

function failure(init: Partial<KubeWatchErrorInit>) {
  return createKubeWatchError({ message: 'failed', cluster: 'a', ...init });
}

function pod(name: string, version: number): KubeObject {
  return { metadata: { name, namespace: 'x', uid: `uid-${name}`, resourceVersion: String(version) } };
}

function page(version: number, items: readonly KubeObject[], token?: string): ListPage {
  const metadata = { resourceVersion: String(version), ...(token === undefined ? {} : { continue: token }) };
  return { apiVersion: 'v1', kind: 'PodList', metadata, items };
}

interface Asked {
  readonly request: ListRequest;
  readonly signal: AbortSignalLike;
  resolve(page: unknown): void;
  reject(error: unknown): void;
}

interface Watched {
  readonly request: WatchRequest;
  readonly listener: WatchListener;
  isUndone: boolean;
}

function withoutWatch(transport: WatchTransport): WatchTransport {
  return { kind: 'polling', degradedReason: undefined, list: (request, signal) => transport.list(request, signal) };
}

/** A transport that answers when it is told to. */
function setUp(options: Partial<InformerOptions> = {}, more: Partial<WatchTransport> = {}) {
  const clock = createManualClock();
  const asked: Asked[] = [];
  const watched: Watched[] = [];
  const errors: string[] = [];
  const transport: WatchTransport = {
    kind: 'websocket',
    degradedReason: undefined,
    list: (request, signal) =>
      new Promise((resolve, reject) => asked.push({ request, signal, resolve: resolve, reject })),
    watch(request, listener) {
      const entry = { request, listener, isUndone: false };
      watched.push(entry);
      return () => void (entry.isUndone = true);
    },
    ...more,
  };
  const all: ReflectorOptions = {
    target,
    transport,
    clock,
    random: () => 0.5,
    onError: ({ code }) => errors.push(code),
    ...options,
  };
  const reflector = createInformer(all);
  const at = <V>(list: V[]) => list.at(-1) as V;
  return {
    reflector,
    transport,
    clock,
    asked,
    watched,
    errors,
    names: () => reflector.store.snapshot().map(({ metadata }) => metadata.name),
    list: () => at(asked).request,
    watch: () => at(watched),
    async answer(answer: unknown) {
      at(asked).resolve(answer);
      await clock.settle();
    },
    async refuse(error: unknown) {
      at(asked).reject(error);
      await clock.settle();
    },
    send: (...events: WatchEvent[]) => at(watched).listener.onEvents(events),
    async live() {
      reflector.start();
      await this.answer(page(10, [pod('a', 1), pod('b', 2)]));
      at(watched).listener.onOpen();
    },
  };
}

const added = (object: KubeObject): WatchEvent => ({ type: 'ADDED', object });
const deleted = (object: KubeObject): WatchEvent => ({ type: 'DELETED', object });

describe('lists', () => {
  it('[L1] [L2] [W1] pages of 500 at resourceVersion 0, then a watch from the first page with a random time', async () => {
    const t = setUp();
    t.reflector.start();
    expect(t.list()).toMatchObject({ limit: 500, resourceVersion: '0', resourceVersionMatch: undefined });
    await t.answer(page(10, [pod('a', 1)], 'token'));
    expect(t.list()).toEqual({ target, limit: 500, continueToken: 'token' });
    expect(t.reflector.state).toMatchObject({ status: 'syncing', isSynced: false, itemCount: 0 });
    await t.answer(page(10, [pod('b', 2)]));
    expect(t.names()).toEqual(['a', 'b']);
    expect(t.watch().request).toEqual({ target, resourceVersion: '10', sendInitialEvents: false, timeoutSeconds: 450 });
  });

  it('[W1] the time of a watch lies between 300 and 600 s', async () => {
    for (const [random, timeoutSeconds] of [
      [0, 300],
      [0.999999, 600],
    ] as const) {
      const t = setUp({ random: () => random });
      await t.live();
      expect(t.watch().request.timeoutSeconds).toBe(timeoutSeconds);
    }
  });

  it('[L3] the token that a 410 carries is not used', async () => {
    const t = setUp();
    t.reflector.start();
    await t.answer({ ...listOf('list-pods-page1.json') });
    expect(t.list().continueToken).toBe(listOf('list-pods-page1.json').metadata.continue);
    await t.refuse(errorOfStatus(JSON.parse(fixture('status-410-continue-expired.json')) as never, target));
    expect(t.list()).toEqual({ target, limit: undefined, resourceVersion: '', resourceVersionMatch: undefined });
    await t.answer(listOf('list-pods.json'));
    expect(t.reflector.state).toMatchObject({ itemCount: 14, isPartial: false });
    expect(t.errors).toEqual(['KUBE_EXPIRED']);
  });

  it('[L2] the pages of a real server make the list that it gave in one', async () => {
    const t = setUp();
    t.reflector.start();
    await t.answer(listOf('list-pods-page1.json'));
    await t.answer(listOf('list-pods-page2.json'));
    expect(t.list().continueToken).toBe(listOf('list-pods-page2.json').metadata.continue);
    const { items } = listOf('list-pods.json');
    await t.answer({ ...listOf('list-pods.json'), items: items.slice(10) });
    expect(t.reflector.store.snapshot().map(({ metadata }) => metadata.uid)).toEqual(
      items.map(({ metadata }) => metadata.uid),
    );
    expect(t.watch().request.resourceVersion).toBe('273');
  });

  it('items get the apiVersion and kind that their list says for them', async () => {
    const t = setUp();
    t.reflector.start();
    await t.answer(listOf('list-pods.json'));
    for (const item of t.reflector.store.snapshot()) expect(item).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
    const partial = setUp();
    partial.reflector.start();
    await partial.answer(listOf('partial-metadata-pods.json'));
    expect(partial.reflector.store.snapshot()[0]).toMatchObject({ kind: 'PartialObjectMetadata' });
  });

  it('[L5] maxItems stops paging, and the target says that it is partial', async () => {
    const t = setUp({ maxItems: 2 });
    t.reflector.start();
    await t.answer(page(10, [pod('a', 1), pod('b', 2)], 'token'));
    expect(t.asked).toHaveLength(1);
    expect(t.reflector.state).toMatchObject({ isPartial: true, isSynced: true, itemCount: 2 });
    t.send(added(pod('c', 11)), added(pod('a', 12)));
    expect(t.names()).toEqual(['a', 'b']);
    const whole = setUp({ maxItems: 2 });
    await whole.live();
    expect(whole.reflector.state.isPartial).toBe(false);
  });

  it.each([
    ['nothing', undefined],
    ['no items', { kind: 'PodList', metadata: { resourceVersion: '1' } }],
    ['no resourceVersion', { kind: 'PodList', metadata: {}, items: [] }],
    ['a Status', { kind: 'Status', code: 200 }],
  ])('[W18] an answer that is %s is malformed and asked for again', async (_, answer) => {
    const t = setUp();
    t.reflector.start();
    await t.answer(answer);
    expect(t.errors).toEqual(['KUBE_MALFORMED']);
    await t.clock.advanceAsync(800);
    expect(t.asked).toHaveLength(2);
  });

  it('[W18] items that are none are counted, and the others are shown', async () => {
    const t = setUp();
    t.reflector.start();
    await t.answer(page(10, [pod('a', 1), null, {}, { metadata: { name: 5 } }] as never));
    expect([t.names(), t.reflector.malformedCount, t.errors]).toEqual([['a'], 1, ['KUBE_MALFORMED']]);
  });

  it('a list that is not awaited any more is aborted, and its answer changes nothing', async () => {
    const t = setUp();
    t.reflector.start();
    const [first] = t.asked as [Asked];
    const onAbort = vi.fn();
    first.signal.addEventListener('abort', onAbort);
    const refetched = t.reflector.refetch();
    expect([first.signal.aborted, onAbort.mock.calls.length, t.list().resourceVersion]).toEqual([true, 1, '']);
    first.resolve(page(5, [pod('old', 5)]));
    await t.answer(page(10, [pod('a', 1)]));
    await refetched;
    expect(t.names()).toEqual(['a']);
  });
});

describe('a real server’s watch', () => {
  it('[W2] [W13] its events lead to the list that the server gave after them', async () => {
    const events = eventsOf('watch-pods-lifecycle.ndjson');
    const truth = listOf('list-pods.json');
    const t = setUp();
    t.reflector.start();
    await t.answer(page(0, []));
    for (const event of events) t.send(event);
    const version = ({ metadata }: KubeObject) => [metadata.name, metadata.resourceVersion].join('@');
    const watched = t.reflector.store.snapshot().filter(({ metadata }) => metadata.namespace?.startsWith('team-'));
    const listed = truth.items.filter(({ metadata }) => metadata.namespace?.startsWith('team-'));
    expect(watched.map(version).sort()).toEqual(listed.map(version).sort());
    expect(t.reflector.store.snapshot().every(({ metadata }) => metadata.managedFields === undefined)).toBe(true);
    // The list of the same moment changes nothing that is shown.
    const before = new Set(watched);
    const refetched = t.reflector.refetch();
    await t.answer(truth);
    await refetched;
    expect(t.reflector.store.snapshot().filter((object) => before.has(object))).toHaveLength(listed.length);
  });

  it('[W2] its bookmarks move on what the next watch begins from, and show that it is alive', async () => {
    const t = setUp();
    t.reflector.start();
    await t.answer(page(1, []));
    t.clock.advance(5000);
    t.send(...eventsOf('watch-pods-bookmarks.ndjson'));
    expect(t.reflector.state.lastSyncAt).toBe(t.clock.now());
    t.watch().listener.onEnd({ kind: 'normal' });
    expect(t.watch().request.resourceVersion).toBe('285');
    expect(t.reflector.state).toMatchObject({ status: 'live', isStale: false });
  });

  it('[W3] its ERROR event of a compacted resourceVersion costs exactly one list, and nothing flashes', async () => {
    const t = setUp();
    await t.live();
    t.send(added(pod('c', 12)));
    const [a] = t.reflector.store.snapshot();
    const first = t.watch();
    t.send(...eventsOf('watch-error-410.ndjson'));
    expect(first.isUndone).toBe(true);
    expect(t.asked).toHaveLength(2);
    expect(t.list().resourceVersion).toBe('');
    expect(t.reflector.state).toMatchObject({ itemCount: 3, isStale: true, staleSince: t.clock.now() });
    await t.answer(page(400, [pod('a', 1), pod('c', 12)]));
    expect(t.names()).toEqual(['a', 'c']);
    expect(t.reflector.store.snapshot()[0]).toBe(a);
    t.watch().listener.onOpen();
    expect(t.reflector.state).toMatchObject({ status: 'live', isStale: false, error: undefined });
    expect([t.asked.length, t.watched.length]).toEqual([2, 2]);
  });

  it('[W16] its watch-list is collected aside and swapped in at the bookmark', async () => {
    const t = setUp({}, { supportsWatchList: true });
    t.reflector.start();
    expect(t.watch().request).toMatchObject({ resourceVersion: undefined, sendInitialEvents: true });
    const events = eventsOf('watch-list-initial-events.ndjson');
    t.send(...events.slice(0, -1));
    expect(t.reflector.state).toMatchObject({ itemCount: 0, isSynced: false, status: 'syncing' });
    t.send(...events.slice(-1), added(pod('late', 999)));
    expect(t.reflector.state).toMatchObject({ itemCount: events.length, isSynced: true, status: 'live' });
    expect(t.names().at(-1)).toBe('late');
    expect(t.asked).toEqual([]);
  });

  it('[W16] a refusal is remembered for the cluster', async () => {
    const clock = createManualClock();
    const cluster = createClusterMemory(clock, () => 0);
    const t = setUp({ cluster }, { supportsWatchList: true });
    t.reflector.start();
    t.watch().listener.onEnd({ kind: 'error', error: failure({ status: 422 }) });
    expect([t.asked.length, cluster.isWatchListRefused]).toEqual([1, true]);
    const other = setUp({ cluster }, { supportsWatchList: true });
    other.reflector.start();
    expect([other.asked.length, other.watched.length]).toEqual([1, 0]);
  });

  it('[L5] [W16] maxItems bounds a watch-list too', () => {
    const t = setUp({ maxItems: 2 }, { supportsWatchList: true });
    t.reflector.start();
    t.send(...eventsOf('watch-list-initial-events.ndjson'));
    expect(t.reflector.state).toMatchObject({ itemCount: 2, isPartial: true });
  });

  it('its table is kept with columns, which later events leave out', async () => {
    const table = JSON.parse(fixture('table-pods.json')) as TableResponse;
    const t = setUp();
    t.reflector.start();
    await t.answer(tablePage(table));
    const columns = t.reflector.columns;
    expect(columns).toBe(table.columnDefinitions);
    const row = t.reflector.store.snapshot()[0] as KubeObject;
    t.send({
      type: 'MODIFIED',
      object: { ...row, metadata: { ...row.metadata, resourceVersion: '999' }, cells: ['x'] } as KubeObject,
    });
    expect(t.reflector.store.snapshot()[0]).toHaveProperty('cells', ['x']);
    expect(t.reflector.columns).toBe(columns);
    t.watch().listener.onEvents([], []);
    expect(t.reflector.columns).toEqual([]);
  });
});

describe('a single object', () => {
  it('[W19] shows as deleted and, created anew, shows again', async () => {
    const t = setUp({ target: { ...target, fieldSelector: 'metadata.name=a' } });
    t.reflector.start();
    expect(t.list().target.fieldSelector).toBe('metadata.name=a');
    await t.answer(page(10, [pod('a', 1)]));
    t.send(deleted(pod('a', 11)));
    expect(t.reflector.state).toMatchObject({ itemCount: 0, isSynced: true, status: 'live' });
    t.send(added({ metadata: { ...pod('a', 12).metadata, uid: 'new' } }));
    expect(t.reflector.store.get('a', 'x')?.metadata.uid).toBe('new');
  });
});

describe('what fails', () => {
  it('[W5] [W10] [W17] is waited for with what is shown, and watched again from the last resourceVersion', async () => {
    const t = setUp();
    await t.live();
    t.send(added(pod('c', 20)));
    const cutAt = t.clock.now();
    t.watch().listener.onEnd({ kind: 'error', error: failure({}) });
    t.clock.advance(599);
    expect(t.reflector.state).toMatchObject({ status: 'reconnecting', isStale: true, staleSince: cutAt, itemCount: 3 });
    expect(t.watched).toHaveLength(1);
    t.clock.advance(1);
    expect(t.watch().request.resourceVersion).toBe('20');
    t.watch().listener.onEnd({ kind: 'error', error: failure({}) });
    t.clock.advance(1200);
    t.watch().listener.onOpen();
    expect(t.reflector.state).toMatchObject({
      status: 'live',
      isStale: false,
      staleSince: undefined,
      error: undefined,
    });
    expect([t.asked.length, t.watched.length, t.errors]).toEqual([1, 3, ['KUBE_UNREACHABLE', 'KUBE_UNREACHABLE']]);
  });

  it('[W7] 401 asks the transport for other credentials once', async () => {
    let answers: boolean[] = [true];
    const refreshCredentials = vi.fn(async () => answers.shift() ?? false);
    const t = setUp({}, { refreshCredentials });
    t.reflector.start();
    await t.refuse(failure({ status: 401 }));
    expect(t.asked).toHaveLength(2);
    await t.refuse(failure({ status: 401 }));
    expect(t.reflector.state).toMatchObject({ status: 'stopped', error: { code: 'KUBE_UNAUTHORIZED' } });
    expect(refreshCredentials).toHaveBeenCalledTimes(1);
    answers = [false];
    const rejected = expect(t.reflector.refetch()).rejects.toMatchObject({ code: 'KUBE_UNAUTHORIZED' });
    await t.refuse(failure({ status: 401 }));
    await rejected;
  });

  it('[W7] what 401 stopped asks again by itself, shown as stopped and stale meanwhile', async () => {
    const t = setUp();
    await t.live();
    t.watch().listener.onEnd({ kind: 'error', error: failure({ status: 401 }) });
    for (const waitMs of [22_500, 45_000, 90_000, 180_000, 225_000, 225_000]) {
      t.clock.advance(waitMs - 1);
      const asked = t.asked.length;
      expect(t.reflector.state).toMatchObject({ status: 'stopped', isStale: true, error: { status: 401 } });
      t.clock.advance(1);
      expect(t.asked.length).toBe(asked + 1);
      await t.refuse(failure({ status: 401 }));
    }
    expect(t.names()).toEqual(['a', 'b']);
    t.clock.advance(225_000);
    await t.answer(page(20, [pod('c', 15)]));
    t.watch().listener.onOpen();
    expect(t.reflector.state).toMatchObject({ status: 'live', isStale: false, error: undefined });
    expect([t.names(), t.clock.pending]).toEqual([['c'], 0]);
  });

  it('[W7] a list that was asked for, or another transport, takes the place of the timed attempt', async () => {
    const t = setUp();
    t.reflector.start();
    await t.refuse(failure({ status: 401 }));
    t.reflector.setTransport({ ...t.transport });
    expect([t.asked.length, t.clock.pending]).toEqual([2, 0]);
    await t.refuse(failure({ status: 401 }));
    expect(t.clock.pending).toBe(1);
    t.reflector.dispose();
    expect(t.clock.pending).toBe(0);
    t.clock.advance(600_000);
    expect(t.asked.length).toBe(2);
  });

  it('[W7] a target that shall give up after so many failures stays stopped', async () => {
    const t = setUp({ maxRetries: 0 });
    t.reflector.start();
    await t.refuse(failure({ status: 401 }));
    expect([t.reflector.state.status, t.clock.pending]).toEqual(['stopped', 0]);
  });

  it('[W7] one target that is let in again brings the others of its cluster back, and those of no other', async () => {
    const clock = createManualClock();
    const cluster = createClusterMemory(clock, () => 0.5);
    const targets = [setUp({ clock, cluster }), setUp({ clock, cluster }), setUp({ clock })];
    for (const t of targets) {
      t.reflector.start();
      await t.refuse(failure({ status: 401 }));
    }
    const [first, second, other] = targets as [(typeof targets)[0], (typeof targets)[0], (typeof targets)[0]];
    first.reflector.wake();
    await first.answer(page(10, [pod('a', 1)]));
    expect([first, second, other].map(({ asked }) => asked.length)).toEqual([2, 2, 1]);
  });

  it('[W7] a list that is answered beside a watch that is refused keeps no cluster busy', async () => {
    const clock = createManualClock();
    const cluster = createClusterMemory(clock, () => 0.5);
    const targets = [0, 1, 2].map(() =>
      setUp(
        { clock, cluster },
        {
          list: async () => page(10, [pod('a', 1)]),
          watch: (_request, listener) => {
            watches += 1;
            listener.onOpen();
            listener.onEnd({ kind: 'error', error: failure({ status: 401 }) });
            return () => {};
          },
        },
      ),
    );
    let watches = 0;
    for (const { reflector } of targets) reflector.start();
    for (let second = 0; second < 600; second += 1) await clock.advanceAsync(1_000);
    expect(watches).toBeGreaterThan(6);
    expect(watches).toBeLessThan(3 * 25);
  });

  it('[W7] credentials that could not be asked for are asked for again after a wait', async () => {
    const t = setUp({}, { refreshCredentials: () => Promise.reject(new Error('offline')) });
    await t.live();
    t.watch().listener.onEnd({ kind: 'error', error: failure({ status: 401 }) });
    await t.clock.settle();
    expect(t.reflector.state).toMatchObject({ status: 'reconnecting', isStale: true });
    await t.clock.advanceAsync(600);
    t.watch().listener.onOpen();
    expect([t.watched.length, t.reflector.state.status]).toEqual([2, 'live']);
  });

  it('[W9] 404 of the type empties the target, and 30 s later it is asked again', async () => {
    const t = setUp();
    await t.live();
    t.watch().listener.onEnd({ kind: 'error', error: failure({ status: 404 }) });
    expect(t.reflector.state).toMatchObject({ itemCount: 0, status: 'stopped', error: { status: 404 } });
    t.clock.advance(30_000);
    await t.answer(page(50, [pod('a', 40)]));
    expect(t.names()).toEqual(['a']);
  });

  it('[W17] a target that fails delays no other of its cluster, and no other cluster', async () => {
    const clock = createManualClock();
    const cluster = createClusterMemory(clock, () => 0.5);
    const sick = setUp({ cluster, clock });
    const well = setUp({ cluster, clock });
    await Promise.all([sick.live(), well.live()]);
    for (let round = 0; round < 8; round += 1) {
      sick.watch().listener.onEnd({ kind: 'error', error: failure({ status: 500 }) });
      clock.advance(30_000);
    }
    expect(sick.watched).toHaveLength(9);
    well.watch().listener.onEnd({ kind: 'error', error: failure({}) });
    clock.advance(600);
    expect(well.watched).toHaveLength(2);
  });

  it('[W18] a malformed message is reported and counted, and the watch goes on', async () => {
    const t = setUp();
    await t.live();
    t.watch().listener.onMalformed(failure({ code: 'KUBE_MALFORMED' }));
    t.send(added(pod('c', 20)));
    expect([t.reflector.malformedCount, t.errors, t.names().length]).toEqual([1, ['KUBE_MALFORMED'], 3]);
    expect(t.reflector.state).toMatchObject({ status: 'live', error: undefined });
  });

  it('[W18] listeners that throw stop nothing and are reported', async () => {
    const broken = () => {
      throw new Error('broken');
    };
    const t = setUp({ onChange: broken, onAdd: broken, onUpdate: broken, onDelete: broken, onSync: broken });
    await t.live();
    t.send(added(pod('a', 20)), deleted(pod('b', 21)));
    expect(t.names()).toEqual(['a']);
    expect(new Set(t.errors)).toEqual(new Set(['LISTENER_FAILED']));
    const silent = setUp({ onError: broken });
    silent.reflector.start();
    await silent.refuse(failure({ status: 500 }));
    expect(silent.clock.pending).toBe(1);
  });

  it('a transport that throws is a failure like any other', async () => {
    const t = setUp(
      {},
      {
        list: () => {
          throw new TypeError('bad');
        },
      },
    );
    t.reflector.start();
    await t.clock.settle();
    expect([t.errors, t.reflector.state.status]).toEqual([['KUBE_UNREACHABLE'], 'connecting']);
    const w = setUp(
      {},
      {
        watch: () => {
          throw new TypeError('bad');
        },
      },
    );
    w.reflector.start();
    await w.answer(page(10, []));
    expect([w.errors, w.reflector.state.status]).toEqual([['KUBE_UNREACHABLE'], 'reconnecting']);
  });

  it('maxRetries ends in stopped with the last error', async () => {
    const t = setUp({ maxRetries: 2 });
    t.reflector.start();
    for (let round = 0; round < 3; round += 1) {
      await t.refuse(failure({ status: 500 }));
      await t.clock.advanceAsync(30_000);
    }
    expect(t.asked).toHaveLength(3);
    expect(t.reflector.state).toMatchObject({ status: 'stopped', error: { status: 500 } });
    expect(t.errors).toHaveLength(3);
  });
});

describe('a carrier that resumes by itself', () => {
  it('[G7] what comes beside the list is kept, coalesced, and applied after it', async () => {
    const t = setUp({}, { kind: 'multiplexed' });
    await t.live();
    t.watch().listener.onGone?.();
    t.send(added(pod('c', 52)), deleted(pod('a', 53)), added(pod('c', 54)));
    expect(t.names()).toEqual(['a', 'b']);
    await t.answer(page(52, [pod('a', 1), pod('b', 2), pod('c', 52)]));
    expect(t.names()).toEqual(['b', 'c']);
    expect(t.reflector.store.get('c', 'x')?.metadata.resourceVersion).toBe('54');
    expect([t.watched.length, t.watch().isUndone, t.reflector.state.status]).toEqual([1, false, 'live']);
  });

  it('[W14] the deletion of an object is kept though another one took its name and went, too', async () => {
    const t = setUp({}, { kind: 'multiplexed' });
    await t.live();
    t.watch().listener.onGone?.();
    const next = (version: number) => ({ metadata: { ...pod('a', version).metadata, uid: 'new' } });
    t.send(deleted(pod('a', 51)), added(next(52)), deleted(next(53)));
    await t.answer(page(50, [pod('a', 1), pod('b', 2)]));
    expect(t.names()).toEqual(['b']);
  });

  it('more objects than may be kept beside a list: it is read again, and memory stays bounded', async () => {
    const t = setUp({}, { kind: 'multiplexed' });
    await t.live();
    t.watch().listener.onGone?.();
    const many = Array.from({ length: 50_001 }, (_, index) => added(pod(`p-${index}`, 100 + index)));
    t.send(...many.slice(0, 25_000));
    t.send(...many.slice(25_000));
    expect([t.errors, t.asked[1]?.signal.aborted]).toEqual([['QUEUE_FULL'], true]);
    await t.clock.advanceAsync(800);
    expect(t.asked).toHaveLength(3);
    await t.answer(page(60_000, [pod('z', 60_000)]));
    expect([t.names(), t.reflector.state.status]).toEqual([['z'], 'live']);
  });

  it('[W17] is marked stale while it is interrupted, with the time since when', async () => {
    const t = setUp({}, { kind: 'multiplexed' });
    await t.live();
    t.clock.advance(1000);
    const since = t.clock.now();
    t.watch().listener.onInterrupted?.();
    t.clock.advance(1000);
    expect(t.reflector.state).toMatchObject({ status: 'reconnecting', isStale: true, staleSince: since, itemCount: 2 });
    t.watch().listener.onOpen();
    expect(t.reflector.state).toMatchObject({ status: 'live', isStale: false, staleSince: undefined });
    expect([t.asked.length, t.watched.length]).toEqual([1, 1]);
  });
});

describe('another transport', () => {
  it('goes on with the items: sockets, then streaming, then polling', async () => {
    const t = setUp();
    await t.live();
    t.send(added(pod('c', 20)));
    const [first] = t.watched as [Watched];
    t.reflector.setTransport({ ...t.transport, kind: 'fetch', degradedReason: 'WebSockets are blocked' });
    expect([first.isUndone, t.watch().request.resourceVersion]).toEqual([true, '20']);
    expect(t.reflector.state).toMatchObject({
      transport: 'fetch',
      degradedReason: 'WebSockets are blocked',
      itemCount: 3,
    });
    first.listener.onEvents([added(pod('late', 21))]);
    expect(t.names()).toEqual(['a', 'b', 'c']);
    const polls: Partial<WatchTransport> = {
      kind: 'polling',
      degradedReason: 'streams are blocked',
      pollIntervalMs: 5000,
    };
    t.reflector.setTransport({ ...withoutWatch(t.transport), ...polls });
    expect(t.list()).toMatchObject({ resourceVersion: '20', resourceVersionMatch: 'NotOlderThan' });
    await t.answer(page(30, [pod('a', 1), pod('c', 20)]));
    expect([t.names(), t.reflector.state.status, t.reflector.state.isStale]).toEqual([['a', 'c'], 'polling', false]);
    t.clock.advance(5000);
    expect(t.list().resourceVersion).toBe('30');
  });

  it('takes over a list on demand, and loses nothing that came beside it', async () => {
    const t = setUp();
    await t.live();
    const refetched = t.reflector.refetch();
    t.send(added(pod('c', 20)));
    t.reflector.setTransport({ ...t.transport });
    expect([t.asked.length, t.list().resourceVersion]).toEqual([3, '']);
    await t.answer(page(20, [pod('a', 1), pod('c', 20)]));
    await refetched;
    expect([t.names(), t.watch().request.resourceVersion]).toEqual([['a', 'c'], '20']);
  });
});

describe('a list on demand', () => {
  it('resolves when it is in, and rejects with what failed, while the watch goes on', async () => {
    const t = setUp();
    await t.live();
    const first = t.reflector.refetch();
    expect(t.list().resourceVersion).toBe('');
    await t.answer(page(30, [pod('b', 2)]));
    await first;
    expect(t.names()).toEqual(['b']);
    const rejected = expect(t.reflector.refetch()).rejects.toMatchObject({ code: 'KUBE_SERVER_ERROR' });
    t.send(added(pod('c', 31)));
    await t.refuse(failure({ status: 500 }));
    await rejected;
    expect([t.names(), t.reflector.state.status, t.watched.length]).toEqual([['b', 'c'], 'live', 1]);
  });

  it('is one for callers that ask at the same time, of the last one’s moment', async () => {
    const t = setUp();
    await t.live();
    const both = Promise.all([t.reflector.refetch(), t.reflector.refetch()]);
    expect(t.asked).toHaveLength(3);
    expect(t.asked[1]?.signal.aborted).toBe(true);
    await t.answer(page(30, []));
    await both;
  });
});

describe('its life', () => {
  it('ends with dispose: no timer, no request, no watch, and nothing that is told later', async () => {
    const onChange = vi.fn();
    const t = setUp({ onChange });
    await t.live();
    const refetched = t.reflector.refetch();
    onChange.mockClear();
    t.reflector.dispose();
    t.reflector.dispose();
    await expect(refetched).rejects.toMatchObject({ code: 'DISPOSED' });
    expect([t.watch().isUndone, t.asked.at(-1)?.signal.aborted, t.clock.pending]).toEqual([true, true, 0]);
    t.watch().listener.onEvents([added(pod('late', 99))]);
    t.watch().listener.onEnd({ kind: 'normal' });
    await t.answer(page(99, []));
    expect(t.names()).toEqual(['a', 'b']);
    await expect(t.reflector.refetch()).rejects.toMatchObject({ code: 'DISPOSED' });
    t.reflector.start();
    t.reflector.wake();
    t.reflector.setTransport({ ...t.transport });
    expect([onChange.mock.calls.length, t.watched.length]).toEqual([0, 1]);
    expect(t.reflector.state.status).toBe('stopped');
  });

  it('the state is the same reference until something happens', async () => {
    const t = setUp();
    await t.live();
    const { state } = t.reflector;
    expect(t.reflector.state).toBe(state);
    t.send(added(pod('c', 20)));
    expect(t.reflector.state).not.toBe(state);
  });

  it('answers that come while it asks are taken in turn', async () => {
    const seen: string[] = [];
    const t = setUp(
      { onChange: () => seen.push(t.reflector.state.status) },
      {
        watch(_request, listener) {
          listener.onOpen();
          listener.onEvents([added(pod('c', 20))]);
          return () => undefined;
        },
      },
    );
    t.reflector.start();
    await t.answer(page(10, []));
    expect([t.names(), t.reflector.state.status]).toEqual([['c'], 'live']);
    expect(seen).toEqual(['connecting', 'live']);
  });

  it('a page that becomes visible ends a wait', async () => {
    const t = setUp();
    t.reflector.start();
    await t.refuse(failure({}));
    t.reflector.wake();
    expect(t.asked).toHaveLength(2);
    expect(t.clock.pending).toBe(0);
  });

  it('without an informer’s listeners it is the same', () => {
    const reflector = createReflector({
      target,
      transport: setUp().transport,
      clock: createManualClock(),
      random: () => 0,
    });
    expect(reflector.state).toMatchObject({
      cluster: 'a',
      namespace: undefined,
      status: 'connecting',
      transport: undefined,
    });
  });
});

describe('an informer', () => {
  it('tells of each object, and once that all of the first list were told', async () => {
    const told: string[] = [];
    const tell = (what: string) => (object: KubeObject) => told.push(`${what} ${object.metadata.name}`);
    const t = setUp({
      onAdd: tell('add'),
      onUpdate: (object, previous) =>
        told.push(`update ${previous.metadata.resourceVersion}-${object.metadata.resourceVersion}`),
      onDelete: tell('delete'),
      onSync: () => told.push('sync'),
    });
    await t.live();
    t.send(added(pod('a', 20)), deleted(pod('b', 21)));
    t.send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '25' } } });
    t.send(...eventsOf('watch-error-410.ndjson'));
    await t.answer(page(30, [pod('a', 20), pod('c', 28)]));
    expect(told).toEqual(['add a', 'add b', 'sync', 'update 1-20', 'delete b', 'add c']);
  });
});
