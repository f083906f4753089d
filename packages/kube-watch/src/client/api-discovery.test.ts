import { readFileSync } from 'node:fs';
import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it } from 'vitest';
import { createApiResources } from './api-resources.ts';
import { createClusterGates } from './cluster-gates.ts';
import { createKubeHttp } from './http.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/kubernetes/${name}`, import.meta.url), 'utf8');

function start(answers: Readonly<Record<string, string | number>>) {
  const asked: string[] = [];
  const http = createKubeHttp({
    url: 'https://fleet.test',
    fetch: async (input) => {
      const path = new URL(input as string).pathname.replace('/clusters/one', '');
      asked.push(path);
      const answer = answers[path] ?? 404;
      return typeof answer === 'number' ? new Response('', { status: answer }) : new Response(answer);
    },
  });
  const clock = createManualClock();
  return {
    resources: createApiResources(
      http,
      createClusterGates(clock, () => {}),
      clock,
    ),
    asked,
    clock,
    answers,
  };
}

it('reads recorded aggregated discovery, and plain discovery where there is no other', async () => {
  const { resources, asked } = start({
    '/api': fixture('api.json'),
    '/api/v1': fixture('api-v1.json'),
    '/apis': fixture('apis-aggregated-discovery.json'),
  });
  const found = await resources.get('one');
  expect(asked.sort()).toEqual(['/api', '/api/v1', '/apis']);
  expect(found.find(({ resource }) => resource === 'pods')).toMatchObject({
    version: 'v1',
    kind: 'Pod',
    namespaced: true,
    shortNames: ['po'],
    isPreferred: true,
  });
  const deployments = found.find(({ resource }) => resource === 'deployments');
  expect(deployments).toMatchObject({ group: 'apps', version: 'v1', kind: 'Deployment', isPreferred: true });
  expect(deployments?.subresources).toEqual(expect.arrayContaining(['scale', 'status']));
  expect(found.find(({ resource }) => resource === 'pods')?.subresources).toContain('log');
});

it('lets a group that fails hide no other, and both ways of discovery say the same', async () => {
  const plain = start({
    '/api': 503,
    '/apis': fixture('apis.json'),
    '/apis/apps/v1': fixture('apis-apps-v1.json'),
  });
  const aggregated = start({ '/api': 503, '/apis': fixture('apis-aggregated-discovery.json') });
  const found = await plain.resources.get('one');
  const same = (await aggregated.resources.get('one')).filter(({ group }) => group === 'apps');
  const sorted = (list: readonly { readonly resource: string; readonly subresources: readonly string[] }[]) =>
    list
      .map((one) => ({ ...one, subresources: [...one.subresources].sort() }))
      .sort((a, b) => a.resource.localeCompare(b.resource));
  expect(sorted(found)).toEqual(sorted(same));
});

it('rejects when nothing answered, and asks again then', async () => {
  const { resources, asked, answers } = start({ '/api': 500, '/apis': 500 });
  await expect(resources.get('one')).rejects.toMatchObject({ status: 500, cluster: 'one' });
  (answers as Record<string, string>)['/apis'] = fixture('apis-aggregated-discovery.json');
  await resources.get('one');
  expect(asked.filter((path) => path === '/apis')).toHaveLength(2);
});

it('asks a cluster once, and again for a type that it did not have 30 s ago', async () => {
  const { resources, asked, clock } = start({ '/api': 404, '/apis': fixture('apis-aggregated-discovery.json') });
  await Promise.all([resources.get('one'), resources.get('one')]);
  const jobs = [{ kind: 'Nothing' }, { kind: 'Job' }];
  expect(await resources.resolve('one', jobs)).toMatchObject({ group: 'batch', resource: 'jobs' });
  await expect(resources.resolve('one', [{ kind: 'Nothing' }])).rejects.toMatchObject({ status: 404 });
  expect(asked.filter((path) => path === '/apis')).toHaveLength(1);
  await clock.advanceAsync(30_000);
  await expect(resources.resolve('one', [{ kind: 'Nothing' }])).rejects.toMatchObject({ status: 404 });
  expect(asked.filter((path) => path === '/apis')).toHaveLength(2);
});
