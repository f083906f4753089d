import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import type { ClientOptions } from '../../src/client/types.ts';
import type { Timings } from '../../src/protocol/timings.ts';
import { PROTOCOL_NAME, PROTOCOL_REVISION } from '../../src/protocol/version.ts';
import { startChild, type Child } from './child.ts';
import type { ClientCommands, ClientProcessOptions } from './client-process.ts';
import { calmTimings } from './scale.ts';
import type { Burst, ServerCommands, ServerProcessOptions } from './server-process.ts';
import { makeToken } from './tokens.ts';
import { until } from './until.ts';
import { watchClient, type WatchedClient } from './watched-client.ts';

export type ClientProcess = Child<ClientCommands>;

/** A server process that listens. */
export interface ServerProcess extends Child<ServerCommands> {
  readonly port: number;
  readonly url: string;
}

/** Options of a process; its timings are those of {@link calmTimings} but for what is given. */
type Started<O, Defaulted extends keyof O> = Omit<O, Defaulted | 'timings'> &
  Partial<Pick<O, Defaulted>> & { readonly timings?: Partial<Timings> };

/** Starts a server process and waits until it listens. `--expose-gc` lets it tell what its heap really holds. */
export async function startServer(options: Started<ServerProcessOptions, never> = {}): Promise<ServerProcess> {
  const child = startChild<ServerCommands>(
    new URL('./server-process.ts', import.meta.url),
    { ...options, timings: { ...calmTimings, ...options.timings } } satisfies ServerProcessOptions,
    ['--expose-gc'],
  );
  const port = await child.call('port');
  return { ...child, port, url: urlOf(port) };
}

export function urlOf(port: number): string {
  return `ws://127.0.0.1:${String(port)}/ws`;
}

/** Starts a process with `count` clients and waits until all their subscriptions are live. */
export async function startClients(options: Started<ClientProcessOptions, 'token'>): Promise<ClientProcess> {
  const child = startChild<ClientCommands>(new URL('./client-process.ts', import.meta.url), {
    token: makeToken(),
    ...options,
    timings: { ...calmTimings, ...options.timings },
  } satisfies ClientProcessOptions);
  await untilAllLive(child, options.count);
  return child;
}

export async function untilAllLive(clients: ClientProcess, count: number, withinMs = 20_000): Promise<void> {
  await until(async () => (await clients.call('live')) === count, {
    what: `${String(count)} live clients`,
    withinMs,
    but: () => clients.call('live'),
  });
}

/**
 * Publishes in bursts, each once the readers have the burst before the last: the flood is as fast as they are, whatever
 * the machine, and whoever cannot follow them is slow.
 */
export async function flood(server: ServerProcess, readers: ClientProcess, load: Omit<Burst, 'first'>): Promise<void> {
  const burst = 30;
  for (let sent = 0; sent < load.count; sent += burst) {
    await server.call('burst', { ...load, first: sent + 1, count: Math.min(burst, load.count - sent) });
    await until(async () => (await readers.call('reached', load.channels[0] as string)) >= sent, {
      what: `the readers to reach ${String(sent)}`,
      withinMs: 30_000,
      but: () => readers.call('reached', load.channels[0] as string),
    });
  }
}

/** A client in the test's own process, disposed with the test. */
export function openClient(
  url: string,
  channels: readonly string[] = [],
  options: Partial<ClientOptions> = {},
): WatchedClient {
  const { timings, ...rest } = options;
  const all = { url, getToken: () => makeToken(), ...rest, timings: { ...calmTimings, ...timings } };
  const watched = watchClient(all, channels);
  onTestFinished(() => {
    watched.client.dispose();
  });
  return watched;
}

export interface RawFrame {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A peer that does only what it is told; its WebSocket answers pings by itself. */
export interface RawPeer {
  readonly socket: WebSocket;
  readonly frames: RawFrame[];
  readonly closed: { code: number; reason: string } | undefined;
  send(frame: object): void;
}

/** Opens a raw peer and waits for its welcome; ended with the test. */
export async function openRawPeer(url: string, token = makeToken()): Promise<RawPeer> {
  const socket = new WebSocket(url, PROTOCOL_NAME, { perMessageDeflate: false });
  const frames: RawFrame[] = [];
  let closed: RawPeer['closed'];
  let failure: Error | undefined;
  const send = (frame: object): void => {
    socket.send(JSON.stringify(frame));
  };
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', (code, reason) => {
    closed = { code, reason: reason.toString() };
  });
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString('utf8')) as RawFrame));
  socket.on('open', () => {
    send({ type: 'hello', protocol: PROTOCOL_REVISION, token, peer: { name: 'raw', version: '1' } });
  });
  onTestFinished(() => {
    socket.terminate();
  });
  await until(() => frames.length > 0 || closed !== undefined, {
    what: 'a welcome',
    but: () => failure?.message,
  });
  return {
    socket,
    frames,
    get closed() {
      return closed;
    },
    send,
  };
}
