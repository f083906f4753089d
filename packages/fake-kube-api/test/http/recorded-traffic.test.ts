import { expect, test, vi } from 'vitest';
import type { KubeObject } from '../../src/server/index.ts';
import { fillTo, namespaceBody, startServer, type TestServer } from './client.ts';
import { fixture, fixtureEvents, fixtureLines, type ListBody } from './fixtures.ts';

const RECORDED = fixtureEvents('watch-pods-lifecycle.ndjson');

/** What a client sent to get a recorded object. */
function asSent({ apiVersion, kind, metadata, spec }: KubeObject): object {
  const { name, namespace, labels, annotations } = metadata;
  return { apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec };
}

/** Repeats the recorded changes, each at its recorded revision. */
async function replay({ api, call }: TestServer): Promise<void> {
  for (const name of ['team-a', 'team-b']) await call('POST', '/api/v1/namespaces', { body: namespaceBody(name) });
  const labels = new Map<string, string>();
  const patch = { 'content-type': 'application/merge-patch+json' };
  for (const { type, object } of RECORDED) {
    if (type === 'DELETED') continue;
    const { namespace = '', name, resourceVersion, deletionTimestamp } = object.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const hasNewLabels = labels.get(name) !== JSON.stringify(object.metadata.labels);
    labels.set(name, JSON.stringify(object.metadata.labels));
    fillTo(api, Number(resourceVersion) - 1);
    if (type === 'ADDED') await call('POST', path, { body: asSent(object) });
    else if (deletionTimestamp !== undefined)
      await call('DELETE', `${path}/${name}`, { body: { gracePeriodSeconds: 0 } });
    else if (hasNewLabels) {
      await call('PATCH', `${path}/${name}`, {
        body: { metadata: { labels: object.metadata.labels } },
        headers: patch,
      });
    } else await call('PATCH', `${path}/${name}/status`, { body: { status: object['status'] }, headers: patch });
  }
}

/** What must be the same in a repetition: not uid, times and managers, which are somebody else's. */
function comparable({ kind, apiVersion, metadata, spec }: KubeObject): object {
  const { uid: _uid, creationTimestamp: _created, deletionTimestamp, managedFields: _fields, ...rest } = metadata;
  return { kind, apiVersion, metadata: rest, isDeleting: deletionTimestamp !== undefined, spec };
}

const fieldOrder = (object: KubeObject): object => ({
  object: Object.keys(object).filter((key) => key !== 'status'),
  metadata: Object.keys(object.metadata).filter((key) => key !== 'managedFields'),
});

test('a watch over recorded changes has the recorded events, revisions and order of members', async () => {
  const server = await startServer();
  const watch = await server.watch('/api/v1/pods?watch=1&resourceVersion=1');
  await replay(server);
  await vi.waitFor(() => {
    expect(watch.lines.length).toBeGreaterThanOrEqual(RECORDED.length);
  });
  const events = watch.events;
  expect(events.map(({ type, object }) => [type, comparable(object)])).toEqual(
    RECORDED.map(({ type, object }) => [type, comparable(object)]),
  );
  expect(events.map(({ object }) => fieldOrder(object))).toEqual(RECORDED.map(({ object }) => fieldOrder(object)));

  const late = await server.watch('/api/v1/pods?watch=1&resourceVersion=1');
  await vi.waitFor(() => {
    expect(late.lines).toEqual(watch.lines);
  });
});

test('pages of a list are cut where the real server cut them, with its continue tokens', async () => {
  const server = await startServer();
  await replay(server);
  let path = '/api/v1/pods?limit=5';
  for (const name of ['list-pods-page1.json', 'list-pods-page2.json']) {
    const recorded = fixture<ListBody>(name);
    const { body } = await server.call<ListBody>('GET', path);
    expect(body.metadata).toEqual(recorded.metadata);
    expect({ kind: body.kind, apiVersion: body.apiVersion }).toEqual({ kind: 'PodList', apiVersion: 'v1' });
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual(
      recorded.items.map(({ metadata }) => metadata.name),
    );
    expect(body.items.map(fieldOrder)).toEqual(recorded.items.map(fieldOrder));
    path = `/api/v1/pods?limit=5&continue=${body.metadata.continue ?? ''}`;
  }
  const { body: last } = await server.call<ListBody>('GET', path);
  expect(last.metadata).toEqual({ resourceVersion: '273' });
  expect(last.items).toHaveLength(4);
});

test('lists as Table and as PartialObjectMetadataList have the recorded shape', async () => {
  const server = await startServer();
  await replay(server);
  for (const [as, name] of [
    ['Table', 'table-pods.json'],
    ['PartialObjectMetadataList', 'partial-metadata-pods.json'],
  ] as const) {
    const recorded = fixture<ListBody & { rows?: readonly { object: KubeObject }[] }>(name);
    const { body } = await server.call<typeof recorded>('GET', '/api/v1/namespaces/team-a/pods', {
      headers: { accept: `application/json;as=${as};v=v1;g=meta.k8s.io,application/json` },
    });
    expect(Object.keys(body)).toEqual(Object.keys(recorded));
    expect(body.metadata).toEqual(recorded.metadata);
    const namesOf = (list: typeof recorded): unknown =>
      (list.rows?.map(({ object }) => object) ?? list.items).map(({ kind, metadata }) => [kind, metadata.name]);
    expect(namesOf(body)).toEqual(namesOf(recorded));
  }
});

test('bookmarks come at their interval and before a timeout, and have the recorded bytes', async () => {
  const server = await startServer({ bookmarkIntervalMs: 600 });
  fillTo(server.api, 285);
  const watch = await server.watch(
    '/api/v1/pods?watch=1&allowWatchBookmarks=true&resourceVersion=285&timeoutSeconds=1',
  );
  await vi.waitFor(() => {
    expect(watch.ended).toBe(true);
  });
  expect(watch.lines).toEqual(fixtureLines('watch-pods-bookmarks.ndjson').slice(-2));
});

test('initial events are the list, then the recorded annotated bookmark', async () => {
  const server = await startServer();
  await replay(server);
  const watch = await server.watch(
    '/api/v1/namespaces/team-b/pods?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan',
  );
  const recorded = fixtureEvents('watch-list-initial-events.ndjson');
  await vi.waitFor(() => {
    expect(watch.lines).toHaveLength(recorded.length);
  });
  expect(watch.lines.at(-1)).toBe(fixtureLines('watch-list-initial-events.ndjson').at(-1));
  const shown = (events: typeof recorded): unknown => events.map(({ type, object }) => [type, object.metadata.name]);
  expect(shown(watch.events)).toEqual(shown(recorded));
});
