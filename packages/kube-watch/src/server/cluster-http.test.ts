import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { bodyOf } from './cluster-http.ts';

describe('a body that is read whole', () => {
  it('[G11] holds as much as a Status may, and no more', async () => {
    const bodyOfBytes = (bytes: number): Promise<string> =>
      bodyOf(Readable.from(Array<Buffer>(bytes / 1_000).fill(Buffer.alloc(1_000, 'é'))) as IncomingMessage, 10_000);
    expect(await bodyOfBytes(60_000)).toHaveLength(30_000);
    await expect(bodyOfBytes(100_000)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});
