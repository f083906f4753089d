import { afterEach, describe, expect, it } from 'vitest';
import type { Harness, MakeHarness } from './harness.ts';

/** Messages, opening and liveness: PROTOCOL.md sections 2 to 4. */
export function openingSuite(name: string, make: MakeHarness): void {
  describe(`${name}: messages and opening`, () => {
    let harness: Harness;
    afterEach(() => harness.dispose());

    it('[O1] [O6] a hello is answered with a welcome that tells id, limits, heartbeat and expiry', async () => {
      harness = await make();
      const peer = harness.dial();
      await harness.until('open', () => peer.opened);
      const expiresAt = Math.round(harness.now() + 3_600_000);
      peer.hello(`ada@acme;exp=${String(expiresAt)}`);
      const welcome = await harness.until('welcome', () => peer.find('welcome'));
      expect(welcome).toMatchObject({
        protocol: 1,
        heartbeatMs: harness.timings.heartbeatMs,
        tokenExpiresAt: expiresAt,
        limits: { maxPayloadBytes: 262_144, textFramesPerSecond: 50, textFrameBurst: 200 },
      });
      expect(welcome['connectionId']).toMatch(/^c-/);
      expect(Math.abs((welcome['sentAt'] as number) - harness.now())).toBeLessThan(60_000);
      expect(peer.frames[0]).toBe(welcome);
    });

    it.each([
      ['a request', { type: 'request', id: 1, method: 'x.y' }],
      ['a frame of an unknown type', { type: 'later' }],
      ['a hello without peer', { type: 'hello', protocol: 1 }],
    ])('[O1] %s as the first frame closes with 1002', async (_what, frame) => {
      harness = await make();
      const peer = harness.dial();
      await harness.until('open', () => peer.opened);
      peer.send(frame);
      expect((await harness.until('close', () => peer.closed)).code).toBe(1002);
      expect(peer.frames).toEqual([]);
    });

    it('[O1] a frame between hello and welcome closes with 1002', async () => {
      let answer: () => void = () => undefined;
      const waiting = new Promise<void>((resolve) => {
        answer = resolve;
      });
      harness = await make({
        authenticate: async () => {
          await waiting;
          return { identity: { userId: 'ada', orgId: 'acme' } };
        },
      });
      const peer = harness.dial();
      await harness.until('open', () => peer.opened);
      peer.hello('ada@acme');
      peer.request('x.y');
      expect((await harness.until('close', () => peer.closed)).code).toBe(1002);
      answer();
      await harness.settle();
      expect(peer.frames).toEqual([]);
      expect(harness.server.stats().connections).toBe(0);
    });

    it('[O2] a connection without a hello is closed with 4408', async () => {
      harness = await make();
      const peer = harness.dial();
      await harness.until('open', () => peer.opened);
      expect((await harness.until('close', () => peer.closed)).code).toBe(4408);
    });

    it('[O2] an authentication that does not end is closed with 4408 and told to stop', async () => {
      let signal: AbortSignal | undefined;
      harness = await make({
        authenticate: (request) => {
          ({ signal } = request);
          return new Promise(() => undefined);
        },
      });
      const peer = harness.dial();
      await harness.until('open', () => peer.opened);
      peer.hello('ada@acme');
      expect((await harness.until('close', () => peer.closed)).code).toBe(4408);
      expect(signal?.aborted).toBe(true);
    });

    it('[O3] a peer that speaks a later revision is welcomed with the one that both speak', async () => {
      harness = await make();
      const peer = harness.dial();
      await harness.until('open', () => peer.opened);
      peer.hello('ada@acme', { protocol: 7 });
      expect(await harness.until('welcome', () => peer.find('welcome'))).toMatchObject({ protocol: 1 });
    });

    it('[O4] the token of the upgrade counts when hello has none, and hello wins when it has one', async () => {
      const seen: unknown[] = [];
      harness = await make({
        authenticate: ({ token, tokenSource }) => {
          seen.push([token, tokenSource]);
          return { identity: { userId: 'ada', orgId: 'acme' } };
        },
      });
      const entry = `fleetwire.bearer.${Buffer.from('first@acme').toString('base64url')}`;
      for (const token of [undefined, 'second@acme']) {
        const peer = harness.dial(['fleetwire.v1', entry]);
        await harness.until('open', () => peer.opened);
        peer.hello(token);
        await harness.until('welcome', () => peer.find('welcome'));
      }
      const peer = harness.dial(undefined, '?token=third%40acme');
      await harness.until('open', () => peer.opened);
      peer.hello();
      await harness.until('welcome', () => peer.find('welcome'));
      expect(seen).toEqual([
        ['first@acme', 'subprotocol'],
        ['second@acme', 'hello'],
        ['third@acme', 'query'],
      ]);
    });

    it.each([
      ['an invalid token', 'nonsense', 4501],
      ['no token', undefined, 4501],
      ['an expired token', 'ada@acme;exp=1', 4401],
      ['an identity that may not use the endpoint', 'forbidden', 4503],
    ])('[O5] %s closes with its code', async (_what, token, code) => {
      harness = await make();
      const peer = harness.dial();
      await harness.until('open', () => peer.opened);
      peer.hello(token);
      expect((await harness.until('close', () => peer.closed)).code).toBe(code);
    });

    it('[O5] a server that fails while it authenticates closes with 1011 and says nothing of the cause', async () => {
      harness = await make({
        authenticate: () => {
          throw new Error('the password of the database is 1234');
        },
      });
      const peer = harness.dial();
      await harness.until('open', () => peer.opened);
      peer.hello('ada@acme');
      const closed = await harness.until('close', () => peer.closed);
      expect(closed.code).toBe(1011);
      expect(closed.reason).not.toContain('1234');
    });

    it('[O6] ext passes through in both directions, opaque', async () => {
      let seen: unknown;
      harness = await make({
        authenticate: ({ ext }) => {
          seen = ext;
          return { identity: { userId: 'ada', orgId: 'acme' }, welcomeExt: { fence: 3 } };
        },
      });
      const peer = harness.dial();
      await harness.until('open', () => peer.opened);
      peer.hello('ada@acme', { ext: { agentId: 'a-1', nested: [1] } });
      expect(await harness.until('welcome', () => peer.find('welcome'))).toMatchObject({ ext: { fence: 3 } });
      expect(seen).toEqual({ agentId: 'a-1', nested: [1] });
    });

    it('[O7] a second hello closes with 1002', async () => {
      harness = await make();
      const peer = await harness.join();
      peer.hello('ada@acme');
      expect((await harness.until('close', () => peer.closed)).code).toBe(1002);
    });

    it.each([
      ['text that is not JSON', '{"type":'],
      ['two documents in one message', '{"type":"ping","t":1}{"type":"ping","t":2}'],
      ['an array', '[]'],
      ['a number', '7'],
      ['an object without type', '{}'],
    ])('[M2] %s closes with 1007', async (_what, text) => {
      harness = await make();
      const peer = await harness.join();
      peer.sendText(text);
      expect((await harness.until('close', () => peer.closed)).code).toBe(1007);
    });

    it.each([
      ['a __proto__ key', '{"type":"message","name":"x","data":{"a":[{"__proto__":{"admin":true}}]}}'],
      ['an escaped __proto__ key', '{"type":"message","name":"x","data":{"\\u005f_proto__":1}}'],
      ['deep nesting', `{"type":"message","name":"x","data":${'['.repeat(70)}${']'.repeat(70)}}`],
    ])('[M3] %s closes with 1007', async (_what, text) => {
      harness = await make();
      const peer = await harness.join();
      peer.sendText(text);
      expect((await harness.until('close', () => peer.closed)).code).toBe(1007);
    });

    it('[M4] unknown keys are ignored', async () => {
      harness = await make();
      const peer = await harness.join();
      peer.send({ type: 'ping', t: 1, later: { more: true } });
      expect(await harness.until('pong', () => peer.find('pong'))).toEqual({ type: 'pong', t: 1 });
    });

    it('[M5] an unknown type is answered with UNKNOWN_TYPE and the connection goes on', async () => {
      harness = await make();
      const peer = await harness.join();
      peer.send({ type: 'teleport', id: 9 });
      expect(await harness.until('error', () => peer.find('error'))).toMatchObject({
        code: 'UNKNOWN_TYPE',
        about: { type: 'teleport', id: 9 },
      });
      peer.send({ type: 'ping', t: 2 });
      await harness.until('pong', () => peer.find('pong'));
    });

    it('[M6] wrong fields are answered with BAD_FRAME that names the field; a bad request gets its response', async () => {
      harness = await make();
      const peer = await harness.join();
      peer.send({ type: 'message', data: 1 });
      const error = await harness.until('error', () => peer.find('error'));
      expect(error).toMatchObject({ code: 'BAD_FRAME', retryable: false, about: { type: 'message' } });
      expect(error['message']).toContain('name');
      peer.send({ type: 'request', id: 5, method: 7 });
      expect(await harness.until('response', () => peer.response(5))).toMatchObject({ error: { code: 'BAD_REQUEST' } });
      peer.send({ type: 'ping', t: 2 });
      await harness.until('pong', () => peer.find('pong'));
    });

    it('[M7] an error is never answered, not even a wrong one', async () => {
      harness = await make();
      const peer = await harness.join();
      peer.send({ type: 'error', code: 'BAD_FRAME', message: 'x', retryable: false });
      peer.send({ type: 'error', code: 12 });
      peer.send({ type: 'ping', t: 3 });
      await harness.until('pong', () => peer.find('pong'));
      expect(peer.all('error')).toEqual([]);
    });

    it('[M9] a malformed stream id closes with 1002, an unknown one is answered', async () => {
      harness = await make();
      const peer = await harness.join();
      peer.sendBinary(Uint8Array.of(7, 1, 2, 3));
      expect(await harness.until('stream.close', () => peer.find('stream.close'))).toMatchObject({
        id: 7,
        code: 'STREAM_UNKNOWN',
      });
      peer.send({ type: 'stream.open', id: 9, kind: 'console' });
      expect(
        await harness.until('refusal', () => peer.find('stream.close', (frame) => frame['id'] === 9)),
      ).toMatchObject({ code: 'STREAM_REFUSED' });
      peer.sendBinary(Uint8Array.of(0x80, 0x80));
      expect((await harness.until('close', () => peer.closed)).code).toBe(1002);
    });

    it('[L3] [L4] a JSON ping comes back with the same t, and none is ever demanded', async () => {
      harness = await make();
      const peer = await harness.join();
      peer.send({ type: 'ping', t: 41.5 });
      expect(await harness.until('pong', () => peer.find('pong'))).toEqual({ type: 'pong', t: 41.5 });
      const startedAt = harness.now();
      const { heartbeatMs, pongTimeoutMs } = harness.timings;
      await harness.until(
        'well after the next heartbeat',
        () => harness.now() - startedAt > heartbeatMs + 1.5 * pongTimeoutMs,
      );
      expect(peer.closed).toBeUndefined();
      expect(peer.all('ping')).toEqual([]);
    });

    it('[G2] [G4] a drained server sends goaway, then 1012 to what is left, and is not ready', async () => {
      harness = await make();
      const peer = await harness.join();
      expect(harness.server.ready).toBe(true);
      const drained = harness.server.drain({ deadlineMs: 1_000, retryAfterMs: 250 });
      expect(harness.server.ready).toBe(false);
      expect(await harness.until('goaway', () => peer.find('goaway'))).toEqual({
        type: 'goaway',
        code: 'DRAINING',
        reason: 'the server is about to stop',
        retryAfterMs: 250,
      });
      peer.send({ type: 'ping', t: 1 });
      await harness.until('served as before', () => peer.find('pong'));
      expect((await harness.until('close', () => peer.closed)).code).toBe(1012);
      await drained;
    });

    it('[G6] a long close reason arrives cut at a character', async () => {
      harness = await make();
      const peer = await harness.join();
      harness.server.disconnect({ userId: 'ada' }, { code: 4503, reason: 'ü'.repeat(200) });
      expect(await harness.until('close', () => peer.closed)).toEqual({ code: 4503, reason: 'ü'.repeat(61) });
    });
  });
}
