import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { BrokerPublishOptions } from '../../src/core/broker.ts';
import { createMemoryBroker } from '../../src/core/memory-broker.ts';
import type { ConnectionLimits, QueueLimits } from '../../src/protocol/limits.ts';
import type { Timings } from '../../src/protocol/timings.ts';
import { brokerFeedName, createBrokerChannel, orgScopeKey } from '../../src/server/broker-channel.ts';
import { createServer } from '../../src/server/create-server.ts';
import type { ServerStats } from '../../src/server/server-metrics.ts';
import type { ChannelClass, ConnectionSelector } from '../../src/server/types.ts';
import { serveCommands } from './commands.ts';
import { connectBroker } from './remote-broker-client.ts';
import { authenticate, type TestIdentity } from './tokens.ts';

/** A server of its own, told by the test what to do. */

export interface ServerProcessOptions {
  readonly timings: Timings;
  /** Default: any free one. */
  readonly port?: number | undefined;
  /** Of a broker host; default: a memory broker of its own. */
  readonly brokerPort?: number | undefined;
  readonly maxBrokerFeeds?: number | undefined;
  readonly limits?: Partial<ConnectionLimits> | undefined;
  readonly queueLimits?: Partial<QueueLimits> | undefined;
  /** `work.once` is never answered. */
  readonly hangs?: boolean | undefined;
}

export interface CloseRecord {
  readonly code: number;
  readonly reason: string;
}

/** Publications `{seq, at, pad}` of one tick. */
export interface Burst {
  readonly channels: readonly string[];
  /** Number of the first. */
  readonly first: number;
  readonly count: number;
  readonly bytes: number;
  /** Of state channels. Default 1. */
  readonly keys?: number | undefined;
}

export interface Peaks {
  readonly queuedBytes: number;
  readonly ringBytes: number;
  readonly feeds: number;
}

const options = JSON.parse(process.argv[2] as string) as ServerProcessOptions;
const { timings } = options;
const broker =
  options.brokerPort === undefined
    ? createMemoryBroker({
        random: Math.random,
        maxAgeMs: timings.recoverableWindowMs,
        // The suite's floods must be more than kernels and rings hold, and less than the history.
        maxBytes: 32 * 1024 * 1024,
        maxFeeds: options.maxBrokerFeeds,
      })
    : await connectBroker(options.brokerPort);
const closes: CloseRecord[] = [];
const denied = new Set<string>();

const orgChannel = (pattern: string, channelClass: ChannelClass) =>
  createBrokerChannel<TestIdentity>({
    pattern,
    class: channelClass,
    params: z.record(z.string(), z.unknown()),
    broker,
    authorize: ({ identity, channel }) =>
      denied.has(channel) ? { denied: 'FORBIDDEN' } : { scopeKey: orgScopeKey(identity.orgId) },
  });

function teamScope(orgId: string, team: string): string {
  return `${orgScopeKey(orgId)}/${team}`;
}

const server = createServer<TestIdentity>({
  authenticate,
  broker,
  timings,
  queueLimits: options.queueLimits,
  channels: [
    orgChannel('state/{name}', 'state'),
    orgChannel('recoverable/{name}', 'recoverable'),
    orgChannel('ephemeral/{name}', 'ephemeral'),
    createBrokerChannel<TestIdentity>({
      pattern: 'team/{name}',
      class: 'state',
      broker,
      authorize: ({ identity }) =>
        identity.team === undefined || identity.team === 'none'
          ? { denied: 'FORBIDDEN' }
          : { scopeKey: teamScope(identity.orgId, identity.team) },
    }),
  ],
  requests: {
    'work.echo': (params) => params,
    'work.once': (_, { idempotencyKey, signal }) =>
      options.hangs === true
        ? new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reject(new Error('the connection is gone'));
            });
          })
        : { pid: process.pid, idempotencyKey },
    'work.slow': async (params) => {
      await delay((params as { readonly ms: number }).ms);
      return params;
    },
    'work.big': (params) => 'x'.repeat((params as { readonly bytes: number }).bytes),
  },
  logger: {
    debug(fields, message) {
      if (message === 'connection closed') closes.push(fields as CloseRecord);
    },
    info() {},
    warn() {},
    error(fields, message) {
      process.stderr.write(`${message} ${String((fields as { readonly err?: Error }).err?.stack)}\n`);
    },
  },
});

const httpServer = createHttpServer((_request, response) => {
  response.writeHead(server.ready ? 200 : 503).end();
});
server.attach(httpServer, '/ws', { limits: options.limits });
httpServer.listen(options.port ?? 0, '127.0.0.1');
await once(httpServer, 'listening');

let peaks: Peaks = { queuedBytes: 0, ringBytes: 0, feeds: 0 };
let peakTimer: NodeJS.Timeout | undefined;

function look(): void {
  const { queuedBytes, ringBytes, feeds } = server.stats();
  peaks = {
    queuedBytes: Math.max(peaks.queuedBytes, queuedBytes),
    ringBytes: Math.max(peaks.ringBytes, ringBytes),
    feeds: Math.max(peaks.feeds, feeds),
  };
}

async function publish(channel: string, data: unknown, publishOptions?: BrokerPublishOptions): Promise<string> {
  return server.publish({ orgId: 'o-1', channel }, data, publishOptions);
}

async function burst({ channels, first, count, bytes, keys = 1 }: Burst): Promise<void> {
  const pad = 'x'.repeat(bytes);
  for (let seq = first; seq < first + count; seq += 1) {
    const data = { seq, at: Date.now(), pad };
    for (const channel of channels) {
      await publish(channel, data, channel.startsWith('state/') ? { key: `k-${String(seq % keys)}` } : {});
    }
  }
}

const commands = {
  port: () => (httpServer.address() as AddressInfo).port,
  stats: (): ServerStats => server.stats(),
  closes: (): readonly CloseRecord[] => closes,
  publish: ({ channel, data, key }: { channel: string; data: unknown; key?: string | undefined }) =>
    publish(channel, data, key === undefined ? {} : { key }),
  publishTeam: ({ team, channel, key, data }: { team: string; channel: string; key: string; data: unknown }) =>
    broker.publish(brokerFeedName(teamScope('o-1', team), channel, undefined), JSON.stringify(data), { key }),
  unpublish: ({ channel, key }: { channel: string; key: string }) => server.unpublish({ orgId: 'o-1', channel }, key),
  burst,
  /** Looks at the queues all the while from now on. */
  watchPeaks: () => {
    clearInterval(peakTimer);
    peakTimer = setInterval(look, 2);
  },
  peaks: (): Peaks => {
    look();
    return peaks;
  },
  revoke: (selector: ConnectionSelector) => server.revoke(selector),
  /** The policy changes: nobody may see the channel any more. */
  deny: async (channel: string) => {
    denied.add(channel);
    await server.authorizeAgain({ orgId: 'o-1' });
  },
  heapUsedBytes: (): number => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  },
};

export type ServerCommands = typeof commands;

const { stop } = serveCommands(commands);

// As a supervisor stops it: drains, and then nothing keeps the process.
process.once('SIGTERM', () => {
  void (async () => {
    const startedAt = performance.now();
    await server.drain();
    process.stderr.write(`drained in ${String(Math.round(performance.now() - startedAt))} ms\n`);
    clearInterval(peakTimer);
    await server.dispose();
    await broker.dispose();
    httpServer.close();
    stop();
  })();
});
