import type { ContenderName } from '../dialects.ts';
import { connectPeers, withPairs } from '../pair.ts';
import type { Plan } from '../plan.ts';
import { createRow, type Row } from '../rows.ts';
import type { MemoryReading } from '../server-process.ts';
import { median } from '../statistics.ts';

interface PerConnection {
  /** Objects and buffers of JavaScript. */
  readonly heapKib: number;
  /** What the process takes from the system, the native side of each socket included. */
  readonly rssKib: number;
}

const contenders: readonly ContenderName[] = ['fleetwire', 'ws', 'socket.io'];

/** Server memory for each idle connection, subscribed to one feed (bare `ws`: only connected). */
export async function measureMemory(plan: Plan['memory']): Promise<Row[]> {
  const samples: Readonly<Record<string, PerConnection[]>> = { fleetwire: [], ws: [], 'socket.io': [] };
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const name of contenders) samples[name]?.push(await measureOne(name, plan));
  }
  const of = (name: ContenderName, member: keyof PerConnection): number =>
    median((samples[name] ?? []).map((sample) => sample[member]));
  const row = (member: keyof PerConnection, title: string, peer: ContenderName): Row =>
    createRow({
      id: `memory-${member === 'rssKib' ? 'rss' : 'heap'}-${peer === 'ws' ? 'ws' : 'socket-io'}`,
      title,
      unit: 'KiB',
      fleetwire: of('fleetwire', member),
      peer: { name: peer, value: of(peer, member) },
    });
  const rss = 'idle connection, resident set';
  const heap = 'idle connection, heap + external';
  return [
    createRow({
      id: 'memory-rss',
      title: rss,
      unit: 'KiB',
      fleetwire: of('fleetwire', 'rssKib'),
      bar: { kind: 'at-most', limit: 14 },
    }),
    row('rssKib', rss, 'ws'),
    row('rssKib', rss, 'socket.io'),
    createRow({
      id: 'memory-heap',
      title: heap,
      unit: 'KiB',
      fleetwire: of('fleetwire', 'heapKib'),
      bar: { kind: 'at-most', limit: 14 },
    }),
    row('heapKib', heap, 'ws'),
    row('heapKib', heap, 'socket.io'),
  ];
}

/** A fresh process each time. What loads and compiles once is paid by the first connections and not counted. */
async function measureOne(name: ContenderName, plan: Plan['memory']): Promise<PerConnection> {
  return withPairs([name], { exposeGc: true, connections: plan.connections + plan.warmUp }, async ([pair]) => {
    if (pair === undefined) throw new Error('expected a pair');
    const connections = Math.min(plan.connections, pair.maxConnections - plan.warmUp);
    await connectPeers(pair, plan.warmUp);
    const before = await pair.server.call<MemoryReading>('memory');
    await connectPeers(pair, connections);
    const after = await pair.server.call<MemoryReading>('memory');
    const perConnection = (bytes: number): number => bytes / connections / 1024;
    return {
      heapKib: perConnection(after.heapBytes + after.externalBytes - before.heapBytes - before.externalBytes),
      rssKib: perConnection(after.rssBytes - before.rssBytes),
    };
  });
}
