import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { FakeKubeApi } from '../../src/server/index.ts';
import { startServer } from './client.ts';

const MAPS = { group: '', version: 'v1', resource: 'configmaps' } as const;
const COUNT = 300;
const PATH =
  '/api/v1/configmaps?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';

/** More than a watch may keep for a reader: 30 MB. */
function fill({ store }: FakeKubeApi): void {
  const filling = 'x'.repeat(100_000);
  for (let index = 0; index < COUNT; index += 1) {
    store.create(MAPS, 'default', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'm-' },
      data: { filling },
    });
  }
}

test('a state that is bigger than the bound reaches a slow reader whole, with what happened meanwhile at the end', async () => {
  const { api, port } = await startServer();
  fill(api);
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  socket.write(`GET ${PATH} HTTP/1.1\r\nhost: x\r\n\r\n`);
  await once(socket, 'readable');
  api.store.create(MAPS, 'default', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } });
  const types: string[] = [];
  let tail = '';
  socket.on('data', (chunk: Buffer) => {
    const text = tail + chunk.toString('latin1');
    types.push(...[...text.matchAll(/\{"type":"([A-Z]+)","object"/g)].map(([, type = '']) => type));
    // The mark of an event may lie across two chunks; a mark that is whole is not counted again.
    tail = text.slice(Math.max(text.lastIndexOf('{"type":"') + 1, text.length - 30));
  });
  await vi.waitFor(() => {
    expect(types).toHaveLength(COUNT + 2);
  });
  expect(types.slice(-2)).toEqual(['BOOKMARK', 'ADDED']);
  expect(api.stats.openWatches).toBe(1);
});

test('the same over a WebSocket', async () => {
  const { api, port } = await startServer();
  fill(api);
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}${PATH}`, { origin: `http://127.0.0.1:${String(port)}` });
  onTestFinished(() => {
    socket.terminate();
  });
  const types: string[] = [];
  socket.on('message', (data: Buffer) =>
    types.push(/"type":"([A-Z]+)"/.exec(data.toString('latin1', 0, 40))?.[1] ?? ''),
  );
  await once(socket, 'open');
  socket.pause();
  api.store.create(MAPS, 'default', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } });
  socket.resume();
  await vi.waitFor(() => {
    expect(types).toHaveLength(COUNT + 2);
  });
  expect(types.slice(-2)).toEqual(['BOOKMARK', 'ADDED']);
});
