import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'make-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('makes a folder with its parents, with their mode, and takes one that is there, several at once', async () => {
  const path = join(folder, 'a/b/c');
  await Promise.all(Array.from({ length: 5 }, () => makeFolder(path, 0o700)));
  await makeFolder(path);
  await makeFolder('/');
  for (const each of ['a', 'a/b', 'a/b/c']) expect((await stat(join(folder, each))).mode & 0o777).toBe(0o700);
});

it('takes a link to a folder, and says what is in the way otherwise', async () => {
  await symlink('.', join(folder, 'here'));
  await makeFolder(join(folder, 'here/new'));
  await writeFile(join(folder, 'file'), '');
  await symlink('gone', join(folder, 'dangling'));
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder, 'file/new'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(makeFolder(join(folder, 'dangling/new'))).rejects.toMatchObject({ code: 'EEXIST' });
});

it.skipIf(!existsSync('/proc/self'))('a file system that takes no folders says so at once', async () => {
  for (const path of ['/proc/x', '/proc/x/y/z'])
    await expect(makeFolder(path)).rejects.toMatchObject({ code: 'EPERM', path: '/proc/x' });
});
