import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linkedHarness, type Harness, type HarnessOptions } from '../../test/transport/harness.ts';
import { manualSource } from '../../test/transport/manual-source.ts';
import type { Clock } from '../core/clock.ts';
import { FleetwireError } from '../core/errors.ts';
import type { AnyFrame, RawPeer } from '../../test/transport/raw-peer.ts';
import type { ConnectionHandle } from './types.ts';

/** What the application gives may fail in any way: it costs at most the call or the connection that it belongs to. */
describe('callbacks of the application that fail', () => {
  const unhandled = vi.fn();
  const error = vi.fn();
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error };
  let harness: Harness;

  beforeEach(() => {
    error.mockReset();
    unhandled.mockReset();
    process.on('unhandledRejection', unhandled);
  });
  afterEach(async () => {
    await harness.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  const start = async (options: HarnessOptions): Promise<RawPeer> => {
    harness = await linkedHarness({ logger, ...options });
    return harness.join();
  };
  const answer = async (peer: RawPeer, method: string, params?: unknown): Promise<AnyFrame> => {
    const id = peer.request(method, params);
    return harness.until('response', () => peer.response(id));
  };
  const boom = (): never => {
    throw new Error('boom');
  };
  const reject = (): Promise<never> => Promise.reject(new Error('boom'));

  it('[R9] a message handler that throws or rejects is logged, and the connection goes on', async () => {
    const peer = await start({ messages: { throws: boom, rejects: reject } });
    for (const name of ['throws', 'rejects']) peer.send({ type: 'message', name });
    peer.send({ type: 'ping', t: 7 });
    await harness.until('pong', () => peer.find('pong'));
    expect(error.mock.calls.map(([fields]) => (fields as { name: string }).name)).toEqual(['throws', 'rejects']);
    expect(peer.closed).toBeUndefined();
  });

  it('connection hooks that reject are logged', async () => {
    const peer = await start({ onConnected: reject, onDisconnected: reject });
    peer.close();
    await harness.until('both', () => error.mock.calls.length === 2);
    expect(harness.server.stats().connections).toBe(0);
  });

  it.each([
    ['a BigInt', () => ({ n: 1n })],
    [
      'a cycle',
      () => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        return cycle;
      },
    ],
    [
      'a toJSON that throws',
      () => ({
        toJSON: boom,
      }),
    ],
  ])('[R2] [R5] an error whose details hold %s is answered with INTERNAL', async (_what, details) => {
    const peer = await start({
      requests: {
        'a.throws': () => {
          throw new FleetwireError('CONFLICT', 'no', { details: details() });
        },
        'a.result': details,
      },
    });
    for (const method of ['a.throws', 'a.result'])
      expect(await answer(peer, method)).toMatchObject({ error: { code: 'INTERNAL' } });
    expect(error).toHaveBeenCalledTimes(2);
    expect(peer.closed).toBeUndefined();
  });

  it('[R2] whatever can be awaited is awaited, a thenable too', async () => {
    const peer = await start({
      requests: {
        'a.then': () => ({
          then: (resolve: (value: string) => void) => {
            resolve('awaited');
          },
          internal: 'not for the peer',
        }),
        'a.rejects': () => ({
          then: (_resolve: unknown, refuse: (error: Error) => void) => {
            refuse(new FleetwireError('CONFLICT', 'no'));
          },
        }),
      },
    });
    expect((await answer(peer, 'a.then'))['result']).toBe('awaited');
    expect(await answer(peer, 'a.rejects')).toMatchObject({ error: { code: 'CONFLICT' } });
  });

  it('[O5] an extension of the welcome that JSON cannot hold closes with 1011', async () => {
    harness = await linkedHarness({
      logger,
      authenticate: () => ({ identity: { userId: 'ada', orgId: 'acme' }, welcomeExt: { n: 1n } }),
    });
    const peer = harness.dial();
    await harness.until('open', () => peer.opened);
    peer.hello('x');
    expect((await harness.until('close', () => peer.closed)).code).toBe(1011);
    expect(harness.server.stats()).toMatchObject({ connections: 0, closes: { INTERNAL_ERROR: 1 } });
  });

  it('a source whose dispose throws, and a logger that throws, do not stop the sweep', async () => {
    const source = manualSource('ticks', 'ephemeral', () => ({ dispose: boom }));
    const peer = await start({
      channels: [source],
      logger: { debug: boom, info: boom, warn: boom, error: boom },
    });
    peer.subscribe({ channel: 'ticks' });
    await harness.until('response', () => peer.find('response'));
    const silent = harness.dial();
    await harness.until('open', () => silent.opened);
    peer.close();
    await harness.until('the feed is given up', () => harness.server.stats().feeds === 0);
    // What the sweep looks after besides.
    const late = harness.dial();
    await harness.until('open', () => late.opened);
    expect((await harness.until('close', () => late.closed)).code).toBe(4408);
    expect(harness.server.stats().connections).toBe(0);
  });

  it.each([1005, 1006, 1015, 99, 70_000, 2_999, Number.NaN, 1000.5])(
    '[G4] a close with %d, which must not be sent, becomes 1011 and leaves nothing behind',
    async (code) => {
      const source = manualSource('ticks', 'ephemeral');
      const onDisconnected = vi.fn();
      const peer = await start({ channels: [source], onDisconnected });
      peer.subscribe({ channel: 'ticks' });
      await harness.until('response', () => peer.find('response'));
      expect(harness.server.disconnect({ orgId: 'acme' }, { code, reason: 'x' })).toBe(1);
      expect((await harness.until('close', () => peer.closed)).code).toBe(1011);
      expect(harness.server.stats().connections).toBe(0);
      expect(onDisconnected).toHaveBeenCalledOnce();
    },
  );

  it('a socket that refuses to be closed is cut, and its connection is released all the same', async () => {
    const peer = await start({});
    const disconnected = harness.server.disconnect(
      { orgId: 'acme' },
      { code: 4000, reason: undefined as unknown as string },
    );
    expect(disconnected).toBe(1);
    expect((await harness.until('close', () => peer.closed)).code).toBe(1006);
    expect(harness.server.stats().connections).toBe(0);
  });

  describe('questions to a client', () => {
    const ask = (handle: ConnectionHandle | undefined, params?: unknown, timeoutMs?: number): Promise<unknown> =>
      (handle as ConnectionHandle).request('tab.title', params, timeoutMs === undefined ? {} : { timeoutMs });

    it('[R6] are bounded like its own, with QUEUE_FULL', async () => {
      const peer = await start({ limits: { maxPendingRequests: 3 } });
      const [handle] = harness.server.connections({ orgId: 'acme' });
      const asked = [1, 2, 3].map(() => ask(handle));
      await expect(ask(handle)).rejects.toMatchObject({ code: 'QUEUE_FULL', retryable: true });
      await harness.until('questions', () => peer.all('request').length === 3);
      for (const { id } of peer.all('request') as unknown as { id: number }[])
        peer.send({ type: 'response', id, result: id });
      expect(await Promise.all(asked)).toEqual([1, 2, 3]);
      peer.close();
      await harness.until('closed', () => peer.closed);
    });

    it('[R1] leave nothing behind when JSON cannot hold their parameters', async () => {
      const peer = await start({ limits: { maxPendingRequests: 1 } });
      const [handle] = harness.server.connections({ orgId: 'acme' });
      for (let count = 0; count < 3; count += 1)
        await expect(ask(handle, { n: 1n })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      const asked = ask(handle, { n: 1 });
      const { id } = (await harness.until('question', () => peer.find('request'))) as unknown as { id: number };
      expect(id).toBe(1);
      peer.send({ type: 'response', id, result: 'fleet' });
      expect(await asked).toBe('fleet');
    });

    it('have a time limit of 2^31 − 1 ms at most, for a longer timer fires at once', async () => {
      const peer = await start({});
      const setTimeout = vi.spyOn(harness.clientOptions.clock as Clock, 'setTimeout');
      const [handle] = harness.server.connections({ orgId: 'acme' });
      const asked = ask(handle, undefined, Infinity);
      expect(setTimeout).toHaveBeenCalledWith(expect.any(Function), 2 ** 31 - 1);
      setTimeout.mockRestore();
      const { id } = (await harness.until('question', () => peer.find('request'))) as unknown as { id: number };
      peer.send({ type: 'response', id, result: null });
      expect(await asked).toBeNull();
    });
  });
});
