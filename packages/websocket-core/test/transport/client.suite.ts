import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/create-client.ts';
import type { Client, ClientOptions, ClientState, TokenReason } from '../../src/client/types.ts';
import type { Harness, HarnessOptions, MakeHarness } from './harness.ts';
import { manualSource } from './manual-source.ts';

/** The client and the server together. */
export function clientSuite(name: string, make: MakeHarness): void {
  describe(`${name}: client and server`, () => {
    let harness: Harness;
    let client: Client;
    afterEach(async () => {
      client.dispose();
      await harness.dispose();
    });

    async function start(server: HarnessOptions, options: Partial<ClientOptions> = {}): Promise<void> {
      harness = await make(server);
      client = createClient({ getToken: () => 'ada@acme', ...harness.clientOptions, ...options });
    }

    const untilOpen = (): Promise<true> => harness.until('open', () => client.state.status === 'open' || undefined);

    it('[O1] [G1] opens, says hello with its token and tells each state on the way', async () => {
      const states: ClientState['status'][] = [];
      await start({}, { autoConnect: false });
      client.onState((state) => states.push(state.status));
      expect(client.state.status).toBe('idle');
      client.connect();
      await untilOpen();
      expect(states.slice(0, 2)).toEqual(['connecting', 'open']);
      expect(client.welcome?.connectionId).toBe(harness.server.connections({ userId: 'ada' })[0]?.id);
    });

    it('[S3] [F4] a recoverable subscription loses and doubles nothing over twenty cuts', async () => {
      const source = manualSource('log', 'recoverable');
      await start({ channels: [source] });
      const got: unknown[] = [];
      const gaps: unknown[] = [];
      const subscription = client.subscribe('log', {
        onPublication: (data) => got.push(data),
        onGap: (dropped) => gaps.push(dropped),
      });
      await harness.until('live', () => subscription.state.status === 'live');
      let sent = 0;
      const publish = (count: number): void => {
        for (let index = 0; index < count; index += 1) source.sink.publish({ data: (sent += 1) });
      };
      for (let round = 0; round < 20; round += 1) {
        publish(round % 4);
        if (round % 2 === 0) await harness.settle();
        publish(3);
        harness.cut();
        publish(2);
        await harness.until('resumed', () => got.length === sent);
      }
      expect(got).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
      expect(gaps).toEqual([]);
      expect(harness.server.stats().subscribes).toMatchObject({
        new_live: 1,
        resume_recovered: expect.any(Number) as number,
      });
      expect(harness.server.stats().subscribes['resume_live']).toBeUndefined();
    });

    it('[F1] [F2] a state subscription holds the server’s state after cuts, keeps it while away, and says that it is stale', async () => {
      const source = manualSource('vms', 'state');
      await start({ channels: [source] });
      const states: string[] = [];
      let calls = 0;
      const subscription = client.subscribe('vms', {
        onItems: () => {
          calls += 1;
        },
        onState: ({ status }) => states.push(status),
      });
      await harness.until('snapshot', () => subscription.items);
      source.sink.change({
        set: [
          { key: 'a', value: 1 },
          { key: 'b', value: 1 },
        ],
      });
      await harness.until('both', () => subscription.items?.size === 2);
      harness.cut();
      await harness.until('stale', () => subscription.state.status === 'pending');
      expect(subscription.state).toMatchObject({ status: 'pending', staleSince: expect.any(Number) as number });
      expect(subscription.items?.size).toBe(2);
      source.sink.change({ set: [{ key: 'b', value: 2 }], del: [{ key: 'a' }] });
      await harness.until('fresh', () => subscription.items?.get('b')?.value === 2);
      expect([...(subscription.items?.keys() ?? [])]).toEqual(['b']);
      expect(states.at(-1)).toBe('live');
      const held = subscription.items;
      const before = calls;
      harness.cut();
      await harness.until('live again', () => harness.server.stats().subscribes['resume_recovered'] === 2);
      await harness.until('live', () => subscription.state.status === 'live');
      expect(subscription.items).toBe(held);
      expect(calls).toBe(before);
    });

    it('[R7] a cut fails what was under way and says whether it may have run; with an idempotencyKey it is sent again', async () => {
      const keys: (string | undefined)[] = [];
      let release: (value: string) => void = () => undefined;
      await start({
        requests: {
          'work.now': (_params, { idempotencyKey }) => {
            keys.push(idempotencyKey);
            return keys.length < 3
              ? new Promise((resolve) => {
                  release = resolve;
                })
              : 'done';
          },
        },
      });
      await untilOpen();
      const plain = expect(client.request('work.now')).rejects.toMatchObject({
        code: 'CONNECTION_LOST',
        maybeExecuted: true,
      });
      const keyed = client.request('work.now', undefined, { idempotencyKey: 'k-1' });
      await harness.until('both handled', () => keys.length === 2);
      harness.cut();
      await plain;
      let result: unknown;
      void keyed.then((value) => {
        result = value;
      });
      await harness.until('answered', () => result);
      expect(result).toBe('done');
      expect(keys).toEqual([undefined, 'k-1', 'k-1']);
      release('late');
    });

    it('[G1] asked to leave, it finishes what is under way and makes new requests on the next connection', async () => {
      let finish: (value: string) => void = () => undefined;
      const ids: string[] = [];
      await start({
        requests: {
          'slow.one': (_params, { connection }) => {
            ids.push(connection.id);
            return new Promise((resolve) => {
              finish = resolve;
            });
          },
          'quick.one': (_params, { connection }) => {
            ids.push(connection.id);
            return 'quick';
          },
        },
      });
      await untilOpen();
      const slow = client.request('slow.one');
      await harness.until('handled', () => ids.length === 1);
      harness.server.connections({ userId: 'ada' })[0]?.goaway('DRAINING', 'moving', 10);
      await harness.settle();
      const quick = client.request('quick.one');
      await harness.settle();
      expect(ids).toHaveLength(1);
      finish('slow');
      await expect(slow).resolves.toBe('slow');
      let answer: unknown;
      void quick.then((value) => {
        answer = value;
      });
      await harness.until('answered', () => answer);
      expect(new Set(ids).size).toBe(2);
    });

    it('[A1] refreshes at 80 % of the lifetime, without a new connection', async () => {
      const reasons: TokenReason[] = [];
      const lifetimeMs = 1_000;
      const given: number[] = [];
      await start(
        {},
        {
          getToken: ({ reason }) => {
            reasons.push(reason);
            given.push(harness.now());
            return `ada@acme;exp=${String(Math.round(harness.now() + lifetimeMs))}`;
          },
        },
      );
      await harness.until('third token', () => reasons.length === 3);
      expect(reasons).toEqual(['connect', 'refresh', 'refresh']);
      expect((given[1] as number) - (given[0] as number)).toBeGreaterThanOrEqual(0.75 * lifetimeMs);
      expect((given[1] as number) - (given[0] as number)).toBeLessThan(lifetimeMs + harness.timings.tokenGraceMs);
      expect(harness.server.stats().connects).toEqual({ accepted: 1 });
    });

    it('[A2] after 4401 it gets a fresh token and connects again', async () => {
      const reasons: TokenReason[] = [];
      await start(
        {},
        {
          getToken: ({ reason }) => {
            reasons.push(reason);
            return reason === 'connect' ? 'ada@acme;exp=1' : 'ada@acme';
          },
        },
      );
      await untilOpen();
      expect(reasons).toEqual(['connect', 'expired']);
    });

    it('[G4] a final close ends in closed, every promise settles, and connect() tries anew', async () => {
      let token = 'nonsense';
      await start({ requests: { 'a.b': () => 1 } }, { getToken: () => token });
      const request = expect(client.request('a.b')).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
      await harness.until('closed', () => client.state.status === 'closed');
      expect(client.state).toMatchObject({ status: 'closed', code: 4501 });
      await request;
      token = 'ada@acme';
      client.connect();
      await untilOpen();
      await expect(client.request('a.b')).resolves.toBe(1);
    });

    it('[S1] 300 subscriptions are resumed in three requests', async () => {
      const source = manualSource('log/{id}', 'recoverable');
      await start({ channels: [source] });
      const subscriptions = Array.from({ length: 300 }, (_, index) => client.subscribe(`log/${String(index)}`));
      await harness.until('all live', () => subscriptions.every(({ state }) => state.status === 'live'));
      const before = harness.server.stats().framesIn;
      harness.cut();
      await harness.until('all recovered', () => harness.server.stats().subscribes['resume_recovered'] === 300);
      // hello and three subscribes; a ping may fall in between
      expect(harness.server.stats().framesIn - before).toBeLessThanOrEqual(6);
      expect(source.opened).toHaveLength(300);
    });

    it('[S2] listeners of one channel share one subscription; the last one to leave unsubscribes', async () => {
      const source = manualSource('vms', 'state');
      await start({ channels: [source] });
      const first = client.subscribe('vms', { params: { a: 1, b: 2 } });
      await harness.until('snapshot', () => first.items);
      source.sink.change({ set: [{ key: 'a', value: 1 }] });
      await harness.until('item', () => first.items?.size === 1);
      let late: number | undefined;
      const second = client.subscribe('vms', {
        params: { b: 2, a: 1 },
        onItems: (items) => {
          late = items.size;
        },
      });
      await harness.until('late listener', () => late === 1);
      first.dispose();
      first.dispose();
      source.sink.change({ set: [{ key: 'b', value: 1 }] });
      await harness.until('still subscribed', () => late === 2);
      expect(harness.server.stats().subscribes).toEqual({ new_snapshot: 1 });
      second.dispose();
      await harness.until('unsubscribed', () => source.opened[0]?.disposed);
    });

    it('[R5] [R8] errors come back as FleetwireErrors, and the server may ask the client', async () => {
      await start({}, { requests: { 'host.info': (params) => ({ got: params }) } });
      await untilOpen();
      await expect(client.request('no.such')).rejects.toMatchObject({ name: 'FleetwireError', code: 'UNKNOWN_METHOD' });
      const [connection] = harness.server.connections({ userId: 'ada' });
      await expect(connection?.request('host.info', [1])).resolves.toEqual({ got: [1] });
      await expect(connection?.request('host.none')).rejects.toMatchObject({ code: 'UNKNOWN_METHOD' });
    });

    it('[B5] steady large messages for longer than a heartbeat all arrive, and no ping is lost among them', async () => {
      const probe = await make();
      const { timings } = probe;
      await probe.dispose();
      const silenceMs = timings.heartbeatMs + timings.pongTimeoutMs;
      const length = 100_000;
      // In that time the server takes the work of 350 frames, and half of them again are sent after the burst.
      const textFramesPerSecond = 350_000 / silenceMs;
      const count = Math.ceil((1.5 * 350 * 8_192) / length);
      const got: unknown[] = [];
      await start({
        limits: { textFramesPerSecond, textFrameBurst: 40 },
        messages: { 'log.line': (data) => got.push((data as [number, string])[0]) },
      });
      const states: ClientState['status'][] = [];
      await untilOpen();
      client.onState(({ status }) => {
        if (status !== 'open') states.push(status);
      });
      const startedAt = harness.now();
      for (let index = 0; index < count; index += 1) client.sendMessage('log.line', [index, 'x'.repeat(length)]);
      await harness.until('all', () => got.length === count || states.length > 0);
      expect(states).toEqual([]);
      expect(got).toEqual(Array.from({ length: count }, (_, index) => index));
      expect(harness.now() - startedAt).toBeGreaterThan(silenceMs);
    });

    it('disposing settles everything and leaves nothing on the server', async () => {
      const source = manualSource('log', 'recoverable');
      await start({ channels: [source], requests: { 'never.ends': () => new Promise(() => undefined) } });
      await untilOpen();
      client.subscribe('log');
      const request = expect(client.request('never.ends')).rejects.toMatchObject({
        code: 'CONNECTION_LOST',
        maybeExecuted: true,
      });
      await harness.until('live', () => harness.server.stats().subscribes['new_live']);
      client.dispose();
      await request;
      await harness.until('gone', () => harness.server.stats().connections === 0);
      await harness.until('feed closed', () => source.opened[0]?.disposed);
    });
  });
}
