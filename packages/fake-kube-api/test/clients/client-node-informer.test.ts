import {
  CoreV1Api,
  KubeConfig,
  makeInformer,
  Watch,
  type KubernetesObject,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createFakeKubeApi, type FakeKubeApi, type FaultMatch } from '../../src/server/index.ts';
import { configFor } from './client-config.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };

let api: FakeKubeApi;
let config: KubeConfig;
beforeAll(async () => {
  api = createFakeKubeApi();
  config = configFor((await api.listen()).url);
});
afterAll(() => api.dispose());

/** A namespace of its own, so that tests do not see each other's objects. */
function newNamespace(name: string) {
  api.store.create({ group: '', version: 'v1', resource: 'namespaces' }, undefined, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  });
  return {
    create: (object: string, data: Record<string, string> = {}) =>
      api.store.create(CONFIG_MAPS, name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: object }, data }),
    change: (object: string, data: Record<string, string>) =>
      api.store.patch(CONFIG_MAPS, name, object, 'merge', { data }),
    remove: (object: string) => api.store.delete(CONFIG_MAPS, name, object),
  };
}

/** An informer of a namespace, started, with what it said and how often it listed. */
async function startInformer(namespace: string) {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const core = config.makeApiClient(CoreV1Api);
  const said: string[] = [];
  const errors: unknown[] = [];
  let lists = 0;
  const informer = makeInformer<V1ConfigMap>(config, path, () => {
    lists++;
    return core.listNamespacedConfigMap({ namespace });
  });
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => said.push(`${verb} ${metadata?.name}`));
  }
  // What its documentation tells users to do.
  informer.on('error', (error) => {
    errors.push(error);
    void informer.start();
  });
  onTestFinished(() => informer.stop());
  await informer.start();
  const match: FaultMatch = { path, watch: true };
  return { informer, said, errors, match, lists: () => lists };
}

test('an informer sees objects come, change and go', async () => {
  const objects = newNamespace('lifecycle');
  objects.create('before');
  const { informer, said } = await startInformer('lifecycle');
  expect(said).toEqual(['add before']);
  objects.create('one', { a: '1' });
  objects.change('one', { a: '2' });
  objects.remove('before');
  await vi.waitFor(() => expect(said.slice(1)).toEqual(['add one', 'update one', 'delete before']));
  expect(informer.list().map(({ data }) => data)).toEqual([{ a: '2' }]);
  expect(informer.get('one', 'lifecycle')?.metadata?.resourceVersion).toMatch(/^\d+$/);
});

test('after a cut connection an informer goes on from where it was, without a list', async () => {
  const objects = newNamespace('cut');
  const { said, errors, match, lists } = await startInformer('cut');
  objects.create('one');
  await vi.waitFor(() => expect(said).toEqual(['add one']));
  const reconnected = api.stats.requests.length;
  expect(api.faults.cutOpen(match)).toBe(1);
  objects.create('meanwhile');
  await vi.waitFor(() => expect(said).toEqual(['add one', 'add meanwhile']));
  expect(errors.length).toBeGreaterThan(0);
  expect(lists()).toBe(1);
  const again = api.stats.requests.slice(reconnected).find(({ isWatch, path }) => isWatch && path === match.path);
  expect(again?.query['resourceVersion']).toMatch(/^\d+$/);
});

test('after a normal end of the watch an informer watches again, without a list', async () => {
  const objects = newNamespace('ended');
  const undo = api.faults.add(
    { kind: 'end', afterEvents: 1 },
    { path: '/api/v1/namespaces/ended/configmaps', watch: true, times: 1 },
  );
  onTestFinished(undo);
  const { said, lists, errors } = await startInformer('ended');
  objects.create('one');
  await vi.waitFor(() => expect(said).toEqual(['add one']));
  objects.create('two');
  await vi.waitFor(() => expect(said).toEqual(['add one', 'add two']));
  expect(lists()).toBe(1);
  expect(errors).toEqual([]);
});

test('after a 410 an informer lists again, and what went meanwhile is deleted', async () => {
  const objects = newNamespace('expired');
  objects.create('stays');
  objects.create('goes');
  const { informer, said, match, lists } = await startInformer('expired');
  expect(said).toEqual(['add goes', 'add stays']);
  const hold = api.faults.add({ kind: 'status', code: 503 }, match);
  api.faults.cutOpen(match);
  objects.remove('goes');
  objects.create('came');
  api.store.compact();
  hold();
  await vi.waitFor(() =>
    expect(
      informer
        .list()
        .map(({ metadata }) => metadata?.name)
        .sort(),
    ).toEqual(['came', 'stays']),
  );
  expect(said).toEqual(expect.arrayContaining(['delete goes', 'add came']));
  expect(lists()).toBe(2);
});

test('a watch brings bookmarks when they are asked for, and ends at its timeout', async () => {
  const objects = newNamespace('bookmarks');
  const phases: string[] = [];
  const { resourceVersion } = api.store.list(CONFIG_MAPS);
  const ended = new Promise((resolve) => {
    const query = { resourceVersion, allowWatchBookmarks: true, timeoutSeconds: 1 };
    void new Watch(config).watch(
      '/api/v1/namespaces/bookmarks/configmaps',
      query,
      (phase: string, object: KubernetesObject) => {
        phases.push(`${phase} ${object.metadata?.name ?? ''}`);
        if (phase === 'BOOKMARK') expect(object.metadata?.resourceVersion).toMatch(/^\d+$/);
      },
      resolve,
    );
  });
  objects.create('one');
  expect(await ended).toBeNull();
  expect(phases).toEqual(['ADDED one', 'BOOKMARK ']);
});

test('a watch from a forgotten resourceVersion gets one ERROR event with a Status 410', async () => {
  newNamespace('forgotten').create('one');
  const resourceVersion = '1';
  api.store.compact();
  const seen: unknown[] = [];
  await new Promise((resolve) => {
    void new Watch(config).watch(
      '/api/v1/namespaces/forgotten/configmaps',
      { resourceVersion },
      (phase: string, object: unknown) => seen.push([phase, object]),
      resolve,
    );
  });
  expect(seen).toEqual([['ERROR', expect.objectContaining({ kind: 'Status', code: 410, reason: 'Expired' })]]);
});
