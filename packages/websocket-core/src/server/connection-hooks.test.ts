import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { PROTOCOL_NAME } from '../protocol/version.ts';
import { createServer, type ServerOptions } from './create-server.ts';
import type { Identity } from './types.ts';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

async function start(options: Partial<ServerOptions<Identity>>): Promise<string> {
  const httpServer = createHttpServer();
  const server = createServer<Identity>({
    authenticate: ({ token }) =>
      token === 'good' ? { identity: { userId: 'u1', orgId: 'o1' } } : { refused: 'invalid' },
    ...options,
  });
  server.attach(httpServer, '/ws');
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  undo.push(async () => {
    await server.dispose();
    await new Promise((resolve) => httpServer.close(resolve));
  });
  return `ws://127.0.0.1:${String((httpServer.address() as AddressInfo).port)}/ws`;
}

function open(url: string, token: string): WebSocket {
  const socket = new WebSocket(url, PROTOCOL_NAME);
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'hello', protocol: 1, token, peer: { name: 'test', version: '1' } }));
  });
  return socket;
}

describe('the connection hooks', () => {
  it('tell each welcomed connection once when it comes and once when it ends, with the close', async () => {
    const onConnected = vi.fn();
    const onDisconnected = vi.fn();
    const socket = open(await start({ onConnected, onDisconnected }), 'good');
    await vi.waitFor(() => {
      expect(onConnected).toHaveBeenCalledExactlyOnceWith(
        expect.objectContaining({ peer: { name: 'test', version: '1' } }),
      );
    });
    expect(onDisconnected).not.toHaveBeenCalled();
    socket.close(1000, 'bye');
    await vi.waitFor(() => {
      expect(onDisconnected).toHaveBeenCalledExactlyOnceWith(onConnected.mock.calls[0]?.[0], {
        code: 1000,
        reason: 'bye',
      });
    });
  });

  it('do not tell of a connection that was refused', async () => {
    const hook = vi.fn();
    const socket = open(await start({ onConnected: hook, onDisconnected: hook }), 'bad');
    const code = await new Promise((resolve) => socket.on('close', resolve));
    expect(code).toBe(4501);
    expect(hook).not.toHaveBeenCalled();
  });

  it('that throw cost the connection nothing and are logged', async () => {
    const error = vi.fn();
    const url = await start({
      onConnected: () => {
        throw new Error('not mine');
      },
      logger: { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error },
    });
    const socket = open(url, 'good');
    const first = await new Promise<string>((resolve) =>
      socket.on('message', (data: Buffer) => resolve(data.toString())),
    );
    expect(JSON.parse(first)).toMatchObject({ type: 'welcome' });
    expect(error).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ err: expect.any(Error) as Error }),
      'a connection hook failed',
    );
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.close();
  });
});
