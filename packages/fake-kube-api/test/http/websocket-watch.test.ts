import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { podBody, startServer, type TestServer } from './client.ts';

const PATH = '/api/v1/namespaces/default/pods?watch=1';
const BEARER = `base64url.bearer.authorization.k8s.io.${Buffer.from('secret').toString('base64url')}`;

interface Opened {
  readonly socket: WebSocket;
  readonly messages: readonly { readonly text: string; readonly isBinary: boolean }[];
}

async function open(
  { url, port }: TestServer,
  {
    path = PATH,
    protocols = [],
    origin = `http://127.0.0.1:${String(port)}`,
  }: { path?: string; protocols?: string[]; origin?: string } = {},
): Promise<Opened | { readonly status: number; readonly body: string }> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, protocols, origin === '' ? {} : { origin });
  onTestFinished(() => {
    socket.terminate();
  });
  const messages: { text: string; isBinary: boolean }[] = [];
  socket.on('message', (data: Buffer, isBinary) => messages.push({ text: data.toString(), isBinary }));
  socket.on('error', () => undefined);
  const refused = once(socket, 'unexpected-response').then(async ([, response]: IncomingMessage[]) => {
    const chunks: Buffer[] = [];
    for await (const chunk of response ?? []) chunks.push(chunk as Buffer);
    return { status: response?.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
  });
  refused.catch(() => undefined);
  return Promise.race([once(socket, 'open').then(() => ({ socket, messages })), refused]);
}

async function mustOpen(server: TestServer, options?: Parameters<typeof open>[1]): Promise<Opened> {
  const opened = await open(server, options);
  if ('socket' in opened) return opened;
  throw new Error(`refused with ${String(opened.status)}`);
}

const withToken = () => startServer({ authenticate: (token) => (token === 'secret' ? { user: 'ada' } : undefined) });

test('a watch over a WebSocket sends one event in each text message', async () => {
  const server = await startServer();
  await server.call('POST', '/api/v1/namespaces/default/pods', { body: podBody('x') });
  const { messages, socket } = await mustOpen(server);
  await server.call('DELETE', '/api/v1/namespaces/default/pods/x', { body: { gracePeriodSeconds: 0 } });
  await vi.waitFor(() => {
    expect(messages.map(({ text }) => (JSON.parse(text) as { type: string }).type).at(-1)).toBe('DELETED');
  });
  expect(messages.every(({ isBinary }) => !isBinary)).toBe(true);
  expect(server.api.stats.openWatches).toBe(1);
  socket.close();
  await vi.waitFor(() => {
    expect(server.api.stats.openWatches).toBe(0);
  });
});

test('without the server’s own Origin the handshake is answered 403 with an empty body', async () => {
  const server = await startServer();
  for (const origin of ['', 'https://elsewhere.example', 'null']) {
    expect(await open(server, { origin })).toEqual({ status: 403, body: '' });
  }
});

test.each(['base64.binary.k8s.io', 'binary.k8s.io'])(
  'a token in a sub-protocol beside %s is a login, and that protocol is chosen',
  async (protocol) => {
    const server = await withToken();
    const { socket } = await mustOpen(server, { protocols: [BEARER, protocol] });
    expect(socket.protocol).toBe(protocol);
    expect(server.api.stats.requests.at(-1)).toMatchObject({ user: 'ada', isWatch: true, status: 101 });
  },
);

test('a token in the only sub-protocol, a wrong one and none are answered 401', async () => {
  const server = await withToken();
  const wrong = `base64url.bearer.authorization.k8s.io.${Buffer.from('other').toString('base64url')}`;
  for (const protocols of [[BEARER], [wrong, 'binary.k8s.io'], []]) {
    const answer = await open(server, { protocols });
    expect(answer).toMatchObject({ status: 401 });
    expect(JSON.parse((answer as { body: string }).body)).toMatchObject({ kind: 'Status', reason: 'Unauthorized' });
  }
});

test('an expired resourceVersion is one ERROR message, then the close', async () => {
  const server = await startServer();
  server.api.store.compact();
  const { socket, messages } = await mustOpen(server, { path: `${PATH}&resourceVersion=1` });
  if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
  expect(messages.map(({ text }) => JSON.parse(text) as unknown)).toMatchObject([
    { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
  ]);
});

test('other paths than watches are refused', async () => {
  const server = await startServer();
  expect(await open(server, { path: '/api/v1/pods' })).toMatchObject({ status: 400 });
  expect(await open(server, { path: '/api/v1/nothings?watch=1' })).toMatchObject({ status: 404 });
  server.api.faults.add({ kind: 'no-websocket' });
  expect(await open(server)).toEqual({ status: 403, body: '' });
});

test('what was sent before a cut arrives over a WebSocket too', async () => {
  const server = await startServer();
  for (const name of ['a', 'b', 'c']) await server.call('POST', PATH, { body: podBody(name) });
  server.api.faults.add({ kind: 'cut', afterEvents: 2 }, { watch: true });
  const { socket, messages } = await mustOpen(server);
  if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
  expect(messages).toHaveLength(2);
});

test('a half-open WebSocket answers no ping, and is cut from outside', async () => {
  const server = await startServer();
  server.api.faults.add({ kind: 'half-open', afterEvents: 0 }, { times: 1 });
  const dead = await mustOpen(server);
  const alive = await mustOpen(server);
  let pongs = 0;
  dead.socket.on('pong', () => (pongs += 1));
  const answered = once(alive.socket, 'pong');
  dead.socket.ping();
  alive.socket.ping();
  await answered;
  expect(pongs).toBe(0);
  expect(server.api.stats.openWatches).toBe(2);
  expect(server.api.faults.cutOpen({ watch: true })).toBe(2);
  await vi.waitFor(() => {
    expect(server.api.stats.openWatches).toBe(0);
  });
});
