import { describe, expect, it } from 'vitest';
import { openNativeSocket } from '../../src/client/connection.ts';
import type { OpenSocket } from '../../src/core/web-socket-like.ts';
import { openClient, startServer } from './harness.ts';
import { caseTimeoutMs } from './scale.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

const each = 100;
const named = (kind: string): string[] => Array.from({ length: each }, (_, index) => `${kind}/${String(index)}`);
const channels = { state: named('state'), recoverable: named('recoverable'), ephemeral: named('ephemeral') };
const all = Object.values(channels).flat();

describe('300 subscriptions of one client', () => {
  it(
    '[S1][S3][F4] are resumed after a cut with three frames, within two seconds, and none is lost',
    async () => {
      const server = await startServer();
      const proxy = await startTcpProxy(server.port);
      const sent: string[] = [];
      const openSocket: OpenSocket = (url, protocols) => {
        const socket = openNativeSocket(url, protocols);
        const send = socket.send.bind(socket);
        socket.send = (data) => {
          sent.push(String(data));
          send(data);
        };
        return socket;
      };
      const subscribes = (): number => sent.filter((text) => text.includes('"method":"subscribe"')).length;
      const watched = openClient(proxy.url, all, { openSocket });
      await until(() => watched.isLive, { what: 'all subscriptions' });
      expect(subscribes()).toBe(3);
      const publishAll = async (seq: number): Promise<void> => {
        const data = { seq, at: Date.now() };
        for (const channel of all)
          await server.call('publish', { channel, data, key: channel.startsWith('state/') ? 'k' : undefined });
      };
      await publishAll(1);
      await until(
        () => [...channels.recoverable, ...channels.ephemeral].every((name) => watched.log(name).last === 1),
        {
          what: 'the first on every feed',
        },
      );

      proxy.refuses = true;
      proxy.reset();
      await until(() => !watched.isOpen, { what: 'the loss' });
      await publishAll(2);
      sent.length = 0;
      proxy.refuses = false;
      await until(() => watched.isOpen, { what: 'the next connection' });
      const openedAt = performance.now();
      await until(() => watched.isLive && channels.recoverable.every((name) => watched.log(name).last === 2), {
        what: 'all subscriptions and what they missed',
        but: () => watched.client.state,
      });
      expect(performance.now() - openedAt).toBeLessThan(2_000);
      expect(subscribes()).toBe(3);
      await publishAll(3);
      await until(
        () => [...channels.recoverable, ...channels.ephemeral].every((name) => watched.log(name).last === 3),
        {
          what: 'the third on every feed',
        },
      );

      for (const [kind, names] of Object.entries(channels)) {
        for (const name of names) {
          const { modes, lost, doubled, gaps, received, items } = watched.log(name).report();
          if (kind === 'ephemeral')
            expect({ modes, received, doubled }).toEqual({ modes: ['live', 'live'], received: 2, doubled: [] });
          else if (kind === 'state') expect(items['k']).toMatchObject({ seq: 3 });
          else
            expect({ modes, lost, doubled, gaps, received }).toEqual({
              modes: ['live', 'recovered'],
              lost: [],
              doubled: [],
              gaps: [],
              received: 3,
            });
        }
      }
      expect(await server.call('stats')).toMatchObject({ connections: 1, feeds: all.length });
    },
    caseTimeoutMs(60_000),
  );
});
