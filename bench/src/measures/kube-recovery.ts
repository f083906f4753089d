import { createKubeWatchClient, type TargetHandle } from '@fleetwire/kube-watch/client';
import { createClient } from '@fleetwire/websocket-core/client';
import { startChild, type Child } from '../child-calls.ts';
import { listStart } from '../kube/pods.ts';
import type { Plan } from '../plan.ts';
import { createRow, type Row } from '../rows.ts';
import { quantile } from '../statistics.ts';

/** Time from the cut of the sockets until each tab's list is live again and has what happened meanwhile. */
export async function measureKubeRecovery({ cuts }: Plan['kubeRecovery']): Promise<Row[]> {
  const upstream = startChild('./kube/upstream-process.ts', { core: 1 });
  let gateway: Child | undefined;
  try {
    const upstreamPort = await upstream.call<number>('listen');
    gateway = startChild('./kube/gateway-process.ts', {
      core: 0,
      arguments: [`http://127.0.0.1:${String(upstreamPort)}`],
    });
    const origin = `http://127.0.0.1:${String(await gateway.call<number>('listen'))}`;
    const tabs = Array.from({ length: cuts }, () => {
      const client = createClient({ url: `${origin}/ws` });
      const kube = createKubeWatchClient({ url: origin, client, transport: 'multiplexed', flush: 'sync' });
      const resource = { version: 'v1', resource: 'pods' };
      return { client, kube, pods: kube.watch({ cluster: 'cluster-0', resource, namespace: 'shop' }) };
    });
    await Promise.all(tabs.map(({ pods }) => until(pods, () => pods.snapshot.state.status === 'live')));
    await upstream.call('watched');
    const startedAt = performance.now();
    await gateway.call('cutWebSockets');
    await upstream.call('send', { from: 0, count: 1 });
    const newest = String(listStart + 1);
    const times = await Promise.all(
      tabs.map(async ({ pods }) => {
        await until(pods, () => {
          const { items, state } = pods.snapshot;
          return state.status === 'live' && !state.isStale && items[0]?.metadata.resourceVersion === newest;
        });
        return performance.now() - startedAt;
      }),
    );
    const { lists } = await upstream.call<{ lists: number }>('counts');
    for (const { pods, kube, client } of tabs) {
      pods.dispose();
      kube.dispose();
      client.dispose();
    }
    return [
      createRow({
        id: 'kube-recovery',
        title: `live again after the socket is cut, p95 of ${String(cuts)} tabs`,
        unit: 's',
        fleetwire: quantile(times, 0.95) / 1000,
        bar: { kind: 'at-most', limit: 2 },
      }),
      createRow({
        id: 'kube-recovery-lists',
        title: `lists of ${String(cuts)} tabs that were cut`,
        unit: 'lists',
        fleetwire: lists,
        bar: { kind: 'at-most', limit: cuts },
      }),
    ];
  } finally {
    await Promise.all([upstream.dispose(), gateway?.dispose()]);
  }
}

function until(handle: TargetHandle, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const undo = handle.subscribe(check);
    function check(): void {
      if (!condition()) return;
      undo();
      resolve();
    }
    check();
  });
}
