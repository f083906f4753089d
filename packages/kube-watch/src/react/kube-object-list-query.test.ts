import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it } from 'vitest';
import { createKubeWatchClient } from '../client/create-kube-watch-client.ts';
import { kubeObjectListQuery } from './kube-object-list-query.ts';

function start(answer: () => Promise<Response>) {
  const clock = createManualClock();
  const client = createKubeWatchClient({ clusterUrl: () => 'http://127.0.0.1', clock, fetch: answer });
  return {
    clock,
    query: kubeObjectListQuery(client, { endpoint: { version: 'v1', resource: 'pods' }, cluster: 'one' }),
  };
}

it('[W12] a list for the cache of which nothing came for 30 s has failed', async () => {
  const { clock, query } = start(() => new Promise(() => {}));
  const failed = expect(query.queryFn()).rejects.toMatchObject({ code: 'KUBE_TIMEOUT', cluster: 'one' });
  await clock.advanceAsync(30_000);
  await failed;
  expect(clock.pending).toBe(0);
});

it('what is no list, or no JSON, is malformed', async () => {
  for (const body of ['{"kind":"Status"}', '<html>']) {
    const { query } = start(() => Promise.resolve(new Response(body)));
    await expect(query.queryFn()).rejects.toMatchObject({ code: 'KUBE_MALFORMED', retryable: true });
  }
});
