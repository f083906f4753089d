import { expect, it, vi } from 'vitest';
import { steadyPort } from '@fleetwire/config/steady-port';
import { cluster, podsPath, startApi, startGateway, type RecordingFeed } from './gateway-harness.ts';

it('[G9] leaves nothing behind after hundreds of feeds that came and went while the cluster failed', async () => {
  const port = await steadyPort();
  const one = await startApi({}, port);
  const since = one.addPod('first');
  const definition = cluster('one', one.url);
  const gateway = startGateway([definition], { timings: { feedLingerMs: 20 }, random: Math.random });
  const open: RecordingFeed[] = [];
  for (let step = 0; step < 300; step += 1) {
    open.push(gateway.open('kube/one', { path: podsPath, labelSelector: `n=${String(step % 40)}` }, since));
    if (step % 3 > 0) open.splice(Math.floor(Math.random() * open.length), 1)[0]?.dispose();
    if (step % 25 === 0) one.api.faults.cutOpen({ watch: true });
    if (step % 60 === 0) one.addPod(`pod-${String(step)}`);
    if (step === 100) await one.api.close();
    if (step === 150) await one.api.listen({ port });
    if (step === 200) gateway.clusters.replace([{ ...definition }]);
    if (step % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(open.map((feed) => feed.until('live')));
  for (const feed of open) feed.dispose();
  await vi.waitFor(() => expect([gateway.gateway.stats.upstreams, one.api.stats.openWatches]).toEqual([0, 0]));
});
