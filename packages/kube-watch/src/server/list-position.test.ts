import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { positionOfList } from './list-position.ts';

const positionOf = (pieces: readonly string[]): Promise<string | undefined> =>
  positionOfList(Readable.from(pieces.map((piece) => Buffer.from(piece))) as IncomingMessage, 10_000, () => {});

describe('the position of a list', () => {
  it('stands before its items, or after them', async () => {
    const metadata = '"metadata":{"resourceVersion":"12"}';
    expect(await positionOf([`{"kind":"PodList","apiVersion":"v1",${metadata},"items":[]}`])).toBe('12');
    const items = `"items":[{"metadata":{"resourceVersion":"5"},"data":"${'x'.repeat(100_000)}"}]`;
    expect(await positionOf(['{"kind":"Pod', `List",${items},`, metadata, '}'])).toBe('12');
    expect(await positionOf(['{"kind":"Status"}'])).toBeUndefined();
  });

  it('is not looked for in all that came with each piece that comes', async () => {
    const startedAt = process.cpuUsage();
    await positionOf([`{"kind":"${'a'.repeat(2_000_000)}`, ...Array<string>(2_000).fill('a')]);
    const { user } = process.cpuUsage(startedAt);
    // As many readings of two megabytes take several seconds.
    expect(user / 1_000).toBeLessThan(1_500);
  });
});
