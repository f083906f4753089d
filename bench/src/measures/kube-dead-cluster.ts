import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { startChild } from '../child-calls.ts';
import { subscribeToPods } from '../kube/subscriber.ts';
import type { Plan } from '../plan.ts';
import { createRow, type Row } from '../rows.ts';
import { median } from '../statistics.ts';

/** Time until the first event of a live cluster: alone, and while ten subscriptions dial a cluster that never answers. */
export async function measureKubeDeadCluster(plan: Plan['kubeDeadCluster']): Promise<Row[]> {
  // Takes connections and says nothing, which is worse than refusing them.
  const dead = createServer(() => undefined);
  await new Promise<void>((resolve) => {
    dead.listen(0, '127.0.0.1', resolve);
  });
  const deadUrl = `http://127.0.0.1:${String((dead.address() as AddressInfo).port)}`;
  try {
    const alone: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < plan.rounds; round += 1) {
      alone.push(await firstEventMs(deadUrl, 0));
      beside.push(await firstEventMs(deadUrl, 10));
    }
    return [
      createRow({
        id: 'kube-dead-cluster',
        title: 'first event of a live cluster beside a dead one, later than alone by',
        unit: 'ms',
        fleetwire: median(beside.map((ms, index) => ms - (alone[index] ?? NaN))),
        bar: { kind: 'at-most', limit: 50 },
        note: `alone ${median(alone).toFixed(1)} ms, beside a cluster that takes connections and never answers ${median(beside).toFixed(1)} ms`,
      }),
    ];
  } finally {
    dead.close();
  }
}

async function firstEventMs(deadUrl: string, deadSubscriptions: number): Promise<number> {
  const upstream = startChild('./kube/upstream-process.ts', { core: 1 });
  const upstreamPort = await upstream.call<number>('listen');
  const gateway = startChild('./kube/gateway-process.ts', {
    core: 0,
    arguments: [`http://127.0.0.1:${String(upstreamPort)}`, deadUrl],
  });
  try {
    const port = await gateway.call<number>('listen');
    const hanging = Array.from({ length: deadSubscriptions }, (_, index) =>
      subscribeToPods(port, 'cluster-1', { namespace: `shop-${String(index)}` }).catch(() => undefined),
    );
    const startedAt = performance.now();
    const reader = await subscribeToPods(port, 'cluster-0');
    await upstream.call('watched');
    const first = reader.until(1);
    await upstream.call('send', { from: 0, count: 1 });
    await first;
    const ms = performance.now() - startedAt;
    reader.dispose();
    for (const each of await Promise.all(hanging)) each?.dispose();
    return ms;
  } finally {
    await Promise.all([gateway.dispose(), upstream.dispose()]);
  }
}
