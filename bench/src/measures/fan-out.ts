import type { DeliveryRoundResult } from '../delivery-round.ts';
import type { ContenderName } from '../dialects.ts';
import { connectPeers, withPairs, type Pair } from '../pair.ts';
import type { Plan } from '../plan.ts';
import { createRow, type Row } from '../rows.ts';
import type { PublishRound } from '../server-process.ts';
import { median } from '../statistics.ts';

interface Sample {
  /** Deliveries for each second of the server's processor. */
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly p99Ms: number;
}

type Samples = Readonly<Record<ContenderName, Sample[]>>;

const contenders: readonly ContenderName[] = ['fleetwire', 'ws', 'preframed', 'socket.io'];
const burst = 16;

/** Fan-out of one publication at a time, and of sixteen at once. */
export async function measureFanOut({ subscribers, rounds, roundMs }: Plan['fanOut']): Promise<Row[]> {
  return withPairs(contenders, {}, async (pairs) => {
    for (const pair of pairs) await connectPeers(pair, subscribers);
    const spaced = await interleave(pairs, subscribers, 1, rounds, roundMs);
    const bursts = await interleave(pairs, subscribers, burst, rounds, roundMs);
    return [...spacedRows(spaced), ...burstRows(bursts)];
  });
}

/** A B C A B C …, so that what else the machine does meets all of them alike. The first round only warms up. */
async function interleave(
  pairs: readonly Pair[],
  subscribers: number,
  outstanding: number,
  rounds: number,
  durationMs: number,
): Promise<Samples> {
  const samples: Samples = { fleetwire: [], ws: [], preframed: [], 'socket.io': [] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, server, clients } of pairs) {
      await clients.call('startRound', { outstanding, measureLatency: outstanding === 1 });
      const published = await server.call<PublishRound>('publishRound', { outstanding, durationMs });
      const delivered = await clients.call<DeliveryRoundResult>('endRound');
      const expected = published.publications * subscribers;
      if (delivered.deliveries !== expected)
        throw new Error(`${name}: expected ${String(expected)} deliveries, got ${String(delivered.deliveries)}`);
      if (round === 0) continue;
      samples[name].push({
        perCpuSecond: expected / published.cpuSeconds,
        perSecond: expected / published.wallSeconds,
        p99Ms: delivered.p99Ms,
      });
    }
  }
  return samples;
}

function compare(
  samples: Samples,
  peer: ContenderName,
  member: keyof Sample,
): Pick<Row, 'fleetwire' | 'ratio'> & { peer: { name: string; value: number } } {
  const ours = samples.fleetwire.map((sample) => sample[member]);
  const theirs = samples[peer].map((sample) => sample[member]);
  // Neighbours in time are compared, then the median is taken: a slow minute of the machine cancels out.
  const ratio = median(ours.map((value, round) => value / (theirs[round] as number)));
  return { fleetwire: median(ours), peer: { name: peerTitles[peer], value: median(theirs) }, ratio };
}

const peerTitles: Readonly<Record<ContenderName, string>> = {
  fleetwire: 'fleetwire',
  ws: 'ws, bare loop',
  preframed: 'pre-framed writes',
  'socket.io': 'socket.io',
};

const perCpu = { unit: 'deliveries / CPU s' };
const perWall = { unit: 'deliveries / s' };

function spacedRows(samples: Samples): Row[] {
  const title = 'fan-out, spaced';
  return [
    createRow({
      id: 'fan-out-spaced-ws',
      title,
      ...perCpu,
      ...compare(samples, 'ws', 'perCpuSecond'),
      bar: { kind: 'at-least', limit: 0.85 },
    }),
    createRow({
      id: 'fan-out-spaced-socket-io',
      title,
      ...perCpu,
      ...compare(samples, 'socket.io', 'perCpuSecond'),
      bar: { kind: 'at-least', limit: 1.3 },
    }),
    createRow({
      id: 'fan-out-spaced-p99',
      title: `${title}, p99 latency`,
      unit: 'ms',
      ...compare(samples, 'ws', 'p99Ms'),
      bar: { kind: 'at-most', limit: 1.5 },
    }),
    createRow({ id: 'fan-out-spaced-preframed', title, ...perCpu, ...compare(samples, 'preframed', 'perCpuSecond') }),
    createRow({ id: 'fan-out-spaced-wall', title, ...perWall, ...compare(samples, 'ws', 'perSecond') }),
  ];
}

function burstRows(samples: Samples): Row[] {
  const title = 'fan-out, bursts of 16';
  return [
    createRow({
      id: 'fan-out-burst-preframed',
      title,
      ...perCpu,
      ...compare(samples, 'preframed', 'perCpuSecond'),
      bar: { kind: 'at-least', limit: 0.7 },
    }),
    createRow({
      id: 'fan-out-burst-socket-io',
      title,
      ...perCpu,
      ...compare(samples, 'socket.io', 'perCpuSecond'),
      bar: { kind: 'at-least', limit: 8 },
    }),
    createRow({ id: 'fan-out-burst-ws', title, ...perCpu, ...compare(samples, 'ws', 'perCpuSecond') }),
    createRow({ id: 'fan-out-burst-wall', title, ...perWall, ...compare(samples, 'socket.io', 'perSecond') }),
  ];
}
