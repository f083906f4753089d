import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import { browserLimits } from '../protocol/limits.ts';
import { createClient, type Client } from './index.ts';

interface Sent {
  readonly type: string;
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
}

const undos: (() => void)[] = [];
afterEach(() => {
  for (const undo of undos.splice(0)) undo();
});

/** A server that welcomes, and answers every request with its parameters. */
async function listen(onSocket: (socket: ServerSocket) => void = () => {}): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'fleetwire.v1' });
  undos.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Sent;
      const answer = (more: object): void => {
        socket.send(JSON.stringify(more));
      };
      if (frame.type === 'hello') {
        answer({
          type: 'welcome',
          protocol: 1,
          connectionId: 'c-1',
          heartbeatMs: 25_000,
          limits: browserLimits,
          sentAt: Date.now(),
        });
        onSocket(socket);
      } else if (frame.type === 'request') {
        answer({ type: 'response', id: frame.id, result: frame.params });
      }
    });
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/live`;
}

function connect(url: string, timings: Partial<{ backoffBaseMs: number }> = {}): Client {
  const client = createClient({ url, timings });
  undos.push(() => {
    client.dispose();
  });
  return client;
}

it('speaks over the WebSocket of the runtime, and reconnects after the socket was cut', async () => {
  const sockets: ServerSocket[] = [];
  const client = connect(await listen((socket) => sockets.push(socket)), { backoffBaseMs: 1 });
  await expect(client.request('a.echo', { text: 'grüß' })).resolves.toEqual({ text: 'grüß' });
  sockets[0]?.terminate();
  await vi.waitFor(() => {
    expect(sockets.length).toBe(2);
  });
  await expect(client.request('a.echo', [1])).resolves.toEqual([1]);
});

it('closes with a code that a page may send when the server breaks the protocol', async () => {
  const closed = new Promise<number>((resolve) => {
    void listen((socket) => {
      socket.on('close', resolve);
      socket.send('not json');
    }).then((url) => connect(url));
  });
  await expect(closed).resolves.toBe(4007);
});

it('answers bytes of a stream that it does not have', async () => {
  const answered = new Promise<unknown>((resolve) => {
    void listen((socket) => {
      socket.on('message', (data: Buffer) => {
        resolve(JSON.parse(data.toString()));
      });
      socket.send(Buffer.from([5, 1, 2, 3]));
    }).then((url) => connect(url));
  });
  await expect(answered).resolves.toMatchObject({ type: 'stream.close', id: 5, code: 'STREAM_UNKNOWN' });
});
