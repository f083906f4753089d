import * as z from 'zod/mini';
import { FleetwireError } from '../../src/core/errors.ts';
import { createMemoryBroker } from '../../src/core/memory-broker.ts';
import { browserLimits } from '../../src/protocol/limits.ts';
import { createBrokerChannel, orgScopeKey } from '../../src/server/broker-channel.ts';
import { createServer } from '../../src/server/create-server.ts';
import type { Authenticate, ChannelSource, FeedSink, Identity, RequestHandler } from '../../src/server/types.ts';
import type { ConformanceAction, ConformanceCase, ConformanceSubject } from '../../src/testing/conformance.ts';
import { wireOfClient } from '../../src/testing/conformance-wire.ts';
import { createLinkedPair } from '../../src/testing/linked-pair.ts';
import { createManualClock, type ManualClock } from '../../src/testing/manual-clock.ts';
import { outcomesOfPromises } from './outcomes.ts';

const secretCause = 'the password is hunter2';

function authenticateOn(clock: ManualClock): Authenticate<Identity> {
  return async ({ token }) => {
    switch (token) {
      case 'expired':
      case 'forbidden':
        return { refused: token };
      case 'broken':
        throw new Error(secretCause);
      case 'never':
        return new Promise(() => {});
      case 'slow':
        await new Promise<void>((resolve) => {
          clock.setTimeout(resolve, 1_000);
        });
        return { identity: { userId: 'alice', orgId: 'acme' } };
      case 'short':
        return { identity: { userId: 'alice', orgId: 'acme', expiresAt: clock.now() + 60_000 } };
      default: {
        const [, userId, orgId] = /^(\w+)@(\w+)$/.exec(token ?? '') ?? [];
        if (userId === undefined || orgId === undefined) return { refused: 'invalid' };
        return { identity: { userId, orgId } };
      }
    }
  };
}

function createRequests(notes: unknown[]): Record<string, RequestHandler> {
  return {
    'test.echo': (params) => params ?? null,
    'test.nothing': () => undefined,
    'test.fail': () => {
      throw new Error(secretCause);
    },
    'test.leaked': (params) => (params as { message: string }).message.includes('hunter2'),
    'test.refuse': () => {
      throw new FleetwireError('FORBIDDEN', 'not for you', { details: { permission: 'test.refuse' } });
    },
    'test.wait': (_params, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      }),
    'test.notes': () => notes,
    'test.context': (_params, { traceparent, idempotencyKey }) => ({ traceparent, idempotencyKey }),
  };
}

/** The accepting peer of the fixture in `conformance/README.md`, on linked pairs and a manual clock. */
export function createServerSubject({ limits: changed }: ConformanceCase): ConformanceSubject {
  const clock = createManualClock();
  const broker = createMemoryBroker({ clock, random: Math.random });
  const limits = { ...browserLimits, ...changed };
  const notes: unknown[] = [];
  const outcomes = outcomesOfPromises();
  const ending: FeedSink[] = [];
  const acme = { scopeKey: orgScopeKey('acme') };
  const brokerChannel = (pattern: string, channelClass: ChannelSource['class']) =>
    createBrokerChannel({
      pattern,
      class: channelClass,
      params: z.record(z.string(), z.unknown()),
      broker,
      authorize: ({ identity }) => ({ scopeKey: orgScopeKey(identity.orgId) }),
    });
  const channels: ChannelSource[] = [
    brokerChannel('test-state', 'state'),
    brokerChannel('test-log', 'recoverable'),
    brokerChannel('test-ticks', 'ephemeral'),
    {
      pattern: 'test-secret',
      class: 'state',
      authorize: () => ({ denied: 'FORBIDDEN' }),
      open: () => ({ dispose: () => {} }),
    },
    { pattern: 'test-stuck', class: 'state', authorize: () => acme, open: () => new Promise(() => {}) },
    {
      pattern: 'test-ending',
      class: 'ephemeral',
      authorize: () => acme,
      open: (_request, sink) => {
        ending.push(sink);
        return { dispose: () => {} };
      },
    },
  ];
  const server = createServer<Identity>({
    authenticate: authenticateOn(clock),
    channels,
    requests: createRequests(notes),
    messages: { 'test.note': (data) => notes.push(data ?? null) },
    broker,
    clock,
    random: () => 0.5,
  });

  const advance = async (ms: number): Promise<void> => {
    await clock.advanceAsync(ms);
    // A frame passes several queues on its way.
    for (let turn = 0; turn < 8; turn += 1) await clock.settle();
  };
  const targetOf = ({ org = 'acme', channel, params }: ConformanceAction) => ({
    orgId: org as string,
    channel: channel as string,
    params: params as Record<string, unknown> | undefined,
  });
  const actions: Record<string, (action: ConformanceAction) => unknown> = {
    publish: (action) => server.publish(targetOf(action), action['data']),
    set: (action) => server.publish(targetOf(action), action['value'], { key: action['key'] as string }),
    delete: (action) => server.unpublish(targetOf(action), action['key'] as string),
    end: () => {
      for (const sink of ending) sink.end(new FleetwireError('ENDED', 'the channel has ended'));
    },
    request: ({ name, method, params }) => {
      const [connection] = server.connections({ userId: 'alice' });
      if (connection === undefined) throw new Error('alice is not connected');
      outcomes.watch(name as string, connection.request(method as string, params));
    },
    revoke: ({ userId, orgId }) => server.revoke({ userId: userId as string, orgId: orgId as string }),
    drain: () => {
      void server.drain();
    },
  };

  return {
    nextWire: () => {
      const pair = createLinkedPair({ maxPayloadBytes: limits.maxPayloadBytes });
      server.accept(pair.accepted, { path: '/ws' }, { path: '/ws', limits });
      return wireOfClient(pair.client, () => {
        pair.cut();
      });
    },
    advance,
    act: (action) => {
      const act = actions[action.action];
      if (act === undefined) throw new Error(`unknown action ${action.action}`);
      return act(action);
    },
    outcome: outcomes.of,
    dispose: () => server.dispose(),
  };
}
