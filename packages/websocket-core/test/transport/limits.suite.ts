import { afterEach, describe, expect, it } from 'vitest';
import type { Harness, MakeHarness } from './harness.ts';

/** Limits: PROTOCOL.md section 8. What needs a slow reader stands in the fault suite and in the feeds' own tests. */
export function limitsSuite(name: string, make: MakeHarness): void {
  describe(`${name}: limits`, () => {
    let harness: Harness;
    afterEach(() => harness.dispose());

    it('[B5] frames over the burst are answered with RATE_LIMITED and not handled; after a pause all is well', async () => {
      let handled = 0;
      harness = await make({
        limits: { textFramesPerSecond: 1, textFrameBurst: 5 },
        requests: {
          'count.me': () => {
            handled += 1;
          },
        },
      });
      const peer = await harness.join();
      const ids = Array.from({ length: 8 }, () => peer.request('count.me'));
      for (const data of [1, 2, 3]) peer.send({ type: 'message', name: 'x', data });
      await harness.until('all responses', () => ids.every((id) => peer.response(id)));
      expect(handled).toBe(5);
      const refused = ids.slice(5).map((id) => peer.response(id)?.['error']);
      for (const error of refused) expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
      expect((refused[0] as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(0);
      await harness.settle();
      expect(peer.all('error').length).toBeLessThanOrEqual(1);
      const startedAt = harness.now();
      await harness.until('a pause', () => harness.now() - startedAt > 1_500);
      const id = peer.request('count.me');
      expect(await harness.until('response', () => peer.response(id))).toMatchObject({ result: null });
    });

    it('[B5] a connection that stays over the rate is closed with 4429', async () => {
      harness = await make({ limits: { textFramesPerSecond: 2, textFrameBurst: 2 } });
      const peer = await harness.join();
      await harness.until('close', () => {
        if (peer.closed === undefined) peer.send({ type: 'message', name: 'x' });
        return peer.closed;
      });
      expect(peer.closed?.code).toBe(4429);
    });

    it('[B5] frames of the largest size, one after the other, wait for their turn: each is answered, in order', async () => {
      const texts: number[] = [];
      harness = await make({
        limits: { textFramesPerSecond: 50, textFrameBurst: 20, maxPayloadBytes: 70_000 },
        requests: {
          'count.me': (params) => {
            texts.push((params as { text: string }).text.length);
          },
        },
      });
      const peer = await harness.join();
      const ids = Array.from({ length: 12 }, () => peer.request('count.me', { text: 'x'.repeat(60_000) }));
      await harness.settle();
      // What 20 frames of 8 KiB allow at once, and one that goes over.
      expect(texts.length).toBeLessThan(12);
      await harness.until('all responses', () => ids.every((id) => peer.response(id)));
      expect(peer.all('response').map(({ id, error }) => [id, error])).toEqual(ids.map((id) => [id, undefined]));
      expect(texts).toHaveLength(12);
    });

    it('[B5] a peer whose frames wait can still be closed, and answers it', async () => {
      harness = await make({ limits: { textFramesPerSecond: 0.1, textFrameBurst: 1 } });
      const peer = await harness.join();
      peer.send({ type: 'message', name: 'x', data: 'x'.repeat(100_000) });
      peer.send({ type: 'message', name: 'x' });
      await harness.settle();
      harness.server.disconnect({ orgId: 'acme' }, { code: 4409, reason: 'another came' });
      expect(await harness.until('close', () => peer.closed)).toEqual({ code: 4409, reason: 'another came' });
      expect(harness.server.stats().connections).toBe(0);
    });

    it('[B6] an endpoint tells its own limits in welcome and holds them', async () => {
      harness = await make({ limits: { maxSubscribeItems: 3, maxPayloadBytes: 5_000 } });
      const peer = await harness.join();
      expect(peer.find('welcome')).toMatchObject({ limits: { maxSubscribeItems: 3, maxPayloadBytes: 5_000 } });
      const id = peer.subscribe(...Array.from({ length: 4 }, () => ({ channel: 'a' })));
      expect(await harness.until('response', () => peer.response(id))).toMatchObject({
        error: { code: 'BAD_REQUEST' },
      });
    });
  });
}
