import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { createMemoryBroker } from '../../src/core/memory-broker.ts';
import type { ClientOptions } from '../../src/client/types.ts';
import type { OpenSocket } from '../../src/core/web-socket-like.ts';
import { browserLimits, type ConnectionLimits } from '../../src/protocol/limits.ts';
import { scaleTimings, timings as defaultTimings, type Timings } from '../../src/protocol/timings.ts';
import { createServer, type Server, type ServerOptions } from '../../src/server/create-server.ts';
import type { Identity } from '../../src/server/types.ts';
import { createLinkedNetwork } from '../../src/testing/linked-network.ts';
import { createManualClock } from '../../src/testing/manual-clock.ts';
import { RawPeer } from './raw-peer.ts';

/** One server and a way to reach it, over one kind of transport. */
export interface Harness {
  readonly server: Server;
  readonly timings: Timings;
  readonly openSocket: OpenSocket;
  readonly url: string;
  /** Dials and returns at once. */
  dial(protocols?: string[], path?: string): RawPeer;
  /** Dials, says hello with `token` and waits for the welcome. */
  join(token?: string): Promise<RawPeer>;
  /** Waits, moving the clock where there is a manual one, until `probe` returns something; fails after `limitMs` of the harness' time. */
  until<T>(what: string, probe: () => T | undefined | false, limitMs?: number): Promise<T>;
  /** Cuts every socket without a close frame. */
  cut(): void;
  /** For `createClient`: the clock that the harness moves, and its timings. */
  readonly clientOptions: Pick<ClientOptions, 'url' | 'openSocket' | 'clock' | 'timings' | 'random'>;
  /** Lets everything under way arrive, without waiting for timers. */
  settle(): Promise<void>;
  now(): number;
  dispose(): Promise<void>;
}

export type HarnessOptions = Partial<ServerOptions<Identity>> & {
  readonly limits?: Partial<ConnectionLimits>;
};

export type MakeHarness = (options?: HarnessOptions) => Promise<Harness>;

/** Tokens of the tests: `user@org`, with `;exp=ms` and `;jti=id`; everything else is invalid. */
export function readToken(
  token: string | undefined,
  now: number,
): Awaited<ReturnType<ServerOptions<Identity>['authenticate']>> {
  const form = /^([^@;]+)@([^@;]+)(?:;jti=([^;]+))?(?:;exp=(\d+))?$/.exec(token ?? '');
  if (form === null) return token === 'forbidden' ? { refused: 'forbidden' } : { refused: 'invalid' };
  const [, userId = '', orgId = '', jti, exp] = form;
  const expiresAt = exp === undefined ? undefined : Number(exp);
  if (expiresAt !== undefined && expiresAt <= now) return { refused: 'expired' };
  return { identity: { userId, orgId, jti, expiresAt } };
}

/** The suite's server on linked pairs and a manual clock: the documents' own numbers, in no time. */
export const linkedHarness: MakeHarness = async (options = {}) => {
  const clock = createManualClock();
  const server = createServer<Identity>({
    authenticate: ({ token }) => readToken(token, clock.now()),
    clock,
    random: () => 0.5,
    ...options,
  });
  const limits = { ...browserLimits, ...options.limits };
  const network = createLinkedNetwork({
    accept: (socket, upgrade) => {
      server.accept(socket, upgrade, { path: upgrade.path, limits });
    },
  });
  const settle = async (): Promise<void> => {
    // A few turns: a frame passes several queues on its way.
    for (let turn = 0; turn < 6; turn += 1) await clock.settle();
  };
  const until: Harness['until'] = async (what, probe, limitMs = 600_000) => {
    const stepMs = 100;
    for (let elapsedMs = 0; ; elapsedMs += stepMs) {
      await settle();
      const found = probe();
      if (found !== undefined && found !== false) return found;
      if (elapsedMs >= limitMs) throw new Error(`not within ${String(limitMs)} ms: ${what}`);
      await clock.advanceAsync(stepMs);
    }
  };
  return finish(
    {
      server,
      timings: defaultTimings,
      openSocket: network.openSocket,
      url: 'ws://localhost/ws',
      until,
      settle,
      cut: () => {
        for (const pair of network.pairs) pair.cut();
      },
      clientOptions: { url: 'ws://localhost/ws', openSocket: network.openSocket, clock, random: () => 0.5 },
      now: () => clock.now(),
    },
    () => server.dispose(),
  );
};

/** The suite's server on real sockets; everything that waits is twenty times faster. */
export const realHarness: MakeHarness = async (options = {}) => {
  const timings = scaleTimings(20);
  const broker = options.broker ?? createMemoryBroker({ random: Math.random });
  const server = createServer<Identity>({
    authenticate: ({ token }) => readToken(token, Date.now()),
    broker,
    timings,
    ...options,
  });
  const httpServer = createHttpServer();
  server.attach(httpServer, '/ws', { limits: { ...options.limits } });
  await new Promise<void>((resolve) => {
    httpServer.listen(0, '127.0.0.1', resolve);
  });
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  const until: Harness['until'] = async (what, probe, limitMs = 20_000) => {
    const startedAt = performance.now();
    for (;;) {
      const found = probe();
      if (found !== undefined && found !== false) return found;
      if (performance.now() - startedAt > limitMs) throw new Error(`not within ${String(limitMs)} ms: ${what}`);
      await turn();
    }
  };
  const sockets = new Set<WebSocket>();
  const openSocket: OpenSocket = (url, protocols) => {
    const socket = new WebSocket(url, protocols);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const url = `ws://127.0.0.1:${String((httpServer.address() as AddressInfo).port)}/ws`;
  return finish(
    {
      server,
      timings,
      openSocket,
      url,
      until,
      // What is on its way over loopback arrives within a few turns of an idle loop, but only an answer proves it.
      settle: async () => {
        const peer = new RawPeer(openSocket, url);
        await until('open', () => peer.opened || peer.closed);
        peer.hello('settle@settle');
        await until('welcome', () => peer.find('welcome') ?? peer.closed);
        peer.close();
        await until('closed', () => peer.closed);
      },
      cut: () => {
        for (const socket of sockets) socket.terminate();
      },
      clientOptions: { url, openSocket, timings },
      now: () => Date.now(),
    },
    async () => {
      await server.dispose();
      await new Promise((resolve) => {
        httpServer.close(resolve);
        httpServer.closeAllConnections();
      });
    },
  );
};

function finish(base: Omit<Harness, 'dial' | 'join' | 'dispose'>, dispose: () => Promise<void>): Harness {
  const dial: Harness['dial'] = (protocols, path = '') => new RawPeer(base.openSocket, base.url + path, protocols);
  return {
    ...base,
    dial,
    dispose,
    async join(token = 'ada@acme') {
      const peer = dial();
      await base.until('open', () => peer.opened || peer.closed);
      peer.hello(token);
      await base.until('welcome', () => peer.find('welcome'));
      return peer;
    },
  };
}
