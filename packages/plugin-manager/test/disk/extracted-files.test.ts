// Before everything else: whoever comes later has the calls that it wraps.
import { beforeEachDiskStep, systemError, type DiskStep } from '../support/disk-steps.ts';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { extractArchive, planArchive } from '../../src/node/archive.ts';
import { defaultLimits as limits } from '../../src/protocol/limits.ts';
import { archiveOf } from '../corpus/world.ts';

const { signal } = new AbortController();
const bodies: Readonly<Record<string, Buffer>> = {
  'empty.js': Buffer.alloc(0),
  'large.js': Buffer.alloc(1_000_000, 'large '),
  ...Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`small-${index}.js`, Buffer.from(`${index};`)])),
};
const archive = archiveOf(
  '1.0.0',
  {},
  Object.entries(bodies).map(([path, body]) => ({ path: `plugin/${path}`, body })),
);

let folder = '';
let destination = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extracted-files-'));
  destination = join(folder, 'destination');
  await mkdir(destination);
  await writeFile(join(folder, 'archive.tgz'), archive);
});
afterEach(async () => {
  beforeEachDiskStep(() => undefined);
  await rm(folder, { recursive: true });
});

async function extract(before: (step: DiskStep) => void) {
  const path = join(folder, 'archive.tgz');
  const plan = await planArchive(path, limits, signal);
  beforeEachDiskStep(before);
  return extractArchive(path, plan, destination, { limits, signal });
}

it('the disk has every file before an extraction ends: of no bytes, of a few, and of several chunks', async () => {
  const steps = { open: 0, fsync: 0 };
  const files = await extract(({ name }) => {
    if (name === 'open' || name === 'fsync') steps[name] += 1;
  });
  expect(steps).toEqual({ open: files.length, fsync: files.length });
  for (const [path, body] of Object.entries(bodies))
    expect((await readFile(join(destination, path))).equals(body), path).toBe(true);
});

it('an extraction fails where the disk does not take one of the files, and begins no more of them', async () => {
  let opened = 0;
  const extracting = extract(({ name }) => {
    if (name === 'open') opened += 1;
    if (name === 'fsync') throw systemError('EIO');
  });
  await expect(extracting).rejects.toMatchObject({ code: 'E_STORE', phase: 'extract' });
  expect(opened).toBeLessThan(20);
});
