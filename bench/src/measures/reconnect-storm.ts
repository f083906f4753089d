import { connectPeers, withPairs } from '../pair.ts';
import type { Plan } from '../plan.ts';
import type { RecoveryResult } from '../recovery.ts';
import { createRow, type Row } from '../rows.ts';
import { median } from '../statistics.ts';
import type { MemoryReading } from '../server-process.ts';

const mebibyte = 1024 * 1024;

/**
 * What "bounded memory" means: ten thousand connections in 625 MiB, on top of the empty process, while all of them shake
 * hands again. A handshake takes a few times what the connection keeps.
 */
const maxPeakKib = 64;

/**
 * All connections of one process are cut at once, while publications go on; all come back at once and resume. Several
 * storms in a row, for what is lost in one shows in the next.
 */
export async function measureReconnectStorm({ connections, storms, publications }: Plan['storm']): Promise<Row[]> {
  return withPairs(['fleetwire'], { exposeGc: true, connections }, async ([pair]) => {
    if (pair === undefined) throw new Error('expected a pair');
    const { server, clients } = pair;
    const empty = await server.call<MemoryReading>('memory');
    const open = await connectPeers(pair, Math.min(connections, pair.maxConnections));
    const before = await server.call<MemoryReading>('memory');
    const results: RecoveryResult[] = [];
    const peaks: number[] = [];
    for (let storm = 0; storm < storms; storm += 1) {
      await server.call('watchPeak');
      const closed = clients.call('untilEmpty');
      await server.call('cutAll', { publications });
      await closed;
      results.push(await clients.call<RecoveryResult>('restore', { publications }, 120_000));
      peaks.push(await server.call<number>('peakRss'));
    }
    const held = await server.call<number>('subscriberCount');
    const after = await server.call<MemoryReading>('memory');
    const recovered = Math.min(...results.map((result) => result.recovered));
    return [
      createRow({
        id: 'storm-open',
        title: 'open connections on one process',
        unit: 'connections',
        fleetwire: open,
        bar: { kind: 'at-least', limit: connections },
        note: open < connections ? 'the system allows no more descriptors (ulimit -n)' : undefined,
      }),
      createRow({
        id: 'storm-recovered',
        title: 'reconnect storm, recovered without a loss',
        unit: 'connections',
        fleetwire: Math.min(recovered, held),
        bar: { kind: 'at-least', limit: connections },
      }),
      createRow({
        id: 'storm-seconds',
        title: 'reconnect storm, until the last has recovered',
        unit: 's',
        fleetwire: median(results.map((result) => result.seconds)),
      }),
      createRow({
        id: 'storm-resident-before',
        title: 'resident set before the storms',
        unit: 'MiB',
        fleetwire: before.rssBytes / mebibyte,
      }),
      createRow({
        id: 'storm-peak',
        title: 'highest resident set of the storms, each connection',
        unit: 'KiB',
        fleetwire: (Math.max(...peaks) - empty.rssBytes) / open / 1024,
        bar: { kind: 'at-most', limit: maxPeakKib },
      }),
      createRow({
        id: 'storm-heap',
        title: 'heap + external after the storms',
        unit: 'MiB',
        fleetwire: (after.heapBytes + after.externalBytes) / mebibyte,
        peer: { name: 'before', value: (before.heapBytes + before.externalBytes) / mebibyte },
        bar: { kind: 'at-most', limit: 1.25 },
      }),
    ];
  });
}
