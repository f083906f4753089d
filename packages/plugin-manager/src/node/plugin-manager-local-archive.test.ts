import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFifo } from '../../test/support/make-fifo.ts';
import { copyLocalArchive, type LocalArchive } from './plugin-manager-local-archive.ts';

let root = '';
let drop = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'local-archive-'));
  drop = join(root, 'drop');
  await mkdir(join(drop, '..data'), { recursive: true });
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const hex = createHash('sha256').update('bytes').digest('hex');
const copy = (name: string, more: Partial<LocalArchive> = {}) =>
  copyLocalArchive({
    url: pathToFileURL(join(drop, name)).href,
    indexPath: join(drop, 'index.json'),
    destination: join(root, 'copy'),
    maxBytes: 100,
    digest: { algorithm: 'sha256', hex },
    signal: new AbortController().signal,
    onBytes: () => undefined,
    ...more,
  });

it('copies an archive, also one behind a link, as the folders of a ConfigMap have them', async () => {
  await writeFile(join(drop, '..data', 'a.tgz'), 'bytes');
  await symlink(join('..data', 'a.tgz'), join(drop, 'a.tgz'));
  expect(await copy('a.tgz')).toMatchObject({ bytes: 5, sha256: hex });
  expect(await readFile(join(root, 'copy'), 'utf8')).toBe('bytes');
});

it('follows no link out of the folder of the index', async () => {
  await writeFile(join(root, 'secret'), 'bytes');
  await symlink(join('..', 'secret'), join(drop, 'a.tgz'));
  await expect(copy('a.tgz')).rejects.toMatchObject({ code: 'E_PATH_TRAVERSAL', phase: 'download' });
});

it('says at once that a FIFO is no archive', async () => {
  makeFifo(join(drop, 'a.tgz'));
  await expect(copy('a.tgz')).rejects.toMatchObject({
    code: 'E_NOT_FOUND',
    message: expect.stringContaining('regular') as string,
  });
});

it('calls what it cannot write a failure of the store, and what it cannot read none', async () => {
  await writeFile(join(drop, 'a.tgz'), 'bytes');
  // The file system of the kernel takes no files, whoever asks.
  const unwritable = copy('a.tgz', { destination: '/sys/kernel/x.part' });
  await expect(unwritable).rejects.toMatchObject({ code: 'E_STORE_UNWRITABLE', phase: 'download' });
  await expect(copy('none.tgz')).rejects.toMatchObject({ code: 'E_NOT_FOUND', phase: 'download' });
});

it('refuses other bytes, and more than there may be', async () => {
  await writeFile(join(drop, 'a.tgz'), 'other');
  await expect(copy('a.tgz')).rejects.toMatchObject({
    code: 'E_INTEGRITY',
    phase: 'integrity',
    message: expect.stringMatching(/^the archive a\.tgz: expected sha256 \w+, got \w+$/) as string,
  });
  const short = copy('a.tgz', { maxBytes: 4, destination: join(root, 'other') });
  await expect(short).rejects.toMatchObject({ code: 'E_RESPONSE_TOO_LARGE' });
});
