import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Counts } from '../src/counts.ts';

const fixture = join(import.meta.dirname, 'fixture');
const counts = join(fixture, '.counts');
afterEach(() => rmSync(counts, { recursive: true, force: true }));

function run(...files: string[]): { status: number | null; counts: Counts } {
  const { status } = spawnSync('vitest', ['run', '--root', fixture, ...files], { cwd: fixture, stdio: 'ignore' });
  return { status, counts: JSON.parse(readFileSync(join(counts, 'vitest.json'), 'utf8')) as Counts };
}

it('the counting reporter writes what passed, failed and was skipped, and names the skipped', () => {
  expect(run('sample')).toEqual({
    status: 1,
    counts: {
      passed: 2,
      failed: 1,
      skipped: 1,
      skippedTitles: ['sample.fixture.ts > a sample > needs a service'],
    },
  });
});

it('a file that fails to load counts as a failure', () => {
  expect(run('broken')).toMatchObject({ status: 1, counts: { passed: 0, failed: 1, skipped: 0 } });
});
