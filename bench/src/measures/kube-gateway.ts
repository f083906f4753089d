import { startChild, type Child } from '../child-calls.ts';
import { listStart } from '../kube/pods.ts';
import { subscribeToPods } from '../kube/subscriber.ts';
import type { Plan } from '../plan.ts';
import { createRow, type Row } from '../rows.ts';
import { median } from '../statistics.ts';

/** 2.2 MiB of events. */
const batchEvents = 400;

/** What the gateway costs: events a second of its processor, bytes on the wire, upstream watches, a stalled tab. */
export async function measureKubeGateway(plan: Plan['kubeGateway']): Promise<Row[]> {
  const upstream = startChild('./kube/upstream-process.ts', { core: 1 });
  let gateway: Child | undefined;
  try {
    const upstreamPort = await upstream.call<number>('listen');
    gateway = startChild('./kube/gateway-process.ts', {
      core: 0,
      arguments: [`http://127.0.0.1:${String(upstreamPort)}`],
    });
    const port = await gateway.call<number>('listen');
    const reader = await subscribeToPods(port, 'cluster-0');
    await upstream.call('watched');
    const rates: number[] = [];
    const sizes: number[] = [];
    let sent = 0;
    const round = async (): Promise<{ readonly perCpuSecond: number; readonly size: number }> => {
      const bytesBefore = reader.bytes;
      let upstreamBytes = 0;
      await gateway?.call('startCpu');
      // No more is under way than the feed's ring holds: this is about the gateway's cost, not about a reader that lags.
      for (let done = 0; done < plan.events; done += batchEvents) {
        const count = Math.min(batchEvents, plan.events - done);
        const all = reader.until(sent + count);
        upstreamBytes += await upstream.call<number>('send', { from: sent, count });
        await all;
        sent += count;
      }
      const cpuSeconds = (await gateway?.call<number>('cpuSeconds')) ?? NaN;
      return { perCpuSecond: plan.events / cpuSeconds, size: (reader.bytes - bytesBefore) / upstreamBytes };
    };
    await round();
    for (let count = 0; count < plan.rounds; count += 1) {
      const { perCpuSecond, size } = await round();
      rates.push(perCpuSecond);
      sizes.push(size);
    }
    const { watches } = await upstream.call<{ watches: number }>('counts');

    // A tab that hangs: the other one must not notice, and memory must stay where it was.
    const stalled = await subscribeToPods(port, 'cluster-0', { since: listStart + sent });
    stalled.stall();
    const rssBefore = await gateway.call<number>('rssBytes');
    const beside: number[] = [];
    for (let count = 0; count < plan.rounds; count += 1) beside.push((await round()).perCpuSecond);
    const grownMib = ((await gateway.call<number>('rssBytes')) - rssBefore) / 2 ** 20;
    stalled.dispose();
    reader.dispose();
    return [
      createRow({
        id: 'kube-gateway-rate',
        title: 'gateway pass-through, events of 5.6 KB',
        unit: 'events / CPU s',
        fleetwire: median(rates),
        bar: { kind: 'at-least', limit: 30_000 },
      }),
      createRow({
        id: 'kube-gateway-bytes',
        title: 'gateway pass-through, bytes to the browser',
        unit: 'of the bytes that came',
        fleetwire: median(sizes),
        bar: { kind: 'at-most', limit: 1.01 },
      }),
      createRow({
        id: 'kube-gateway-watches',
        title: `upstream watches for ${String(sent)} events`,
        unit: 'watches',
        fleetwire: watches,
        bar: { kind: 'at-most', limit: 1 },
      }),
      createRow({
        id: 'kube-stalled-rate',
        title: 'pass-through beside a stalled tab',
        unit: 'events / CPU s',
        fleetwire: median(beside),
        peer: { name: 'without it', value: median(rates) },
        bar: { kind: 'at-least', limit: 0.8 },
      }),
      createRow({
        id: 'kube-stalled-memory',
        title: 'resident set beside a stalled tab, growth',
        unit: 'MiB',
        fleetwire: grownMib,
        bar: { kind: 'at-most', limit: 64 },
      }),
    ];
  } finally {
    await Promise.all([upstream.dispose(), gateway?.dispose()]);
  }
}
