import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { manualSource, type ManualSource } from '../../test/transport/manual-source.ts';
import { scaleTimings } from '../protocol/timings.ts';
import { PROTOCOL_NAME } from '../protocol/version.ts';
import { createServer, type Server } from './create-server.ts';
import type { Identity } from './types.ts';

const timings = scaleTimings(10);

/** A real peer whose kernel takes nothing more, while publications go on. */
describe('NodeSocket', () => {
  let server: Server;
  let httpServer: HttpServer;
  let socket: WebSocket;
  afterEach(async () => {
    socket.terminate();
    await server.dispose();
    await new Promise((resolve) => httpServer.close(resolve));
  });

  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });

  async function until(what: string, probe: () => unknown, withinMs = 15_000): Promise<void> {
    const startedAt = performance.now();
    while (!probe()) {
      if (performance.now() - startedAt > withinMs) throw new Error(`not in time: ${what}`);
      await turn();
    }
  }

  /** Subscribes, stops reading, and publishes until bytes wait on the server. */
  async function stall(): Promise<{ source: ManualSource; stream: Socket }> {
    const source = manualSource('ticks', 'ephemeral');
    server = createServer<Identity>({
      authenticate: () => ({ identity: { userId: 'ada', orgId: 'acme' } }),
      channels: [source],
      timings,
    });
    httpServer = createHttpServer();
    server.attach(httpServer, '/ws');
    await new Promise<void>((resolve) => {
      httpServer.listen(0, '127.0.0.1', resolve);
    });
    const { port } = httpServer.address() as AddressInfo;
    socket = new WebSocket(`ws://127.0.0.1:${String(port)}/ws`, PROTOCOL_NAME);
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => frames.push(data.toString().slice(0, 40)));
    socket.on('error', () => undefined);
    await new Promise((resolve) => {
      socket.once('open', resolve);
    });
    socket.send('{"type":"hello","protocol":1,"peer":{"name":"t","version":"1"}}');
    await until('welcome', () => frames.length === 1);
    socket.send('{"type":"request","id":1,"method":"subscribe","params":{"items":[{"channel":"ticks"}]}}');
    await until('response', () => frames.length === 2);
    const stream = (socket as unknown as { readonly _socket: Socket })._socket;
    stream.pause();
    await until('full buffers', () => {
      source.sink.publish({ data: 'x'.repeat(4_000) });
      return server.stats().queuedBytes > 1_000;
    });
    return { source, stream };
  }

  it('[B3] a peer that reads nothing is cut in time, though a trickle of publications is written to it', async () => {
    const { source } = await stall();
    const startedAt = performance.now();
    let publishedAt = 0;
    await until('the cut', () => {
      if (performance.now() - publishedAt > 50) {
        publishedAt = performance.now();
        source.sink.publish({ data: 'tick' });
      }
      return server.stats().connections === 0;
    });
    const tookMs = performance.now() - startedAt;
    // Two looks late at most, one until the queue is seen, one until the time is over; the rest is a busy machine's.
    expect(tookMs).toBeGreaterThan(timings.stallTimeoutMs * 0.9);
    expect(tookMs).toBeLessThan(timings.stallTimeoutMs * 5);
    expect(server.stats().closes).toEqual({ PEER_TIMEOUT: 1 });
  });

  it('[B5] a peer that was closed and floods on, without an answer to the close, is cut', async () => {
    await stall();
    const before = server.stats().framesIn;
    const { port } = httpServer.address() as AddressInfo;
    const flooder = connect(port, '127.0.0.1');
    const closed = vi.fn();
    flooder.on('close', closed);
    flooder.on('error', () => undefined);
    flooder.resume();
    flooder.write(
      `GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${PROTOCOL_NAME}\r\n\r\n`,
    );
    // A text message of 200,000 bytes, with a mask of zeros; the first one is no frame of the protocol.
    const message = Buffer.alloc(200_014, 'x');
    message.set([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    message.writeBigUInt64BE(200_000n, 2);
    let written = 0;
    await until('the cut', () => {
      if (flooder.writableLength < 1_000_000 && !flooder.destroyed) {
        flooder.write(message);
        written += 1;
      }
      return closed.mock.calls.length > 0;
    });
    // What fills the buffers on the way comes on top of what is borne.
    expect(written * message.length).toBeLessThan(40_000_000);
    expect(server.stats().framesIn).toBe(before + 1);
  });

  it('[B3] a peer that reads slowly is not', async () => {
    const { source, stream } = await stall();
    const startedAt = performance.now();
    let [publishedAt, readAt] = [0, performance.now()];
    await until('three times as long', () => {
      const now = performance.now();
      if (now - publishedAt > 50) {
        publishedAt = now;
        source.sink.publish({ data: 'x'.repeat(16_000) });
      }
      // A fifth, so that a busy machine, which runs both peers, is late by less than the rest.
      if (now - readAt > timings.stallTimeoutMs / 5) {
        readAt = now;
        stream.resume();
        setImmediate(() => stream.pause());
      }
      return now - startedAt > timings.stallTimeoutMs * 3;
    });
    expect(server.stats()).toMatchObject({ connections: 1, closes: {} });
  });
});
