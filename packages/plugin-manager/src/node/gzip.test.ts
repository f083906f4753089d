import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { defaultLimits as limits } from '../protocol/limits.ts';
import { readGzip } from './gzip.ts';

it('is read in as little memory however long it is, and every byte of it comes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gzip-'));
  try {
    const path = join(folder, 'archive.gz');
    const bytes = 48 * 2 ** 20;
    await writeFile(path, gzipSync(Buffer.alloc(bytes, 'no two buffers at once'), { level: 0 }));
    const before = process.memoryUsage().arrayBuffers;
    let [most, read] = [0, 0];
    for await (const chunk of readGzip(path, { phase: 'inspect', limits, signal: new AbortController().signal })) {
      read += chunk.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(read).toBe(bytes);
    expect(most).toBeLessThan(4 * 2 ** 20);
  } finally {
    await rm(folder, { recursive: true });
  }
});
