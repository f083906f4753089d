import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { chromiumPath } from '@fleetwire/config/chromium';
import { expect, it } from 'vitest';
import { hasPrograms } from './measures/plugin-install.ts';
import type { Row } from './rows.ts';

const rowIds = [
  'fan-out-spaced-ws',
  'fan-out-spaced-socket-io',
  'fan-out-spaced-p99',
  'fan-out-spaced-preframed',
  'fan-out-spaced-wall',
  'fan-out-burst-preframed',
  'fan-out-burst-socket-io',
  'fan-out-burst-ws',
  'fan-out-burst-wall',
  'memory-rss',
  'memory-rss-ws',
  'memory-rss-socket-io',
  'memory-heap',
  'memory-heap-ws',
  'memory-heap-socket-io',
  'round-trip-raw',
  'round-trip-raw-socket-io',
  'round-trip-client',
  'storm-open',
  'storm-recovered',
  'storm-seconds',
  'storm-resident-before',
  'storm-peak',
  'storm-heap',
  'kube-gateway-rate',
  'kube-gateway-bytes',
  'kube-gateway-watches',
  'kube-stalled-rate',
  'kube-stalled-memory',
  'kube-dead-cluster',
  'kube-recovery',
  'kube-recovery-lists',
  // A browser measures these; where there is none they are left out.
  ...(chromiumPath === undefined
    ? []
    : ['kube-hook-100', 'kube-renders-100', 'kube-hook-plain-100', 'kube-hook-parse-100']),
  'kube-heap',
  'kube-heap-array',
  ...(hasPrograms
    ? ['', '-synced', '-download', '-memory', '-download-memory'].map((part) => `plugin-install-few${part}`)
    : []),
  ...(chromiumPath === undefined
    ? []
    : ['natural', 'sorted', 'watched'].flatMap((view) =>
        ['p50', 'p95', 'p99', 'long', 'rate'].map((part) => `dashboard-frames-${view}-${part}`),
      )),
];

it('a quick run measures every row, says so in a table, and loses no delivery', { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fleetwire-bench-'));
  try {
    const out = join(folder, 'result.json');
    const main = join(import.meta.dirname, 'main.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [main, '--quick', `--out=${out}`]);
    const { rows } = JSON.parse(await readFile(out, 'utf8')) as { rows: Row[] };
    expect(rows.map((row) => row.id)).toEqual(rowIds);
    // NaN and Infinity become null in JSON.
    for (const row of rows) {
      expect(row, row.id).toMatchObject({
        fleetwire: expect.any(Number) as number,
        ratio: expect.any(Number) as number,
      });
      if (row.peer !== undefined) expect(row.peer.value, row.id).toEqual(expect.any(Number));
    }
    // These two are counts, not timings: they hold on the slowest machine.
    for (const id of ['storm-open', 'storm-recovered']) expect(rows.find((row) => row.id === id)?.met, id).toBe(true);
    expect(stdout.match(/^\| /gm)).toHaveLength(rowIds.length + 2);
  } finally {
    await rm(folder, { recursive: true });
  }
});
