import { createManualClock, type ManualClock } from '@fleetwire/websocket-core/testing';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { openWebSocket } from './open-websocket.ts';
import { createSocketPool, type SocketPool } from './socket-pool.ts';
import { createWebSocketManager } from './websocket-manager.ts';

/** A WebSocket whose server is the test. */
class FakeWebSocket {
  static all: FakeWebSocket[] = [];
  readonly url: string;
  readonly protocols: readonly string[];
  readyState = 0;
  binaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  closedWhile: number | undefined;

  constructor(url: string, protocols: readonly string[]) {
    this.url = url;
    this.protocols = protocols;
    FakeWebSocket.all.push(this);
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  give(data: unknown): void {
    this.onmessage?.({ data });
  }

  end(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code, reason: '' });
  }

  close(): void {
    this.closedWhile = this.readyState;
    this.readyState = 2;
  }
}

interface Harness {
  readonly pool: SocketPool;
  readonly clock: ManualClock;
  readonly sockets: FakeWebSocket[];
  readonly settle: () => Promise<void>;
}

function start(maxRetries?: number, onError?: (error: unknown) => void): Harness {
  FakeWebSocket.all = [];
  const clock = createManualClock();
  const pool = createSocketPool({
    clock,
    random: () => 0.5,
    maxRetries,
    onError,
    dial: async ({ cluster, url, ...more }, isWanted) => {
      await Promise.resolve();
      if (!isWanted()) return undefined;
      return openWebSocket(`ws://proxy.test/clusters/${cluster}${url}`, {
        ...more,
        WebSocket: FakeWebSocket as unknown as typeof WebSocket,
      });
    },
  });
  return { pool, clock, sockets: FakeWebSocket.all, settle: () => clock.settle() };
}

const pods = { cluster: 'one', url: '/api/v1/pods?watch=1' };
const ignore = { onMessage: () => {} };

it('keeps one socket for each cluster and url from the moment that it is asked for', async () => {
  const { pool, sockets, settle } = start();
  const got: unknown[] = [];
  const undoFirst = pool.add(pods, { onMessage: (data) => got.push(['first', data]) });
  const undoSecond = pool.add(pods, { onMessage: (data) => got.push(['second', data]) });
  await settle();
  expect(sockets.map(({ url }) => url)).toEqual(['ws://proxy.test/clusters/one/api/v1/pods?watch=1']);
  expect(sockets[0]?.protocols[0]).toBe('base64.binary.k8s.io');
  sockets[0]?.accept();
  await settle();
  sockets[0]?.give('{"type":"ADDED"}');
  expect(got).toEqual([
    ['first', { type: 'ADDED' }],
    ['second', { type: 'ADDED' }],
  ]);
  undoFirst();
  undoFirst();
  expect(sockets[0]?.readyState).toBe(1);
  undoSecond();
  expect([sockets[0]?.readyState, pool.size]).toEqual([2, 0]);
});

it('closes a socket that nobody wants any more when it opens, and not while it connects', async () => {
  const { pool, sockets, settle } = start();
  const undo = pool.add(pods, ignore);
  await settle();
  undo();
  expect(sockets[0]?.closedWhile).toBeUndefined();
  sockets[0]?.accept();
  await settle();
  expect([sockets[0]?.closedWhile, pool.size]).toEqual([1, 0]);
});

it('lets who comes back while it connects have the same socket', async () => {
  const { pool, sockets, settle } = start();
  pool.add(pods, ignore)();
  const undo = pool.add(pods, ignore);
  await settle();
  undo();
  const opened = vi.fn();
  pool.add(pods, { ...ignore, onOpen: opened });
  sockets[0]?.accept();
  await settle();
  expect([sockets.length, opened.mock.calls.length, sockets[0]?.readyState]).toEqual([1, 1, 1]);
});

it('[W18] reports and counts what is no JSON, and a listener that throws stops no other', async () => {
  const { pool, sockets, settle } = start();
  const errors: string[] = [];
  const got: unknown[] = [];
  const onError = ({ code }: { readonly code: string }): void => void errors.push(code);
  pool.add(pods, {
    onMessage: () => {
      throw new Error('listener');
    },
    onError,
  });
  pool.add(pods, { onMessage: (data) => got.push(data) });
  await settle();
  sockets[0]?.accept();
  await settle();
  sockets[0]?.give('no json');
  sockets[0]?.give('{"type":"MODIFIED"}');
  expect(errors).toEqual(['KUBE_MALFORMED', 'LISTENER_FAILED']);
  expect([got, pool.malformedCount, sockets[0]?.readyState]).toEqual([[{ type: 'MODIFIED' }], 1, 1]);
});

it('[W11] dials a lost socket again under the back-off, with the same url, and tells each failure once', async () => {
  const { pool, sockets, settle, clock } = start();
  const onError = vi.fn();
  pool.add(pods, { ...ignore, onError });
  await settle();
  sockets[0]?.accept();
  await settle();
  sockets[0]?.end();
  expect(onError).toHaveBeenCalledTimes(1);
  await clock.advanceAsync(599);
  expect(sockets.length).toBe(1);
  await clock.advanceAsync(1);
  expect(sockets.map(({ url }) => url)).toEqual([sockets[0]?.url, sockets[0]?.url]);
  sockets[1]?.end();
  await settle();
  expect(onError).toHaveBeenCalledTimes(2);
  await clock.advanceAsync(1_200);
  expect(sockets.length).toBe(3);
});

it('ends after maxRetries with the last error', async () => {
  const { pool, sockets, settle, clock } = start(1);
  const onStopped = vi.fn();
  pool.add(pods, { ...ignore, onStopped });
  for (let turn = 0; turn < 2; turn += 1) {
    await settle();
    sockets[turn]?.end();
    await settle();
    await clock.advanceAsync(60_000);
  }
  expect(onStopped).toHaveBeenCalledTimes(1);
  expect([pool.size, sockets.length]).toEqual([0, 2]);
});

it('resolves a subscription once its socket is open, and reports what is no watch event', async () => {
  const { pool, sockets, settle } = start();
  const onError = vi.fn();
  const manager = createWebSocketManager(pool, onError);
  const got: unknown[] = [];
  const subscribed = manager.subscribe('one', '/api/v1/pods', 'watch=1', (event) => got.push(event));
  await settle();
  sockets[0]?.accept();
  const undo = await subscribed;
  const joined = await manager.subscribe('one', '/api/v1/pods', 'watch=1', (event) => got.push(event));
  const event = { type: 'ADDED', object: { metadata: { name: 'a' } } };
  sockets[0]?.give(JSON.stringify(event));
  sockets[0]?.give('{"type":"ADDED"}');
  expect([got, onError.mock.calls.length]).toEqual([[event, event], 2]);
  undo();
  expect(manager.size).toBe(1);
  joined();
  expect(manager.size).toBe(0);
});

it('rejects subscriptions that wait for their socket when the manager is disposed', async () => {
  const { pool } = start();
  const manager = createWebSocketManager(pool, () => {});
  const subscribed = manager.subscribe('one', '/api/v1/pods', '', () => {});
  manager.dispose();
  await expect(subscribed).rejects.toMatchObject({ code: 'DISPOSED' });
});

it('leaves nothing after a thousand random mounts, openings and losses', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('mount' as const), cluster: fc.nat(2), url: fc.nat(2) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('unmount' as const), index: fc.nat(20) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('accept' as const), index: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), index: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(2_000) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 200, maxLength: 400 }), async (steps) => {
      const { pool, sockets, settle, clock } = start();
      const mounted: (() => void)[] = [];
      for (const action of steps) {
        switch (action.kind) {
          case 'mount':
            mounted.push(pool.add({ cluster: `c${String(action.cluster)}`, url: `/${String(action.url)}` }, ignore));
            break;
          case 'unmount':
            mounted.splice(action.index, 1)[0]?.();
            break;
          case 'accept':
            sockets.filter(({ readyState }) => readyState === 0)[action.index]?.accept();
            break;
          case 'end':
            sockets.filter(({ readyState }) => readyState < 2)[action.index]?.end();
            break;
          case 'settle':
            await settle();
            break;
          case 'wait':
            await clock.advanceAsync(action.ms);
        }
        const alive = sockets.filter(({ readyState }) => readyState < 2).map(({ url }) => url);
        expect(new Set(alive).size).toBe(alive.length);
      }
      for (const undo of mounted) undo();
      await settle();
      for (const socket of sockets) if (socket.readyState === 0) socket.accept();
      await settle();
      expect(pool.size).toBe(0);
      expect(sockets.filter(({ readyState }) => readyState < 2)).toEqual([]);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 12 },
  );
});

it('each failed attempt is told once for the socket, whoever waits for it', async () => {
  const onError = vi.fn();
  const { pool, sockets, settle } = start(undefined, onError);
  const manager = createWebSocketManager(pool, onError);
  for (let index = 0; index < 3; index += 1) void manager.subscribe('c', '/pods', 'watch=1', () => {});
  manager.open({ cluster: 'c', url: '/pods?watch=1' }, { onMessage: () => {} });
  await settle();
  sockets[0]?.end();
  await settle();
  expect([sockets.length, onError.mock.calls.length]).toEqual([1, 1]);
});

it('nothing is opened after dispose', async () => {
  const { pool, sockets, settle } = start();
  const manager = createWebSocketManager(pool, () => {});
  manager.dispose();
  const undo = manager.open({ cluster: 'c', url: '/pods' }, { onMessage: () => {} });
  undo();
  await expect(manager.subscribe('c', '/pods', '', () => {})).rejects.toMatchObject({ code: 'DISPOSED' });
  await settle();
  expect([manager.size, sockets.length]).toEqual([0, 0]);
});

it('a subscription to a cluster that is away can be given up', async () => {
  const { pool, sockets, clock, settle } = start();
  const manager = createWebSocketManager(pool, () => {});
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = expect(manager.subscribe('c', '/pods', '', () => {}, { signal })).rejects.toMatchObject({
    code: 'ABORTED',
  });
  await settle();
  sockets[0]?.end();
  await settle();
  controller.abort();
  await aborted;
  expect([manager.size, clock.pending]).toEqual([0, 0]);
  await expect(manager.subscribe('c', '/pods', '', () => {}, { signal })).rejects.toMatchObject({ code: 'ABORTED' });
  expect(manager.size).toBe(0);
});
