import { afterEach, describe, expect, it } from 'vitest';
import type { Broker } from '../../src/core/broker.ts';
import { createMemoryBroker } from '../../src/core/memory-broker.ts';
import type { Harness, MakeHarness } from './harness.ts';
import { manualSource } from './manual-source.ts';
import { subscribed } from './subscriptions.suite.ts';

/** Tokens: PROTOCOL.md section 10. */
export function tokensSuite(name: string, make: MakeHarness): void {
  describe(`${name}: tokens`, () => {
    let harness: Harness;
    afterEach(() => harness.dispose());

    const expiring = (inMs: number, user = 'ada@acme'): string =>
      `${user};exp=${String(Math.round(harness.now() + inMs))}`;

    it('[A2] a token that expires has its grace, then 4401', async () => {
      harness = await make();
      const peer = await harness.join(expiring(300));
      const joinedAt = harness.now();
      const closed = await harness.until('close', () => peer.closed);
      expect(closed.code).toBe(4401);
      expect(harness.now() - joinedAt).toBeGreaterThanOrEqual(200 + harness.timings.tokenGraceMs);
    });

    it('[A1] [A2] a refresh on the live connection tells the new expiry and keeps it open', async () => {
      harness = await make();
      const peer = await harness.join(expiring(200));
      const token = expiring(3_600_000);
      const id = peer.request('auth.refresh', { token });
      const response = await harness.until('response', () => peer.response(id));
      expect(response['result']).toMatchObject({ tokenExpiresAt: Number(/exp=(\d+)/.exec(token)?.[1]) });
      const startedAt = harness.now();
      await harness.until('long after', () => harness.now() - startedAt > 400 + harness.timings.tokenGraceMs);
      expect(peer.closed).toBeUndefined();
    });

    it.each([
      ['another user', 'bob@acme'],
      ['another organisation', 'ada@evil'],
      ['an invalid token', 'nonsense'],
    ])('[A3] a refresh with %s closes with 4501', async (_what, token) => {
      harness = await make();
      const peer = await harness.join();
      peer.request('auth.refresh', { token });
      expect((await harness.until('close', () => peer.closed)).code).toBe(4501);
    });

    it('[A3] a refresh with a token that has just expired is refused and the connection keeps its grace', async () => {
      harness = await make();
      const peer = await harness.join();
      const id = peer.request('auth.refresh', { token: 'ada@acme;exp=1' });
      expect(await harness.until('response', () => peer.response(id))).toMatchObject({
        error: { code: 'UNAUTHENTICATED' },
      });
      const bad = peer.request('auth.refresh', {});
      expect(await harness.until('response', () => peer.response(bad))).toMatchObject({
        error: { code: 'BAD_REQUEST' },
      });
      expect(peer.closed).toBeUndefined();
    });

    it('[A4] [F9] a refresh authorises every subscription again: changed scopes end retryable, lost permissions for good', async () => {
      const stays = manualSource('stays', 'ephemeral');
      const moves = manualSource('moves', 'ephemeral');
      const lost = manualSource('lost', 'ephemeral');
      harness = await make({ channels: [stays, moves, lost] });
      const peer = await harness.join();
      const items = await subscribed(harness, peer, { channel: 'stays' }, { channel: 'moves' }, { channel: 'lost' });
      moves.scope = '/narrower';
      lost.denied.add('acme');
      const id = peer.request('auth.refresh', { token: 'ada@acme' });
      await harness.until('response', () => peer.response(id));
      expect(peer.all('unsubscribed').map(({ ch, code, retryable }) => ({ ch, code, retryable }))).toEqual([
        { ch: items[1]?.['ch'], code: 'SCOPE_CHANGED', retryable: true },
        { ch: items[2]?.['ch'], code: 'FORBIDDEN', retryable: false },
      ]);
      moves.opened[0]?.sink.publish({ data: 'of the old scope' });
      stays.sink.publish({ data: 'still here' });
      await harness.until('still here', () => peer.find('publication'));
      await harness.settle();
      expect(peer.all('publication').map((frame) => frame['data'])).toEqual(['still here']);
    });

    it('[A4] a change of policy is asked for without a refresh', async () => {
      const source = manualSource('ticks', 'ephemeral');
      harness = await make({ channels: [source] });
      const [ada, bob] = [await harness.join('ada@acme'), await harness.join('bob@other')];
      await subscribed(harness, ada, { channel: 'ticks' });
      await subscribed(harness, bob, { channel: 'ticks' });
      source.denied.add('acme').add('other');
      await harness.server.authorizeAgain({ orgId: 'acme' });
      expect(await harness.until('unsubscribed', () => ada.find('unsubscribed'))).toMatchObject({ code: 'FORBIDDEN' });
      expect(bob.find('unsubscribed')).toBeUndefined();
    });

    it('[A4] a source is told whether it is asked for a subscription that is there already', async () => {
      const source = manualSource('ticks', 'ephemeral');
      const authorize = source.authorize.bind(source);
      const asked: (boolean | undefined)[] = [];
      source.authorize = (request) => {
        asked.push(request.isAgain);
        return authorize(request);
      };
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'ticks' });
      const id = peer.request('auth.refresh', { token: 'ada@acme' });
      await harness.until('response', () => peer.response(id));
      await harness.server.authorizeAgain({ orgId: 'acme' });
      await subscribed(harness, peer, { channel: 'ticks' });
      expect(asked).toEqual([undefined, true, true, undefined]);
    });

    it('[A4] [S8] a permission that is taken away while a subscription is opened counts', async () => {
      let open: () => void = () => undefined;
      const source = manualSource(
        'slow',
        'recoverable',
        () =>
          new Promise((resolve) => {
            open = () => {
              resolve({});
            };
          }),
      );
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      const id = peer.subscribe({ channel: 'slow' });
      await harness.until('opening', () => source.opened.length === 1);
      source.denied.add('acme');
      await harness.server.authorizeAgain({ orgId: 'acme' });
      open();
      const response = await harness.until('response', () => peer.response(id));
      expect(response).toMatchObject({ result: { items: [{ error: { code: 'FORBIDDEN' } }] } });
      source.sink.publish({ data: 'secret' });
      await harness.settle();
      expect(peer.find('publication')).toBeUndefined();
    });

    it('[A4] [S3] a refresh while a subscription is resumed loses nothing', async () => {
      const source = manualSource('log', 'recoverable');
      const gate: { closed?: Promise<void> } = {};
      const authorize = source.authorize.bind(source);
      source.authorize = async (request) => {
        await gate.closed;
        return authorize(request);
      };
      harness = await make({ channels: [source] });
      const first = await harness.join();
      await subscribed(harness, first, { channel: 'log' });
      for (const data of [1, 2]) source.sink.publish({ data });
      const { position } = await harness.until('one', () => first.find('publication'));
      let release: () => void = () => undefined;
      gate.closed = new Promise((resolve) => {
        release = resolve;
      });
      const peer = await harness.join();
      const id = peer.subscribe({ channel: 'log', since: position });
      await harness.settle();
      peer.request('auth.refresh', { token: 'ada@acme' });
      await harness.settle();
      release();
      const response = await harness.until('response', () => peer.response(id));
      expect(response).toMatchObject({ result: { items: [{ mode: 'recovered' }] } });
      await harness.until('two', () => peer.find('publication', (frame) => frame['data'] === 2));
    });

    it('[A4] a permission that cannot be checked for the moment ends the subscription retryable', async () => {
      const source = manualSource('ticks', 'ephemeral');
      harness = await make({ channels: [source] });
      const peer = await harness.join();
      await subscribed(harness, peer, { channel: 'ticks' });
      const authorize = source.authorize.bind(source);
      source.authorize = () => {
        throw new Error('the database is away');
      };
      await harness.server.authorizeAgain({ orgId: 'acme' });
      expect(await harness.until('unsubscribed', () => peer.find('unsubscribed'))).toMatchObject({
        code: 'UNAVAILABLE',
        retryable: true,
      });
      source.authorize = () => ({}) as never;
      expect(await subscribed(harness, peer, { channel: 'ticks' })).toMatchObject([{ error: { code: 'UNAVAILABLE' } }]);
      source.authorize = authorize;
      expect(await subscribed(harness, peer, { channel: 'ticks' })).toMatchObject([{ mode: 'live' }]);
    });

    it.each([
      ['a user', { userId: 'ada', orgId: 'acme' }, [0, 1]],
      ['an organisation', { orgId: 'acme' }, [0, 1, 2]],
      ['a token', { jti: 't1' }, [0]],
    ])(
      '[A5] revoking %s closes its connections with 4501 on every server of the broker, and no others',
      async (_what, selector, hit) => {
        const broker = createMemoryBroker({ random: Math.random });
        harness = await make({ broker });
        const other = await make({ broker });
        try {
          const peers = [
            await harness.join('ada@acme;jti=t1'),
            await other.join('ada@acme;jti=t2'),
            await other.join('bob@acme;jti=t3'),
            await harness.join('ada@evil;jti=t4'),
          ];
          await harness.server.revoke(selector);
          for (const index of hit) expect((await other.until('close', () => peers[index]?.closed)).code).toBe(4501);
          await other.settle();
          await harness.settle();
          expect(peers.map((peer, index) => (hit.includes(index) ? true : peer.closed === undefined))).toEqual([
            true,
            true,
            true,
            true,
          ]);
        } finally {
          await other.dispose();
        }
      },
    );

    it('[A5] a revocation that the broker failed to deliver is acted upon at the next check', async () => {
      const inner = createMemoryBroker({ random: Math.random });
      const publishing = await make({ broker: inner });
      // Its subscription fails once, and then hears nothing.
      let attempts = 0;
      const broker: Broker = {
        publish: (...args) => inner.publish(...args),
        history: (...args) => inner.history(...args),
        subscribe: (feed) => {
          attempts += 1;
          if (attempts === 1) return Promise.reject(new Error('the broker is away'));
          return inner.subscribe(feed, () => undefined);
        },
        unsubscribe: () => Promise.resolve(),
        onLoss: () => () => undefined,
        dispose: () => inner.dispose(),
      };
      harness = await make({ broker });
      try {
        const peer = await harness.join('ada@acme;jti=t1');
        const other = await harness.join('bob@acme;jti=t2');
        await harness.until('the second attempt', () => attempts === 2);
        await harness.settle();
        await publishing.server.revoke({ jti: 't1' });
        expect((await harness.until('close', () => peer.closed)).code).toBe(4501);
        expect(other.closed).toBeUndefined();
      } finally {
        await publishing.dispose();
      }
    });

    it('[A5] no channel reaches the feed of revocations', async () => {
      const broker = createMemoryBroker({ random: Math.random });
      harness = await make({ broker });
      const peer = await harness.join();
      for (const channel of ['fleetwire:revocations', 'sys/revocations']) {
        const data = { orgId: 'acme' };
        if (channel.startsWith('sys/')) await harness.server.publish({ system: true, channel }, data);
        else await harness.server.publish({ orgId: 'acme', channel }, data);
      }
      await harness.settle();
      expect(peer.closed).toBeUndefined();
    });

    it('[A5] a revocation that comes while a token is being checked counts', async () => {
      let asked = false;
      let answer: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => {
        answer = resolve;
      });
      harness = await make({
        authenticate: async () => {
          asked = true;
          await gate;
          return { identity: { userId: 'ada', orgId: 'acme', jti: 't1' } };
        },
      });
      const peer = harness.dial();
      await harness.until('open', () => peer.opened);
      peer.hello('x');
      await harness.until('asked', () => asked);
      await harness.server.revoke({ jti: 'another' });
      await harness.server.revoke({ jti: 't1' });
      answer();
      expect((await harness.until('close', () => peer.closed)).code).toBe(4501);
      expect(peer.frames).toEqual([]);
    });

    it('[A5] an empty selector selects nothing, and revoking nothing is an error', async () => {
      harness = await make();
      const peer = await harness.join();
      expect(harness.server.disconnect({}, { code: 4501, reason: '' })).toBe(0);
      await expect(harness.server.revoke({})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(peer.closed).toBeUndefined();
    });
  });
}
