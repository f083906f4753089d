import { expect, it } from 'vitest';
import type { KubeWatchClient } from '@fleetwire/kube-watch/client';
import { applyObject, deleteObject, restartObject, scaleObject } from './object-writes.ts';

it('each write is held to the object that was seen, and a restart sets the annotation of the template alone', async () => {
  const calls: unknown[][] = [];
  const take =
    (name: string) =>
    async (...args: unknown[]) =>
      void calls.push([name, ...args]);
  const names = ['apply', 'delete', 'patch', 'scale'] as const;
  const client = Object.fromEntries(names.map((name) => [name, take(name)])) as unknown as KubeWatchClient;
  const resource = { group: 'apps', version: 'v1', resource: 'deployments' };
  const ref = { cluster: 'demo', resource, namespace: 'default', name: 'web' };
  const seen = { ref, uid: 'uid-web' };
  await restartObject(client, seen, '2026-01-02T03:04:05Z');
  await scaleObject(client, seen, 3);
  await deleteObject(client, seen);
  await applyObject(client, seen, { kind: 'Deployment' }, false);
  const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-02T03:04:05Z' };
  expect(calls).toEqual([
    ['patch', ref, { spec: { template: { metadata: { annotations } } } }, { type: 'merge', uid: 'uid-web' }],
    ['scale', ref, 3, { uid: 'uid-web' }],
    ['delete', ref, { uid: 'uid-web' }],
    ['apply', ref, { kind: 'Deployment' }, { force: false, uid: 'uid-web' }],
  ]);
});
