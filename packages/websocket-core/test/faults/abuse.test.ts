import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { browserLimits, queueLimits } from '../../src/protocol/limits.ts';
import { PROTOCOL_NAME } from '../../src/protocol/version.ts';
import { openClient, openRawPeer, startServer, type RawFrame } from './harness.ts';
import { caseTimeoutMs, scaled, slackMs, timings } from './scale.ts';
import { until } from './until.ts';

const mebibyte = 1024 * 1024;

interface Refusal {
  readonly error?: { readonly code: string; readonly retryAfterMs?: number };
}

const isRateLimited = (frame: RawFrame): boolean =>
  (frame.type === 'response' && (frame as Refusal).error?.code === 'RATE_LIMITED') ||
  (frame.type === 'error' && frame['code'] === 'RATE_LIMITED');

/**
 * What may wait for one peer that does not read: in the socket, which takes all of a lane when it is below the pull limit,
 * and in the lane. A lane that passes its bound does so by one answer, and then no more is read until the socket has room.
 */
function maxWaitingBytes(answerBytes: number): number {
  return queueLimits.maxQueuedBytes + 2 * queueLimits.maxControlBytes + answerBytes + 4_096;
}

describe('peers that abuse the server', () => {
  it(
    '[B5] one that stays over its frame rate is refused, then closed with 4429 after 10 s; another does not notice',
    async () => {
      const server = await startServer();
      const other = openClient(server.url, ['state/a']);
      await until(() => other.isLive, { what: 'the other' });
      const peer = await openRawPeer(server.url);
      let sent = 0;
      const flooding = setInterval(() => {
        for (let index = 0; index < 5 && peer.socket.readyState === peer.socket.OPEN; index += 1) {
          sent += 1;
          peer.send(
            sent % 2 === 0
              ? { type: 'request', id: sent, method: 'work.echo', params: sent }
              : { type: 'ping', t: sent },
          );
        }
      }, 10);
      onTestFinished(() => {
        clearInterval(flooding);
      });
      const startedAt = performance.now();
      let slowestMs = 0;
      while (peer.closed === undefined && performance.now() - startedAt < scaled(10_000) + 20_000) {
        const askedAt = performance.now();
        expect(await other.client.request('work.echo', askedAt)).toBe(askedAt);
        slowestMs = Math.max(slowestMs, performance.now() - askedAt);
        await delay(50);
      }
      const tookMs = performance.now() - startedAt;
      expect(peer.closed).toEqual({ code: 4429, reason: 'too many frames for too long' });
      expect(tookMs).toBeGreaterThan(scaled(10_000));
      expect(slowestMs).toBeLessThan(slackMs);
      const handled = peer.frames.filter(
        ({ type, ...rest }) => type === 'pong' || (type === 'response' && !('error' in rest)),
      );
      const { textFrameBurst, textFramesPerSecond } = browserLimits;
      expect(handled.length).toBeLessThanOrEqual(textFrameBurst + (textFramesPerSecond * tookMs) / 1_000 + 1);
      const refused = peer.frames.filter(isRateLimited);
      expect(refused.length).toBeGreaterThan(10);
      for (const frame of refused)
        if (frame.type === 'response') expect((frame as Refusal).error?.retryAfterMs).toBeGreaterThan(0);
      // Not one for each ping: at most one a second, scaled.
      const errors = refused.filter(({ type }) => type === 'error');
      expect(errors.length).toBeGreaterThan(0);
      expect(errors.length).toBeLessThanOrEqual(Math.ceil(tookMs / scaled(1_000)) + 1);
      expect(await server.call('stats')).toMatchObject({ connections: 1, queuedBytes: 0 });
    },
    caseTimeoutMs(60_000),
  );

  it(
    '[B4][B3] one that asks and does not read stops being read from; reading again, it gets every answer',
    async () => {
      const server = await startServer();
      await server.call('watchPeaks');
      const peer = await openRawPeer(server.url);
      const answerBytes = 200 * 1024;
      const asked = 190;
      // Kernel buffers are full before the answers are.
      peer.socket.pause();
      for (let id = 1; id <= asked; id += 1) {
        peer.send({ type: 'request', id, method: 'work.big', params: { bytes: answerBytes } });
        if (id % 5 === 0) await delay(1);
      }
      await until(async () => (await server.call('stats')).queuedBytes > mebibyte, { what: 'answers that wait' });
      const { framesIn } = await server.call('stats');
      expect(framesIn).toBeLessThan(asked);
      expect((await server.call('peaks')).queuedBytes).toBeLessThan(maxWaitingBytes(answerBytes));

      peer.socket.resume();
      await until(() => peer.frames.filter(({ type }) => type === 'response').length === asked, {
        what: 'every answer',
        but: async () => ({ frames: peer.frames.length, stats: await server.call('stats'), closed: peer.closed }),
      });
      const ids = peer.frames.flatMap((frame) => (frame.type === 'response' ? [frame['id']] : []));
      expect(ids).toEqual(Array.from({ length: asked }, (_, index) => index + 1));
      expect((await server.call('peaks')).queuedBytes).toBeLessThan(maxWaitingBytes(answerBytes));
    },
    caseTimeoutMs(60_000),
  );

  it(
    '[B4][B3] one that never reads its answers costs a bounded memory, though it asks all at once, and is closed with 4408',
    async () => {
      const server = await startServer({ timings: { stallTimeoutMs: timings.stallTimeoutMs } });
      await server.call('watchPeaks');
      const peer = await openRawPeer(server.url);
      // Two pass the bound, so that what is read too early shows.
      const answerBytes = 900 * 1024;
      peer.socket.pause();
      // In one turn, so that the server finds many of them in one read.
      for (let id = 1; id <= 190; id += 1) {
        peer.send({ type: 'request', id, method: 'work.big', params: { bytes: answerBytes } });
      }
      await until(async () => (await server.call('closes')).length > 0, {
        what: 'the close',
        withinMs: scaled(10_000) + 5_000 + slackMs,
      });
      expect(await server.call('closes')).toEqual([expect.objectContaining({ code: 4408 })]);
      expect((await server.call('peaks')).queuedBytes).toBeLessThan(maxWaitingBytes(answerBytes));
      expect(await server.call('stats')).toMatchObject({ connections: 0, queuedBytes: 0 });
    },
    caseTimeoutMs(60_000),
  );

  it(
    '[O8] more upgrades from one address than it may make are refused with 429, and let in again later',
    async () => {
      const server = await startServer();
      const startedAt = performance.now();
      const answers = await Promise.all(Array.from({ length: 650 }, () => upgrade(server.port)));
      const tookSeconds = (performance.now() - startedAt) / 1_000;
      const accepted = answers.filter(({ status }) => status === 101).length;
      const refused = answers.filter(({ status }) => status === 429);
      expect(accepted + refused.length).toBe(answers.length);
      expect(accepted).toBeGreaterThanOrEqual(500);
      expect(accepted).toBeLessThanOrEqual(501 + 50 * tookSeconds);
      expect(new Set(refused.map(({ retryAfter }) => retryAfter))).toEqual(new Set(['1']));
      expect((await server.call('stats')).connects).toMatchObject({ refused_rate: refused.length });
      await until(async () => (await upgrade(server.port)).status === 101, { what: 'an upgrade that is let in' });
    },
    caseTimeoutMs(30_000),
  );

  it(
    '[F8][S9] an endless stream of subscriptions with fresh parameters does not grow the server without bound',
    async () => {
      const many = { textFramesPerSecond: 1_000_000, textFrameBurst: 1_000_000, maxPendingRequests: 1_000 };
      const maxBrokerFeeds = 12_000;
      const server = await startServer({ limits: many, maxBrokerFeeds });
      await server.call('watchPeaks');
      const peer = await openRawPeer(server.url);
      let id = 0;
      let fresh = 0;
      const ask = async (method: string, params: object): Promise<RawFrame> => {
        id += 1;
        const wanted = id;
        peer.frames.length = 0;
        peer.send({ type: 'request', id, method, params });
        return until(() => peer.frames.find((frame) => frame['id'] === wanted), { what: `the answer to ${method}` });
      };
      const churn = async (feeds: number): Promise<void> => {
        for (const goal = fresh + feeds; fresh < goal;) {
          const items = Array.from({ length: 100 }, () => ({
            channel: 'ephemeral/a',
            params: { fresh: (fresh += 1) },
          }));
          const { result } = await ask('subscribe', { items });
          const held = (result as { readonly items: readonly { readonly ch?: number; readonly error?: unknown }[] })
            .items;
          expect(held.filter(({ error }) => error !== undefined)).toEqual([]);
          for (const { ch } of held) {
            id += 1;
            peer.send({ type: 'request', id, method: 'unsubscribe', params: { ch } });
          }
        }
        await until(async () => (await server.call('stats')).feeds === 0, {
          what: 'all feeds to be given up',
          withinMs: scaled(30_000) + 5_000 + slackMs,
          but: async () => (await server.call('stats')).feeds,
        });
      };
      await churn(2 * maxBrokerFeeds);
      const heapAfterFirst = await server.call('heapUsedBytes');
      await churn(2 * maxBrokerFeeds);
      const heapAfterSecond = await server.call('heapUsedBytes');
      // The server keeps 10,000 idle feeds at most, and one connection subscribes to 1,000.
      expect((await server.call('peaks')).feeds).toBeLessThanOrEqual(11_000);
      // What may stay is the broker's, up to its own bound.
      expect(heapAfterSecond - heapAfterFirst).toBeLessThan(4 * mebibyte);
    },
    caseTimeoutMs(180_000),
  );
});

/** Makes one upgrade and tells how it was answered. */
function upgrade(port: number): Promise<{ status: number | undefined; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/ws',
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.from('0123456789abcdef').toString('base64'),
        'Sec-WebSocket-Protocol': PROTOCOL_NAME,
      },
    });
    request.on('error', reject);
    request.on('upgrade', (response, socket) => {
      socket.on('error', () => {});
      onTestFinished(() => {
        socket.destroy();
      });
      resolve({ status: response.statusCode, retryAfter: undefined });
    });
    request.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'] });
    });
    request.end();
  });
}
