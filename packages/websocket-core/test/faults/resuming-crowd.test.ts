import { describe, expect, it } from 'vitest';
import { queueLimits } from '../../src/protocol/limits.ts';
import { openRawPeer, startServer, type RawFrame } from './harness.ts';
import { caseTimeoutMs } from './scale.ts';
import { until } from './until.ts';

const channel = 'recoverable/a';
const count = 40;
/** Seven megabytes that the ring has forgotten and the broker has not. */
const missed = { channels: [channel], count: 900, bytes: 8 * 1024 };
const maxRingBytes = 256 * 1024;
/** A page of the history, which is all that one subscriber may keep of it at a time, with room for the frames' heads. */
const pageBytes = 100 * (missed.bytes + 512);

function positionOf(frames: readonly RawFrame[]): string | undefined {
  const response = frames.find(({ type }) => type === 'response') as
    { readonly result: { readonly items: readonly { readonly position: string }[] } } | undefined;
  return response?.result.items[0]?.position;
}

describe('a crowd that resumes from the history and does not read', () => {
  it(
    '[B1][F4][S3] costs the server a page of what it missed for each, never all of it, and gets it all in order',
    async () => {
      const server = await startServer({ queueLimits: { maxRingBytes } });
      const scout = await openRawPeer(server.url);
      scout.send({ type: 'request', id: 1, method: 'subscribe', params: { items: [{ channel }] } });
      const since = await until(() => positionOf(scout.frames), { what: 'a position' });
      scout.socket.terminate();
      await server.call('burst', { ...missed, first: 1 });
      const peers = await Promise.all(Array.from({ length: count }, () => openRawPeer(server.url)));
      const before = await server.call('heapUsedBytes');

      for (const peer of peers) {
        peer.socket.pause();
        peer.send({ type: 'request', id: 1, method: 'subscribe', params: { items: [{ channel, since }] } });
      }
      await until(async () => (await server.call('stats')).subscribes['resume_recovered'] === count, {
        what: 'all of them to be subscribed',
      });
      const oneCopy = missed.count * missed.bytes;
      const allowed = oneCopy + count * (queueLimits.maxQueuedBytes + pageBytes);
      expect(allowed).toBeLessThan((count * oneCopy) / 5);
      const heldBytes = async () => (await server.call('heapUsedBytes')) - before;
      // Nobody reads, so it only becomes less: V8 frees buffers on a thread of its own, which may not have had its turn.
      await until(async () => (await heldBytes()) < allowed, {
        what: `${String(allowed)} bytes at most`,
        but: heldBytes,
      });

      for (const peer of peers) peer.socket.resume();
      await until(
        () => peers.every(({ frames }) => frames.filter(({ type }) => type === 'publication').length === missed.count),
        {
          what: 'everybody to have what it missed',
          but: () => peers.map(({ frames }) => frames.length),
        },
      );
      for (const { frames } of peers) {
        const numbers = frames.flatMap((frame) =>
          frame.type === 'publication' ? [(frame['data'] as { readonly seq: number }).seq] : [],
        );
        expect(numbers).toEqual(Array.from({ length: missed.count }, (_, index) => index + 1));
      }
    },
    caseTimeoutMs(30_000),
  );
});
