import type * as fileSystem from 'node:fs';
import { close, closeSync, fstatSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createTreeWriter } from './archive-tree.ts';

vi.mock('node:fs', async (original) => {
  const actual = await original<typeof fileSystem>();
  return { ...actual, close: vi.fn(actual.close), closeSync: vi.fn(actual.closeSync) };
});

it('a file whose close reports an error is closed once: its number may be of another file by then', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'archive-tree-'));
  const actual = await vi.importActual<typeof fileSystem>('node:fs');
  let other: number | undefined;
  let closed: number | undefined;
  try {
    const tree = await createTreeWriter(folder, []);
    vi.mocked(closeSync).mockImplementationOnce((descriptor) => {
      actual.closeSync(descriptor);
      // POSIX gives the lowest number that is free.
      other = openSync(import.meta.filename, 'r');
      closed = descriptor;
      throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
    });
    await tree.createFile({ path: 'empty', size: 0, index: 0 });
    await expect(tree.finish()).rejects.toMatchObject({ code: 'E_STORE', phase: 'extract' });
    expect(other).toBe(closed);
    await tree.abandon();
    expect(fstatSync(other ?? -1).isFile()).toBe(true);
  } finally {
    if (other !== undefined) actual.closeSync(other);
    await rm(folder, { recursive: true });
  }
});

it('a file that is given up is closed once, however often that is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'archive-tree-'));
  try {
    const tree = await createTreeWriter(folder, []);
    await tree.createFile({ path: 'half', size: 2, index: 0 });
    vi.mocked(close).mockClear();
    await tree.abandon();
    await tree.abandon();
    expect(close).toHaveBeenCalledOnce();
  } finally {
    await rm(folder, { recursive: true });
  }
});
