import { expect, test, vi } from 'vitest';
import type { KubeObject } from '../../src/server/index.ts';
import { startServer } from './client.ts';
import type { ListBody } from './fixtures.ts';

const pathOf = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;
const [V1, V2] = [pathOf('v1'), pathOf('v2')];
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const autoscaler = (version: string, spec: object) => ({
  apiVersion: `autoscaling/${version}`,
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: { scaleTargetRef, maxReplicas: 5, ...spec },
});
const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});
const requests = {
  type: 'Pods',
  pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '100' } },
};

test('an autoscaler of v1 is one of v2, whichever is written, listed, watched or printed', async () => {
  const { call, watch } = await startServer();
  const events = await watch(`${V1}?watch=1`);
  const created = await call<KubeObject>('POST', V1, {
    body: autoscaler('v1', { minReplicas: 2, targetCPUUtilizationPercentage: 70 }),
  });
  expect(created).toMatchObject({
    status: 201,
    body: { apiVersion: 'autoscaling/v1', spec: { minReplicas: 2, targetCPUUtilizationPercentage: 70 } },
  });
  const asV2 = await call<KubeObject>('GET', `${V2}/web`);
  expect(asV2.body['spec']).toEqual({ scaleTargetRef, minReplicas: 2, maxReplicas: 5, metrics: [cpu(70)] });

  const patched = await call('PATCH', `${V1}/web`, {
    body: { spec: { targetCPUUtilizationPercentage: 60 } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect(patched.body).toMatchObject({ apiVersion: 'autoscaling/v1', metadata: { generation: 2 } });
  const { body } = await call<KubeObject>('GET', `${V1}/web`);
  await call('PUT', `${V1}/web`, { body: { ...body, spec: { ...(body['spec'] as object), maxReplicas: 9 } } });
  expect((await call<ListBody>('GET', V1)).body).toMatchObject({
    apiVersion: 'autoscaling/v1',
    items: [{ spec: { maxReplicas: 9, targetCPUUtilizationPercentage: 60 } }],
  });
  await vi.waitFor(() => {
    expect(events.events.map(({ object }) => [object.apiVersion, object['spec']])).toEqual([
      ['autoscaling/v1', { scaleTargetRef, minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 }],
      ['autoscaling/v1', { scaleTargetRef, minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 60 }],
      ['autoscaling/v1', { scaleTargetRef, minReplicas: 2, maxReplicas: 9, targetCPUUtilizationPercentage: 60 }],
    ]);
  });
  const accept = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const cellsOf = async (path: string) =>
    (await call<{ rows: { cells: unknown[] }[] }>('GET', path, { headers: accept })).body.rows[0]?.cells.slice(0, 6);
  expect(await cellsOf(V1)).toEqual(['web', 'Deployment/web', 'cpu: <unknown>/60%', '2', 9, 0]);
  expect(await cellsOf(V1)).toEqual(await cellsOf(V2));
});

test('what v1 has no field for stays through its writes', async () => {
  const { call } = await startServer();
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
  await call('POST', V2, { body: autoscaler('v2', { metrics: [cpu(50), requests], behavior }) });
  const { body } = await call<KubeObject>('GET', `${V1}/web`);
  expect(body['spec']).toEqual({ scaleTargetRef, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 50 });
  expect(Object.keys(body.metadata.annotations ?? {})).toEqual([
    'autoscaling.alpha.kubernetes.io/metrics',
    'autoscaling.alpha.kubernetes.io/behavior',
  ]);
  await call('PUT', `${V1}/web`, { body: { ...body, spec: { ...(body['spec'] as object), maxReplicas: 8 } } });
  const stored = await call<KubeObject>('GET', `${V2}/web`);
  expect(stored.body['spec']).toMatchObject({ maxReplicas: 8, metrics: [cpu(50), requests], behavior });
  expect(stored.body.metadata.annotations).toBeUndefined();
});

test('rules hold for v1 too, and what cannot be read is refused', async () => {
  const { call } = await startServer();
  const post = (body: object) => call('POST', V1, { body });
  expect(await post(autoscaler('v1', { minReplicas: 9 }))).toMatchObject({ status: 422 });
  expect(await post(autoscaler('v3', {}))).toMatchObject({ status: 400 });
  const broken = autoscaler('v1', {});
  const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': '[' };
  expect(await post({ ...broken, metadata: { ...broken.metadata, annotations } })).toMatchObject({
    status: 400,
    body: { message: 'the annotation autoscaling.alpha.kubernetes.io/metrics is not JSON' },
  });
  // 80 %, as v2 by default.
  expect((await post(autoscaler('v1', {}))).body).toMatchObject({ spec: { targetCPUUtilizationPercentage: 80 } });
});
