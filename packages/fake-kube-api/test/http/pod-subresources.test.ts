import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect, test, vi } from 'vitest';
import type { FakeKubeApi } from '../../src/server/index.ts';
import { podBody, startServer } from './client.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' } as const;
const PATH = '/api/v1/namespaces/default/pods';

function runningPod(api: FakeKubeApi, name: string, containers: readonly string[] = ['main']): void {
  const spec = { nodeName: 'n1', containers: containers.map((container) => ({ name: container, image: 'a' })) };
  api.store.create(PODS, 'default', { ...podBody(name, { labels: { app: name } }), spec });
}

function setRestarts(api: FakeKubeApi, name: string, restartCount: number): void {
  const pod = api.store.get(PODS, 'default', name);
  const status = { containerStatuses: [{ name: 'main', restartCount, state: { running: {} } }] };
  api.store.update(PODS, 'default', name, { ...pod, status }, { subresource: 'status' });
}

const main = (name: string) => ({ namespace: 'default', name, container: 'main' });

test('a log is read whole or in part', async () => {
  let nowMs = Date.UTC(2026, 10, 21);
  const { api, call } = await startServer({ now: () => nowMs });
  runningPod(api, 'x');
  for (const line of ['one', 'two', 'three']) {
    api.appendLog(main('x'), line);
    nowMs += 10_000;
  }
  const log = async (query = '') => (await call('GET', `${PATH}/x/log${query}`)).text;
  expect(await log()).toBe('one\ntwo\nthree\n');
  expect(await log('?tailLines=1')).toBe('three\n');
  expect(await log('?tailLines=0')).toBe('');
  expect(await log('?sinceSeconds=20')).toBe('two\nthree\n');
  expect(await log('?limitBytes=6')).toBe('one\ntw');
  expect(await log('?timestamps=true&tailLines=1')).toBe('2026-11-21T00:00:20.000000000Z three\n');
  expect((await call('GET', `${PATH}/x/log?tailLines=-1`)).status).toBe(400);
});

test('a followed log goes on until the pod is gone', async () => {
  const { api, watch } = await startServer();
  runningPod(api, 'x');
  api.appendLog(main('x'), 'before');
  const open = await watch(`${PATH}/x/log?follow=true`);
  await vi.waitFor(() => {
    expect(open.lines).toEqual(['before']);
  });
  api.appendLog(main('x'), 'after');
  await vi.waitFor(() => {
    expect(open.lines).toEqual(['before', 'after']);
  });
  expect(open.ended).toBe(false);
  api.store.delete(PODS, 'default', 'x', { gracePeriodSeconds: 0 });
  await vi.waitFor(() => {
    expect(open.ended).toBe(true);
  });
});

test('a followed log goes on over a restart, and the log before it is the previous one', async () => {
  const { api, call, watch } = await startServer();
  runningPod(api, 'x');
  setRestarts(api, 'x', 0);
  expect(await call('GET', `${PATH}/x/log?previous=true`)).toMatchObject({ status: 400 });
  api.appendLog(main('x'), 'first run');
  const open = await watch(`${PATH}/x/log?follow=true`);
  setRestarts(api, 'x', 1);
  api.appendLog(main('x'), 'second run');
  expect((await call('GET', `${PATH}/x/log`)).text).toBe('second run\n');
  expect((await call('GET', `${PATH}/x/log?previous=true`)).text).toBe('first run\n');
  await vi.waitFor(() => {
    expect(open.lines).toEqual(['first run', 'second run']);
  });
});

test('only the last 10,000 lines are kept, and a new pod of the same name begins anew', async () => {
  const { api, call } = await startServer();
  runningPod(api, 'x');
  for (let line = 1; line <= 12_345; line += 1) api.appendLog(main('x'), String(line));
  const lines = (await call('GET', `${PATH}/x/log`)).text.trimEnd().split('\n');
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([10_000, '2346', '12345']);
  api.store.delete(PODS, 'default', 'x', { gracePeriodSeconds: 0 });
  runningPod(api, 'x');
  expect((await call('GET', `${PATH}/x/log`)).text).toBe('');
});

test('the container must be clear, known and started', async () => {
  const { api, call } = await startServer();
  runningPod(api, 'two', ['main', 'side']);
  api.store.create(PODS, 'default', podBody('waiting'));
  const message = async (path: string) => {
    const { status, body } = await call(`GET`, `${PATH}/${path}`);
    return [status, body['message']];
  };
  expect(await message('two/log')).toEqual([
    400,
    'a container name must be specified for pod two, choose one of: [main side]',
  ]);
  expect(await message('two/log?container=other')).toEqual([400, 'container other is not valid for pod two']);
  expect(await message('waiting/log')).toEqual([400, 'pod waiting does not have a host assigned']);
  expect(await message('none/log')).toEqual([404, 'pods "none" not found']);
});

test('attach is refused with a reason, also to an upgrade, and discovery does not name it', async () => {
  const { api, call, url } = await startServer();
  runningPod(api, 'x');
  const { status, body } = await call('POST', `${PATH}/x/attach`);
  expect([status, body['message']]).toEqual([400, 'this cluster offers no attach: its containers run nothing']);
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1' };
  const upgrade = request(`${url}${PATH}/x/attach`, { method: 'POST', headers });
  upgrade.end();
  const [response] = (await once(upgrade, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual(body);
  const { body: discovery } = await call<{ resources: { name: string }[] }>('GET', '/api/v1');
  expect(discovery.resources.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['pods', 'pods/exec', 'pods/log']),
  );
  expect(discovery.resources.map(({ name }) => name)).not.toContain('pods/attach');
});

test('an eviction deletes the pod unless a disruption budget forbids it', async () => {
  const { api, call } = await startServer();
  runningPod(api, 'x');
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'x' } } };
  await call('POST', budgets, {
    body: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec },
  });
  const evict = (name: string) =>
    call('POST', `${PATH}/${name}/eviction`, {
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } },
    });
  expect(await evict('x')).toMatchObject({ status: 429, body: { reason: 'TooManyRequests' } });
  runningPod(api, 'y');
  expect(await evict('y')).toMatchObject({ status: 201, body: { kind: 'Status', status: 'Success' } });
  expect(api.store.get(PODS, 'default', 'y').metadata.deletionTimestamp).toBeDefined();
  expect(await evict('none')).toMatchObject({ status: 404 });
});

test('a binding puts a pod on a node once', async () => {
  const { api, call } = await startServer();
  api.store.create(PODS, 'default', podBody('x'));
  const bind = () =>
    call('POST', `${PATH}/x/binding`, {
      body: { apiVersion: 'v1', kind: 'Binding', target: { kind: 'Node', name: 'n1' } },
    });
  expect((await bind()).status).toBe(201);
  expect(api.store.get(PODS, 'default', 'x')['spec']).toMatchObject({ nodeName: 'n1' });
  expect((await bind()).status).toBe(409);
});
