import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { createClient } from '../../src/client/create-client.ts';
import { FleetwireError } from '../../src/core/errors.ts';
import { createMemoryBroker } from '../../src/core/memory-broker.ts';
import { browserLimits } from '../../src/protocol/limits.ts';
import { createBrokerChannel, orgScopeKey } from '../../src/server/broker-channel.ts';
import { createServer } from '../../src/server/create-server.ts';
import type { Identity } from '../../src/server/types.ts';
import {
  wireOfAccepted,
  wireOfClient,
  type ConformanceWire,
  type WireEvent,
} from '../../src/testing/conformance-wire.ts';
import { createLinkedNetwork } from '../../src/testing/linked-network.ts';
import { createLinkedPair } from '../../src/testing/linked-pair.ts';
import { createManualClock, type ManualClock } from '../../src/testing/manual-clock.ts';
import { acceptingPeerFrame, anyJsonValue, anyText, connectingPeerFrame } from '../support/frames.ts';
import { checkAsyncProperty, propertyTimeoutMs } from '../support/property.ts';

type Op =
  | { readonly op: 'text'; readonly text: string }
  | { readonly op: 'bytes'; readonly bytes: Uint8Array }
  | { readonly op: 'advance'; readonly ms: number }
  | { readonly op: 'publish'; readonly channel: string; readonly key: string | undefined }
  | { readonly op: 'end'; readonly how: 'close' | 'cut' };

const channelName = fc.constantFrom('state', 'log', 'ticks', 'unheard', 'sys/nodes', '__proto__');
const item = fc.record(
  {
    channel: channelName,
    params: fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(2)),
    since: fc.constantFrom('x:1', 'e:0', '', 'yesterday'),
  },
  { requiredKeys: ['channel'] },
);
/** Stands for the next id of a sender, so that most requests have one that the peer takes. */
const nextId = 'next';
/** Requests that mean something to a server. */
const pointedRequest: Arbitrary<object> = fc.record({
  type: fc.constant('request'),
  id: fc.oneof(
    { weight: 15, arbitrary: fc.constant(nextId) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }) },
  ),
  method: fc.constantFrom(
    'subscribe',
    'subscribe',
    'unsubscribe',
    'auth.refresh',
    'test.echo',
    'test.wait',
    'test.fail',
  ),
  params: fc.oneof(
    fc.record({
      items: fc.array(fc.oneof({ weight: 5, arbitrary: item }, { weight: 1, arbitrary: anyJsonValue }), {
        maxLength: 4,
      }),
    }),
    fc.record({ ch: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ token: fc.constantFrom('a@acme', 'b@acme', 'a@other', '') }),
    anyJsonValue,
  ),
});
const hello = { type: 'hello', protocol: 1, token: 'a@acme', peer: { name: 'fuzz', version: '1' } };

function opsOf(frames: Arbitrary<object>, pointed: Arbitrary<object>): Arbitrary<Op[]> {
  const text = (texts: Arbitrary<string>) => texts.map((value): Op => ({ op: 'text', text: value }));
  const op: Arbitrary<Op> = fc.oneof(
    { weight: 8, arbitrary: text(pointed.map((frame) => JSON.stringify(frame))) },
    { weight: 4, arbitrary: text(frames.map((frame) => JSON.stringify(frame))) },
    { weight: 2, arbitrary: text(anyText(frames)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 8 }).map((bytes): Op => ({ op: 'bytes', bytes })) },
    { weight: 3, arbitrary: fc.constantFrom(1, 1_000, 12_000, 40_000).map((ms): Op => ({ op: 'advance', ms })) },
    {
      weight: 3,
      arbitrary: fc
        .record({ channel: channelName, key: fc.constantFrom(undefined, 'k1', 'k2') })
        .map((to): Op => ({ op: 'publish', ...to })),
    },
    { weight: 1, arbitrary: fc.constantFrom('close' as const, 'cut' as const).map((how): Op => ({ op: 'end', how })) },
  );
  return fc.array(op, { minLength: 1, maxLength: 40 }).map(withIds);
}

function withIds(ops: readonly Op[]): Op[] {
  let id = 0;
  return ops.map((op) => {
    if (op.op !== 'text' || !op.text.includes(`"id":"${nextId}"`)) return op;
    id += 1;
    return { ...op, text: op.text.replace(`"id":"${nextId}"`, `"id":${String(id)}`) };
  });
}

async function pass(clock: ManualClock, ms = 0): Promise<void> {
  await clock.advanceAsync(ms);
  for (let turn = 0; turn < 6; turn += 1) await clock.settle();
}

function drain(wire: ConformanceWire): WireEvent[] {
  const events: WireEvent[] = [];
  for (let event = wire.take(); event !== undefined; event = wire.take()) events.push(event);
  return events;
}

const framesOf = (events: readonly WireEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'text' ? [JSON.parse(event.text) as { type: string; id?: number; ch?: number; data?: unknown }] : [],
  );

interface Bench {
  readonly clock: ManualClock;
  readonly wire: ConformanceWire;
}

async function play(
  ops: readonly Op[],
  { clock, wire }: Bench,
  publish: (channel: string, key: string | undefined) => Promise<unknown>,
): Promise<void> {
  for (const op of ops) {
    if (op.op === 'text') wire.sendText(op.text);
    else if (op.op === 'bytes') wire.sendBytes(op.bytes);
    else if (op.op === 'publish') await publish(op.channel, op.key);
    else if (op.op === 'advance') await pass(clock, op.ms);
    else if (op.how === 'cut') wire.cut();
    else wire.close(1000, 'fuzz');
    if (op.op === 'text') await clock.settle();
  }
  await pass(clock, 100);
}

function createBenchServer() {
  const clock = createManualClock();
  const broker = createMemoryBroker({ clock, random: Math.random });
  const channel = (pattern: string, channelClass: 'state' | 'recoverable' | 'ephemeral') =>
    createBrokerChannel<Identity>({
      pattern,
      class: channelClass,
      params: z.record(z.string(), z.unknown()),
      broker,
      authorize: ({ identity }) => ({ scopeKey: orgScopeKey(identity.orgId) }),
    });
  const server = createServer<Identity>({
    authenticate: ({ token }) => {
      const [, userId, orgId] = /^(\w+)@(\w+)$/.exec(token ?? '') ?? [];
      return userId === undefined || orgId === undefined ? { refused: 'invalid' } : { identity: { userId, orgId } };
    },
    channels: [channel('state', 'state'), channel('log', 'recoverable'), channel('ticks', 'ephemeral')],
    requests: {
      'test.echo': (params) => params ?? null,
      'test.fail': () => {
        throw new Error('no');
      },
      'test.wait': (_params, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        }),
    },
    broker,
    clock,
    random: () => 0.5,
  });
  const dial = (): ConformanceWire => {
    const pair = createLinkedPair({ maxPayloadBytes: browserLimits.maxPayloadBytes });
    server.accept(pair.accepted, { path: '/ws' });
    return wireOfClient(pair.client, () => {
      pair.cut();
    });
  };
  return { clock, broker, server, dial };
}

/** What each connection may rely on, whatever it sent: responses to its own requests alone, at most one for each. */
function expectOrderly(events: readonly WireEvent[], sent: readonly Op[]): void {
  const asked = new Set<unknown>();
  for (const op of sent) {
    if (op.op !== 'text') continue;
    try {
      asked.add((JSON.parse(op.text) as { id?: unknown } | null)?.id);
    } catch {
      // Not a frame: nothing was asked.
    }
  }
  const answered = framesOf(events)
    .filter(({ type }) => type === 'response')
    .map(({ id }) => id);
  expect(new Set(answered).size).toBe(answered.length);
  for (const id of answered) expect(asked).toContain(id);
  const closeAt = events.findIndex(({ kind }) => kind === 'close');
  if (closeAt !== -1) expect(closeAt).toBe(events.length - 1);
}

describe('a server', { timeout: propertyTimeoutMs }, () => {
  it('[R2] [S8] survives any frames of one connection, and its neighbour does not notice', async () => {
    const property = fc.asyncProperty(opsOf(connectingPeerFrame, pointedRequest), async (ops) => {
      const { clock, broker, server, dial } = createBenchServer();
      const [neighbour, hostile] = [dial(), dial()];
      neighbour.sendText(JSON.stringify({ ...hello, token: 'n@neighbour' }));
      hostile.sendText(JSON.stringify(hello));
      await pass(clock);
      neighbour.sendText(
        JSON.stringify({ type: 'request', id: 1, method: 'subscribe', params: { items: [{ channel: 'log' }] } }),
      );
      await pass(clock);
      expect(framesOf(drain(neighbour)).map(({ type }) => type)).toEqual(['welcome', 'response']);

      await play(ops, { clock, wire: hostile }, async (channel, key) => {
        if (channel !== 'sys/nodes') await server.publish({ orgId: 'acme', channel }, { n: 1 }, { key });
      });
      expectOrderly(drain(hostile), [{ op: 'text', text: JSON.stringify(hello) }, ...ops]);

      await server.publish({ orgId: 'neighbour', channel: 'log' }, 'for the neighbour');
      neighbour.sendText(JSON.stringify({ type: 'request', id: 2, method: 'test.echo', params: 'here' }));
      await pass(clock);
      expect(framesOf(drain(neighbour))).toMatchObject([
        { type: 'response', id: 2, result: 'here' },
        { type: 'publication', data: 'for the neighbour' },
      ]);
      await server.dispose();
      await broker.dispose();
      await pass(clock);
      expect(clock.pending).toBe(0);
    });
    await checkAsyncProperty(property, 60);
  });
});

const ch = fc.integer({ min: 1, max: 4 });
const stateItem = fc.record({ key: fc.constantFrom('a', 'b', '__proto__'), version: fc.nat(5), value: fc.nat(9) });
/** Frames that mean something to a client with requests and subscriptions under way. */
const pointedAnswer: Arbitrary<object> = fc.oneof(
  fc.record({
    type: fc.constant('response'),
    id: fc.integer({ min: 1, max: 8 }),
    result: fc.oneof(
      anyJsonValue,
      fc.record({
        items: fc.array(
          fc.oneof(fc.record({ ch, mode: fc.constantFrom('live', 'snapshot', 'recovered') }), anyJsonValue),
          { maxLength: 3 },
        ),
      }),
    ),
  }),
  fc.record({ type: fc.constant('snapshot'), ch, items: fc.array(stateItem, { maxLength: 3 }), more: fc.boolean() }),
  fc.record({ type: fc.constant('publication'), ch, data: anyJsonValue, set: fc.array(stateItem, { maxLength: 2 }) }),
  fc.record({
    type: fc.constant('unsubscribed'),
    ch,
    code: fc.constantFrom('LAGGED', 'ENDED'),
    reason: fc.constant(''),
    retryable: fc.boolean(),
  }),
  fc.record({ type: fc.constant('gap'), ch, dropped: fc.integer({ min: 1, max: 9 }) }),
  fc.record({
    type: fc.constant('request'),
    id: fc.integer({ min: 1, max: 30 }),
    method: fc.constantFrom('test.echo', 'test.wait', 'none'),
  }),
  fc.record({
    type: fc.constant('goaway'),
    code: fc.constant('DRAINING'),
    reason: fc.constant(''),
    retryAfterMs: fc.nat(100),
  }),
);

describe('a client', { timeout: propertyTimeoutMs }, () => {
  it('[R7] survives any frames of a server: no throw, every promise settles, no timer is left', async () => {
    const property = fc.asyncProperty(opsOf(acceptingPeerFrame, pointedAnswer), async (ops) => {
      const clock = createManualClock();
      const wires: ConformanceWire[] = [];
      const network = createLinkedNetwork({
        accept: (socket) => {
          const wire = wireOfAccepted(socket);
          wires.push(wire);
          const welcome = {
            type: 'welcome',
            protocol: 1,
            connectionId: 'c',
            heartbeatMs: 25_000,
            limits: browserLimits,
            sentAt: clock.now(),
          };
          wire.sendText(JSON.stringify(welcome));
        },
      });
      const client = createClient({
        url: 'wss://fleet.test/',
        openSocket: network.openSocket,
        getToken: () => 'a@acme',
        clock,
        random: () => 0.5,
        requests: {
          'test.echo': (params) => params ?? null,
          'test.wait': (_params, { signal }) =>
            new Promise((resolve) => {
              signal.addEventListener('abort', resolve);
            }),
        },
      });
      const subscriptions = ['state', 'log', 'ticks'].map((channel) => client.subscribe(channel, {}));
      await pass(clock);
      const settled: unknown[] = [];
      const requests = Array.from({ length: 4 }, (_, index) =>
        client.request('test.any', index, index === 0 ? { idempotencyKey: 'k' } : {}).then(
          () => settled.push('result'),
          (error: unknown) => settled.push(error),
        ),
      );
      // Frames go to whichever connection is the newest.
      const wire: ConformanceWire = {
        sendText: (text) => wires.at(-1)?.sendText(text),
        sendBytes: (bytes) => wires.at(-1)?.sendBytes(bytes),
        close: (code, reason) => wires.at(-1)?.close(code, reason),
        cut: () => wires.at(-1)?.cut(),
        take: () => undefined,
      };
      await play(ops, { clock, wire }, async () => {});
      for (const subscription of subscriptions)
        expect(['pending', 'live', 'failed']).toContain(subscription.state.status);
      client.dispose();
      await Promise.all(requests);
      expect(settled).toHaveLength(4);
      for (const error of settled.filter((outcome) => outcome !== 'result'))
        expect(error).toBeInstanceOf(FleetwireError);
      await pass(clock);
      expect(clock.pending).toBe(0);
      const dials = network.dials;
      await pass(clock, 60_000);
      expect(network.dials).toBe(dials);
    });
    await checkAsyncProperty(property, 100);
  });
});
