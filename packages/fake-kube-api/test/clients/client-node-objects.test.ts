import { once } from 'node:events';
import { Writable } from 'node:stream';
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubernetesObjectApi,
  Log,
  PatchStrategy,
  type KubeConfig,
  type V1ConfigMap,
  type V1Deployment,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { configFor } from './client-config.ts';
import { startDemoCluster } from './demo-cluster.ts';

let cluster: Awaited<ReturnType<typeof startDemoCluster>>;
let config: KubeConfig;
beforeAll(async () => {
  cluster = await startDemoCluster({ namespaces: ['shop'] });
  config = configFor(cluster.url);
});
afterAll(() => cluster.stop());

const configMap = (name: string, data: Record<string, string>): V1ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});

test('objects of any kind are created, read, patched, listed and deleted', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const created = await objects.create(configMap('any', { a: '1' }));
  expect(created.metadata).toMatchObject({ name: 'any', uid: expect.any(String) as string });
  expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
  const merged = await objects.patch(
    configMap('any', { b: '2' }),
    undefined,
    undefined,
    undefined,
    undefined,
    PatchStrategy.MergePatch,
  );
  expect(merged.data).toEqual({ a: '1', b: '2' });
  const list = await objects.list<V1ConfigMap>('v1', 'ConfigMap', 'default');
  expect(list.items.map(({ metadata }) => metadata?.name)).toContain('any');
  await objects.delete(created);
  const failure: unknown = await objects
    .read(created as Required<typeof created> & { metadata: { name: string } })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiException);
  expect(failure).toMatchObject({ code: 404 });
});

test('server-side apply creates, merges and refuses what belongs to another', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const apply = (manager: string, data: Record<string, string>, force = false) =>
    objects.patch(configMap('applied', data), undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
  await apply('one', { a: '1', shared: 'one' });
  expect((await apply('two', { b: '2' })).data).toEqual({ a: '1', b: '2', shared: 'one' });
  await expect(apply('two', { b: '2', shared: 'two' })).rejects.toMatchObject({ code: 409 });
  expect((await apply('two', { b: '2', shared: 'two' }, true)).data).toEqual({ a: '1', b: '2', shared: 'two' });
  // What a manager no longer names and nobody else owns goes.
  expect((await apply('two', { shared: 'two' })).data).toEqual({ a: '1', shared: 'two' });
});

test('a strategic patch merges containers by name', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const change = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { template: { spec: { containers: [{ name: 'cart', image: 'registry.example/shop/cart:2.0.0' }] } } },
  };
  const patched = await objects.patch<V1Deployment>(change as V1Deployment);
  const [container] = patched.spec?.template.spec?.containers ?? [];
  expect(container).toMatchObject({ image: 'registry.example/shop/cart:2.0.0', ports: [{ containerPort: 8080 }] });
});

test('a replace with an old resourceVersion is a conflict', async () => {
  const core = config.makeApiClient(CoreV1Api);
  const body = await core.createNamespacedConfigMap({ namespace: 'default', body: configMap('raced', {}) });
  await core.replaceNamespacedConfigMap({ namespace: 'default', name: 'raced', body: { ...body, data: { n: '1' } } });
  const again = core.replaceNamespacedConfigMap({
    namespace: 'default',
    name: 'raced',
    body: { ...body, data: { n: '2' } },
  });
  await expect(again).rejects.toMatchObject({ code: 409 });
});

test('scale goes through its subresource, and the controllers follow', async () => {
  const apps = config.makeApiClient(AppsV1Api);
  const target = { namespace: 'shop', name: 'catalog' };
  const scale = await apps.readNamespacedDeploymentScale(target);
  expect(scale.spec?.replicas).toBe(3);
  await apps.replaceNamespacedDeploymentScale({ ...target, body: { ...scale, spec: { replicas: 1 } } });
  const core = config.makeApiClient(CoreV1Api);
  await vi.waitFor(
    async () => {
      const labelSelector = 'app.kubernetes.io/name=catalog';
      const pods = await core.listNamespacedPod({ namespace: 'shop', labelSelector });
      expect(pods.items).toHaveLength(1);
    },
    { interval: 100 },
  );
});

test('a list comes in pages that fit together', async () => {
  const core = config.makeApiClient(CoreV1Api);
  const names: string[] = [];
  let versions = new Set<string | undefined>();
  let _continue: string | undefined;
  do {
    const page = await core.listPodForAllNamespaces(_continue === undefined ? { limit: 5 } : { limit: 5, _continue });
    names.push(...page.items.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`));
    versions = versions.add(page.metadata?.resourceVersion);
    _continue = page.metadata?._continue === '' ? undefined : page.metadata?._continue;
  } while (_continue !== undefined);
  expect(new Set(names).size).toBe(names.length);
  expect(versions.size).toBe(1);
  expect(names.length).toBeGreaterThan(15);
});

test('a log is read, and followed to its end', async () => {
  const core = config.makeApiClient(CoreV1Api);
  const { items } = await core.listNamespacedPod({
    namespace: 'shop',
    labelSelector: 'app.kubernetes.io/name=storefront',
  });
  const name = items[0]?.metadata?.name ?? '';
  expect(await core.readNamespacedPodLog({ namespace: 'shop', name })).toContain('"msg":"starting"');
  let text = '';
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const ended = once(sink, 'finish');
  await new Log(config).log('shop', name, 'storefront', sink, { follow: true, tailLines: 1 });
  cluster.api.appendLog({ namespace: 'shop', name, container: 'storefront' }, 'a line of this test');
  await vi.waitFor(() => expect(text).toContain('a line of this test\n'));
  await core.deleteNamespacedPod({ namespace: 'shop', name });
  // It goes on until the container has ended.
  await ended;
});
