import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { podBody, startServer, type OpenWatch, type TestServer } from './client.ts';

const PODS = '/api/v1/namespaces/default/pods';
const WATCH = `${PODS}?watch=1`;

const create = (server: TestServer, name: string) => server.call('POST', PODS, { body: podBody(name) });

const typesOf = (watch: OpenWatch): string[] => watch.events.map(({ type }) => type);

async function ended(watch: OpenWatch): Promise<boolean | string> {
  await vi.waitFor(() => {
    expect(watch.ended).not.toBe(false);
  });
  return watch.ended;
}

test('a status is answered as often as it is told, to the requests that match', async () => {
  const { api, call } = await startServer();
  const undo = api.faults.add(
    { kind: 'status', code: 429, retryAfterSeconds: 3 },
    { path: '/api/v1/pods', method: 'GET', times: 2 },
  );
  const first = await call('GET', '/api/v1/pods');
  expect(first).toMatchObject({ status: 429, body: { reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } } });
  expect(first.headers.get('retry-after')).toBe('3');
  expect((await call('GET', '/api/v1/nodes')).status).toBe(200);
  expect((await call('GET', '/api/v1/pods')).status).toBe(429);
  expect((await call('GET', '/api/v1/pods')).status).toBe(200);
  undo();
  api.faults.add({ kind: 'status', code: 500 }, { path: /pods$/, continued: true });
  expect((await call('GET', '/api/v1/pods?continue=x')).status).toBe(500);
  expect((await call('GET', '/api/v1/pods')).status).toBe(200);
  api.faults.clear();
});

test('a watch is answered with a status, or with it as an ERROR event after so many events', async () => {
  const server = await startServer();
  server.api.faults.add({ kind: 'status', code: 503 }, { watch: true, times: 1 });
  expect((await server.watch(WATCH)).status).toBe(503);
  server.api.faults.add({ kind: 'status', code: 410, inStream: true, afterEvents: 2 }, { watch: true, times: 1 });
  const watch = await server.watch(WATCH);
  for (const name of ['a', 'b', 'c']) await create(server, name);
  expect(await ended(watch)).toBe(true);
  expect(watch.events).toMatchObject([
    { type: 'ADDED' },
    { type: 'ADDED' },
    { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
  ]);
});

test('a watch ends in order, or is cut, after so many events', async () => {
  const server = await startServer();
  server.api.faults.add({ kind: 'end', afterEvents: 1 }, { times: 1, watch: true });
  const orderly = await server.watch(WATCH);
  await create(server, 'a');
  expect(await ended(orderly)).toBe(true);
  server.api.faults.add({ kind: 'cut', afterEvents: 2 }, { times: 1, watch: true });
  const cut = await server.watch(WATCH);
  await create(server, 'b');
  expect(await ended(cut)).toMatch(/terminated|reset|closed/);
  await expect(async () => {
    server.api.faults.add({ kind: 'cut' }, { times: 1 });
    await server.call('GET', PODS);
  }).rejects.toThrow();
});

test('what was sent before a cut arrives', async () => {
  const server = await startServer();
  for (const name of ['a', 'b', 'c']) await create(server, name);
  server.api.faults.add({ kind: 'cut', afterEvents: 2 }, { watch: true });
  const watch = await server.watch(WATCH);
  await ended(watch);
  expect(watch.events.map(({ object }) => object.metadata.name)).toEqual(['a', 'b']);
});

test('a garbage line comes between the events', async () => {
  const server = await startServer();
  server.api.faults.add({ kind: 'garbage', line: '<html>', afterEvents: 1 }, { watch: true });
  const watch = await server.watch(WATCH);
  for (const name of ['a', 'b']) await create(server, name);
  await vi.waitFor(() => {
    expect(watch.lines).toHaveLength(3);
  });
  expect(watch.lines[1]).toBe('<html>');
});

test('a half-open watch says nothing more and stays; cutOpen counts what it cuts', async () => {
  const server = await startServer();
  server.api.faults.add({ kind: 'half-open', afterEvents: 1 }, { watch: true });
  const watch = await server.watch(WATCH);
  for (const name of ['a', 'b']) await create(server, name);
  await vi.waitFor(() => {
    expect(typesOf(watch)).toEqual(['ADDED']);
  });
  expect(watch.ended).toBe(false);
  expect(server.api.faults.cutOpen({ path: '/other' })).toBe(0);
  expect(server.api.faults.cutOpen({ watch: true })).toBe(1);
  expect(await ended(watch)).toMatch(/terminated|reset|closed/);
  await vi.waitFor(() => {
    expect(server.api.stats.openWatches).toBe(0);
  });
});

test('a half-open server accepts and never answers', async () => {
  const server = await startServer();
  server.api.faults.add({ kind: 'half-open' }, { times: 1 });
  const answer = server.call('GET', PODS).then(
    () => 'answered',
    () => 'cut',
  );
  await vi.waitFor(() => {
    expect(server.api.faults.cutOpen()).toBe(1);
  });
  expect(await answer).toBe('cut');
});

test('a delay comes before the answer, a slow answer takes its time', async () => {
  const server = await startServer();
  server.api.faults.add({ kind: 'delay', delayMs: 150 }, { times: 1 });
  let startedAt = performance.now();
  await server.call('GET', PODS);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(145);
  server.api.faults.add({ kind: 'slow', bytesPerSecond: 2000 }, { times: 1 });
  startedAt = performance.now();
  const { text } = await server.call('GET', '/api/v1/namespaces');
  const expectedMs = (1000 * text.length) / 2000;
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(expectedMs * 0.9);
});

test('a slow watch loses nothing', async () => {
  const server = await startServer();
  server.api.faults.add({ kind: 'slow', bytesPerSecond: 20_000 }, { watch: true });
  const watch = await server.watch(WATCH);
  for (const name of ['a', 'b', 'c', 'd']) await create(server, name);
  await vi.waitFor(() => {
    expect(typesOf(watch)).toHaveLength(4);
  });
});

test('a reader that stands still is cut at the bound, and costs the others nothing', async () => {
  const { api, port } = await startServer();
  const still = connect(port, '127.0.0.1');
  still.write(`GET /api/v1/configmaps?watch=1 HTTP/1.1\r\nhost: x\r\n\r\n`);
  still.pause();
  still.on('error', () => undefined);
  await vi.waitFor(() => {
    expect(api.stats.openWatches).toBe(1);
  });
  const maps = { group: '', version: 'v1', resource: 'configmaps' } as const;
  const body = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data });
  const filling = 'x'.repeat(200_000);
  api.store.create(maps, 'default', body({}));
  let seen = 0;
  api.store.watch(maps, {}, api.store.resourceVersion, () => (seen += 1));
  let written = 0;
  await vi.waitFor(
    () => {
      for (let index = 0; index < 20; index += 1) {
        written += 1;
        api.store.update(maps, 'default', 'big', body({ filling, at: String(written) }));
      }
      expect(api.stats.openWatches).toBe(0);
    },
    { interval: 5 },
  );
  expect(seen).toBe(written);
  // The socket's own buffers, the 1 MiB that a watch keeps ahead and the 16 MiB bound.
  expect(written * filling.length).toBeLessThan(60_000_000);
  still.destroy();
});
