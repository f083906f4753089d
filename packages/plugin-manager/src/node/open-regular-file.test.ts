import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFifo } from '../../test/support/make-fifo.ts';
import { openRegularFile } from './open-regular-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regular-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('opens a regular file, also one behind a link', async () => {
  await writeFile(join(folder, 'a'), 'text');
  await symlink('a', join(folder, 'b'));
  await using file = await openRegularFile(join(folder, 'b'));
  expect(file?.status.size).toBe(4);
  expect(await file?.handle.readFile('utf8')).toBe('text');
});

it('takes nothing else for one, and waits for nobody who writes to a FIFO', async () => {
  await mkdir(join(folder, 'folder'));
  makeFifo(join(folder, 'fifo'));
  expect(await openRegularFile(join(folder, 'folder'))).toBeUndefined();
  expect(await openRegularFile(join(folder, 'fifo'))).toBeUndefined();
  expect(await openRegularFile('/dev/null')).toBeUndefined();
});

it('rejects with what the file system says', async () => {
  await expect(openRegularFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});
