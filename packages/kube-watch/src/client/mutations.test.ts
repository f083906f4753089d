import { createFakeKubeApi } from '@fleetwire/fake-kube-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKubeWatchClient } from './create-kube-watch-client.ts';
import type { KubeWatchClient, ObjectRef } from './types.ts';

const resource = { group: 'apps', version: 'v1', resource: 'deployments' };
const ref: ObjectRef = { cluster: 'one', resource, namespace: 'default', name: 'web' };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }] },
    },
  },
};

let api: ReturnType<typeof createFakeKubeApi>;
let client: KubeWatchClient;
beforeEach(async () => {
  api = createFakeKubeApi();
  const { url } = await api.listen();
  client = createKubeWatchClient({ clusterUrl: () => url, transport: 'polling', flush: 'sync' });
});
afterEach(async () => {
  client.dispose();
  await api.dispose();
});

it('[U5] writes for a uid change that object, and no other that has its name by now', async () => {
  const { uid: former } = api.store.create(resource, 'default', deployment).metadata;
  api.store.delete(resource, 'default', 'web');
  const { uid } = api.store.create(resource, 'default', deployment).metadata;
  const labelled = (color: string): object => ({ metadata: { labels: { color } } });
  const applied = (color: string): object => ({ ...deployment, metadata: { name: 'web', labels: { color } } });
  const writes = (only: string): readonly (() => Promise<unknown>)[] => [
    () => client.patch(ref, labelled('merge'), { uid: only }),
    () => client.patch(ref, labelled('strategic'), { type: 'strategic', uid: only }),
    () => client.apply(ref, applied('apply'), { uid: only, force: true }),
    () => client.scale(ref, 7, { uid: only }),
    () => client.delete(ref, { uid: only }),
  ];
  const before = api.store.get(resource, 'default', 'web');
  for (const write of writes(former)) {
    await expect(write()).rejects.toMatchObject({ code: 'KUBE_CONFLICT', retryable: false });
  }
  const jsonPatch = [{ op: 'add', path: '/metadata/labels', value: { color: 'json' } }];
  await expect(client.patch(ref, jsonPatch, { type: 'json', uid: former })).rejects.toMatchObject({
    code: 'KUBE_INVALID',
  });
  expect(api.store.get(resource, 'default', 'web')).toBe(before);
  expect(await client.patch(ref, jsonPatch, { type: 'json', uid })).toMatchObject(labelled('json'));
  for (const write of writes(uid)) await write();
  expect(api.store.list(resource).items).toEqual([]);
});

it('[U5] an apply for a uid makes nothing anew, and one without makes the object', async () => {
  await expect(client.apply(ref, deployment, { uid: 'gone' })).rejects.toMatchObject({ code: 'KUBE_CONFLICT' });
  expect(api.store.list(resource).items).toEqual([]);
  expect(await client.apply(ref, deployment)).toMatchObject({ metadata: { name: 'web' } });
});
