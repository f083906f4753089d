import { createManualClock } from '@fleetwire/websocket-core/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KubeObject, WatchEvent } from '../protocol/kube-object.ts';
import { createKubeWatchError, type KubeWatchErrorInit } from './kube-watch-error.ts';
import { createReflector } from './reflector.ts';
import type { ListPage, ListRequest, WatchListener, WatchRequest, WatchTransport } from './watch-transport.ts';

const target = { cluster: 'a', resource: { version: 'v1', resource: 'pods' } };

function failure(init: Partial<KubeWatchErrorInit>) {
  return createKubeWatchError({ message: 'failed', cluster: 'a', ...init });
}

const expired = () => failure({ status: 410, reason: 'Expired' });

/**
 * A small API server: a history of events, of which the oldest may be forgotten. Lists wait until they are answered,
 * and a watch brings nothing until it is told to. `0` lists a state that may be old, as a watch cache does.
 */
function createServer(kind: 'websocket' | 'multiplexed', supportsWatchList: boolean) {
  const history: Extract<WatchEvent, { type: 'ADDED' | 'MODIFIED' | 'DELETED' }>[] = [];
  let forgotten = 0;
  let lag = 0;
  const versions = new Map<string, number>();
  const asked: { request: ListRequest; resolve: (page: ListPage) => void; reject: (error: Error) => void }[] = [];
  let watch:
    { listener: WatchListener; sent: number; isOpen: boolean; initial: readonly KubeObject[] | undefined } | undefined;

  function stateAt(version: number): Map<string, KubeObject> {
    const objects = new Map<string, KubeObject>();
    for (const { type, object } of history.slice(0, version)) {
      if (type === 'DELETED') objects.delete(object.metadata.name);
      else objects.set(object.metadata.name, object);
    }
    return objects;
  }

  function pageOf({ limit, continueToken, resourceVersion }: ListRequest): ListPage | undefined {
    const [version, start] =
      continueToken === undefined
        ? [resourceVersion === '0' ? Math.max(forgotten, history.length - lag) : history.length, 0]
        : (continueToken.split(':').map(Number) as [number, number]);
    if (version < forgotten) return undefined;
    const items = [...stateAt(version).values()];
    const end = start + (limit ?? items.length);
    const more = end < items.length ? { continue: `${version}:${end}` } : {};
    const metadata = { resourceVersion: String(version), ...more };
    return { kind: 'PodList', apiVersion: 'v1', metadata, items: items.slice(start, end) };
  }

  const transport: WatchTransport = {
    kind,
    degradedReason: undefined,
    supportsWatchList,
    list: (request) => new Promise((resolve, reject) => asked.push({ request, resolve, reject })),
    watch(request: WatchRequest, listener) {
      const initial = request.sendInitialEvents === true ? [...stateAt(history.length).values()] : undefined;
      const sent = initial === undefined ? Number(request.resourceVersion) : history.length;
      const mine = { listener, sent, isOpen: false, initial };
      watch = mine;
      return () => {
        if (watch === mine) watch = undefined;
      };
    },
  };

  const server = {
    transport,
    get truth() {
      return stateAt(history.length);
    },
    put(name: string, isNew: boolean) {
      const before = stateAt(history.length).get(name);
      if (before !== undefined && isNew) server.delete(name);
      const incarnation = versions.get(name) ?? 0;
      const resourceVersion = String(history.length + 1);
      const object = { metadata: { name, uid: `${name}-${incarnation}`, resourceVersion } };
      history.push({ type: before === undefined || isNew ? 'ADDED' : 'MODIFIED', object });
    },
    delete(name: string) {
      const object = stateAt(history.length).get(name);
      if (object === undefined) return;
      versions.set(name, (versions.get(name) ?? 0) + 1);
      const metadata = { ...object.metadata, resourceVersion: String(history.length + 1) };
      history.push({ type: 'DELETED', object: { metadata } });
    },
    /** Nothing but the last `kept` events is remembered; lists of before are gone, and so are their tokens. */
    forget: (kept: number) => void (forgotten = Math.max(forgotten, history.length - kept)),
    lagBy: (events: number) => void (lag = events),
    answer() {
      const next = asked.shift();
      if (next === undefined) return;
      const page = pageOf(next.request);
      if (page === undefined) next.reject(expired());
      else next.resolve(page);
    },
    refuse: (init: Partial<KubeWatchErrorInit>) => asked.shift()?.reject(failure(init)),
    /** Sends up to `count` events, or begins anew from `again` events before. */
    deliver(count: number, again = 0) {
      if (watch === undefined) return;
      const { listener } = watch;
      if (watch.initial === undefined && watch.sent < forgotten) {
        if (kind === 'multiplexed') {
          // The gateway watches from the newest state and says what is missing.
          watch.sent = history.length;
          listener.onOpen();
          listener.onGone?.();
          return;
        }
        watch = undefined;
        listener.onEnd({ kind: 'gone', error: expired() });
        return;
      }
      if (!watch.isOpen) {
        watch.isOpen = true;
        listener.onOpen();
      }
      const { initial } = watch;
      if (initial !== undefined) {
        watch.initial = undefined;
        const annotations = { 'k8s.io/initial-events-end': 'true' };
        const metadata = { resourceVersion: String(watch.sent), annotations };
        listener.onEvents(initial.map((object) => ({ type: 'ADDED', object })));
        listener.onEvents([{ type: 'BOOKMARK', object: { metadata } }]);
        return;
      }
      const start = Math.max(forgotten, watch.sent - again);
      const batch = history.slice(start, start + count);
      watch.sent = start + batch.length;
      listener.onEvents(batch.length > 0 ? batch : [bookmark(watch.sent)]);
    },
    /** Sends a watch cache's bookmark, or an ERROR event. */
    error: (code: number) => watch?.listener.onEvents([{ type: 'ERROR', object: { kind: 'Status', code } }]),
    interrupt() {
      if (watch === undefined || kind !== 'multiplexed') return;
      watch.isOpen = false;
      watch.listener.onInterrupted?.();
    },
    end(how: 'normal' | 'cut') {
      const ended = watch;
      watch = undefined;
      ended?.listener.onEnd(how === 'normal' ? { kind: 'normal' } : { kind: 'error', error: failure({}) });
    },
    get isQuiet() {
      return asked.length === 0 && watch?.sent === history.length && watch.isOpen && watch.initial === undefined;
    },
  };
  return server;
}

const bookmark = (version: number): WatchEvent => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: String(version) } },
});

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), name, isNew: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('deliver' as const), count: fc.nat(4), again: fc.nat(5) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(100, 2000, 40_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('end' as const), how: fc.constantFrom('normal' as const, 'cut' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('error' as const), code: fc.constantFrom(410, 429, 500, 504) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('refuse' as const),
      status: fc.constantFrom(undefined, 401, 403, 410, 429, 500),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('forget' as const, 'lag' as const), count: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('interrupt' as const, 'refetch' as const, 'transport' as const) }),
  },
);

const setting = fc.record({
  isSyncedFirst: fc.boolean(),
  kind: fc.constantFrom('websocket' as const, 'multiplexed' as const),
  hasWatchList: fc.boolean(),
  actions: fc.array(action, { minLength: 60, maxLength: 120, size: 'max' }),
});

it('[W17] any interleaving of lists, watches, failures and repeats ends equal to the truth, and nothing flashes', async () => {
  await fc.assert(
    fc.asyncProperty(setting, async ({ isSyncedFirst, kind, hasWatchList, actions }) => {
      const clock = createManualClock();
      const server = createServer(kind, hasWatchList);
      server.put('pillar', false);
      const shown = new Map<string, number>();
      const vanished = new Set<string>();
      const broken: unknown[] = [];
      let pillar: KubeObject | undefined;
      const reflector = createReflector({
        target,
        transport: server.transport,
        clock,
        random: () => 0.5,
        pageSize: 2,
        onError: (error) => {
          if (error.code === 'LISTENER_FAILED') broken.push(error.cause);
        },
        onChange() {
          if (!reflector.state.isSynced) return;
          pillar ??= reflector.store.get('pillar');
          // Never changed: always there, and the same object.
          expect(reflector.store.get('pillar')).toBe(pillar);
          const present = new Set(reflector.store.snapshot().map(({ metadata }) => metadata.uid));
          for (const uid of shown.keys()) if (!present.has(uid)) vanished.add(uid);
          for (const { metadata } of reflector.store.snapshot()) {
            expect(vanished).not.toContain(metadata.uid);
            const version = Number(metadata.resourceVersion);
            expect(version).toBeGreaterThanOrEqual(shown.get(metadata.uid) ?? 0);
            shown.set(metadata.uid, version);
          }
        },
      });
      reflector.start();
      if (isSyncedFirst)
        for (let round = 0; round < 3; round += 1) {
          server.answer();
          await clock.settle();
          server.deliver(10);
        }
      for (const step of actions) {
        if (step.do === 'put') server.put(step.name, step.isNew);
        else if (step.do === 'delete') server.delete(step.name);
        else if (step.do === 'deliver') server.deliver(step.count, step.again);
        else if (step.do === 'answer') server.answer();
        else if (step.do === 'advance') clock.advance(step.ms);
        else if (step.do === 'end') server.end(step.how);
        else if (step.do === 'error') server.error(step.code);
        else if (step.do === 'refuse') server.refuse({ status: step.status });
        else if (step.do === 'forget') server.forget(step.count);
        else if (step.do === 'lag') server.lagBy(step.count);
        else if (step.do === 'interrupt') server.interrupt();
        else if (step.do === 'refetch') reflector.refetch().catch(() => undefined);
        else reflector.setTransport({ ...server.transport });
        await Promise.resolve();
        await Promise.resolve();
        await Promise.resolve();
      }
      expect(broken).toEqual([]);
      // 401 without other credentials is final but for a demand.
      if (reflector.state.status === 'stopped') reflector.refetch().catch(() => undefined);
      for (let round = 0; round < 30 && !(server.isQuiet && reflector.state.status === 'live'); round += 1) {
        server.answer();
        await clock.settle();
        server.deliver(1000);
        await clock.settle();
        if (!server.isQuiet || reflector.state.status !== 'live') clock.advance(31_000);
      }
      expect(reflector.state).toMatchObject({ status: 'live', isStale: false, isSynced: true, error: undefined });
      const byName = new Map(reflector.store.snapshot().map((object) => [object.metadata.name, object]));
      const plain = (objects: Map<string, KubeObject>) =>
        [...objects.values()].map(({ metadata }) => metadata).sort((a, b) => (a.name < b.name ? -1 : 1));
      expect(plain(byName)).toEqual(plain(server.truth));
      expect(broken).toEqual([]);
      reflector.dispose();
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 300 },
  );
});
