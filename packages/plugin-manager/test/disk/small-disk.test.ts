import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCatalogServer, type CatalogServer } from '../../src/testing/catalog-server.ts';
import { crashPackages } from '../crash/crash-catalog.ts';
import { isFull } from '../support/scale.ts';
import type { FullDiskRemoval, LateDiskRound } from './late-disk-process.ts';
import type { ReadOnlyRound, SmallDiskRound } from './small-disk-process.ts';

const kibibyte = 1024;
const diskBytes = 4 * 1024 * kibibyte;
/** More than an update needs: the archive, and what it holds. */
const mostBytes = 700 * kibibyte;
const stepBytes = (isFull ? 8 : 28) * kibibyte;
const script = fileURLToPath(new URL('small-disk-process.ts', import.meta.url));
const lateScript = fileURLToPath(new URL('late-disk-process.ts', import.meta.url));

/** Runs a command where a small disk is mounted at `$DISK`; the disk goes with the last process that sees it. */
function onSmallDisk(disk: string, command: readonly string[]): readonly [string, readonly string[]] {
  const isRoot = process.getuid?.() === 0;
  const mount = `mount -t tmpfs -o size=${diskBytes} tmpfs "$0" && exec "$@"`;
  return ['unshare', [isRoot ? '-m' : '-rm', 'sh', '-c', mount, disk, ...command]];
}

const canMount = spawnSync(...onSmallDisk(tmpdir(), ['true'])).status === 0;
// Containers may not unless they are told to; what must run there says so.
if (!canMount && process.env['TEST_MOUNTS'] === 'required')
  throw new Error('TEST_MOUNTS=required, but no disk can be mounted');

let disk: string;
let server: CatalogServer;
beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'plugin-disk-'));
  server = await createCatalogServer(crashPackages());
});
afterAll(async () => {
  await server.dispose();
  await rm(disk, { recursive: true });
});

it.skipIf(!canMount)(
  'a disk that is full at any point of an update, then read-only, keeps a whole version and the store usable (needs to mount a tmpfs)',
  async () => {
    const command = [process.execPath, script, disk, server.url, String(mostBytes), String(stepBytes)];
    const child = spawn(...onSmallDisk(disk, command));
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const lines = output.split('\n').filter((line) => line !== '');
    expect(lines.length, errors).toBe(Math.floor(mostBytes / stepBytes) + 2);
    const [last, ...rest] = lines.toReversed();
    const rounds = rest.map((line) => JSON.parse(line) as SmallDiskRound);
    for (const round of rounds) {
      const isDone = round.code === undefined;
      expect(round).toMatchObject({ status: 'ok', isIntact: true, staged: 0, after: '1.1.0', rolledBack: '1.0.0' });
      expect([isDone, round.version, round.code], JSON.stringify(round)).toEqual(
        isDone ? [true, '1.1.0', undefined] : [false, '1.0.0', 'E_STORE_FULL'],
      );
    }
    expect(rounds.filter(({ code }) => code === 'E_STORE_FULL').length).toBeGreaterThan(3);
    expect(rounds.some(({ code }) => code === undefined)).toBe(true);
    const unwritable = 'E_STORE_UNWRITABLE';
    expect(JSON.parse(last ?? '') as ReadOnlyRound).toEqual({
      codes: [unwritable, unwritable, unwritable, unwritable],
      status: 'ok',
      runtime: 'ready',
    });
  },
);

it.skipIf(!canMount)(
  'a store that is opened while its disk is full, or read-only, is listed, refuses changes, and takes them as soon as it can (needs to mount a tmpfs)',
  async () => {
    const child = spawn(...onSmallDisk(disk, [process.execPath, lateScript, disk, server.url]));
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const lines = output.split('\n').filter((line) => line !== '');
    const done = { later: ['done', 'done'], after: ['ok 1.0.0'] };
    const [full, unwritable] = ['E_STORE_FULL', 'E_STORE_UNWRITABLE'];
    expect(
      lines.map((line) => JSON.parse(line) as LateDiskRound | FullDiskRemoval),
      errors,
    ).toEqual([
      // To pin it, archives that are kept for later make room.
      { name: 'old', before: ['broken 1.1.0'], codes: [full, 'done'], ...done },
      { name: 'removed', before: ['ok 1.0.0'], after: [] },
      { name: 'new on a full disk', before: [], codes: [full, full], ...done },
      { name: 'new on a read-only disk', before: [], codes: [unwritable, unwritable], ...done },
    ]);
  },
);
