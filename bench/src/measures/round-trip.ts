import type { ContenderName } from '../dialects.ts';
import { withPairs, type Pair } from '../pair.ts';
import type { Plan } from '../plan.ts';
import { createRow, type Row } from '../rows.ts';
import { median } from '../statistics.ts';

const contenders: readonly ContenderName[] = ['fleetwire', 'ws', 'socket.io'];

/** Round trip of one small request at a time: between raw peers, and between the clients that people use. */
export async function measureRoundTrip({ requests, rounds }: Plan['roundTrip']): Promise<Row[]> {
  return withPairs(contenders, {}, async (pairs) => {
    const raw = await interleave(pairs, 'rawRoundTrips', rounds, requests);
    const clients = await interleave(
      pairs.filter(({ name }) => name !== 'socket.io'),
      'clientRoundTrips',
      rounds,
      requests,
    );
    const bar = { kind: 'at-most', limit: 1.3 } as const;
    const title = 'request round trip p50';
    return [
      createRow({
        id: 'round-trip-raw',
        title: `${title}, raw peer`,
        unit: 'µs',
        ...compare(raw, 'ws', 'ws, bare echo'),
        bar,
      }),
      createRow({
        id: 'round-trip-raw-socket-io',
        title: `${title}, raw peer`,
        unit: 'µs',
        ...compare(raw, 'socket.io', 'socket.io, ack'),
      }),
      createRow({
        id: 'round-trip-client',
        title: `${title}, our client`,
        unit: 'µs',
        ...compare(clients, 'ws', 'ws, bare echo'),
        bar,
      }),
    ];
  });
}

type Samples = ReadonlyMap<ContenderName, number[]>;

async function interleave(pairs: readonly Pair[], call: string, rounds: number, count: number): Promise<Samples> {
  const samples = new Map<ContenderName, number[]>(pairs.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, clients, port } of pairs) {
      const p50 = await clients.call<number>(call, { count, port });
      if (round > 0) samples.get(name)?.push(p50);
    }
  }
  return samples;
}

function compare(
  samples: Samples,
  peer: ContenderName,
  peerTitle: string,
): Pick<Row, 'fleetwire' | 'ratio'> & { peer: { name: string; value: number } } {
  const ours = samples.get('fleetwire') ?? [];
  const theirs = samples.get(peer) ?? [];
  const ratio = median(ours.map((value, round) => value / (theirs[round] as number)));
  return { fleetwire: median(ours), peer: { name: peerTitle, value: median(theirs) }, ratio };
}
