import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Contender } from './contender.ts';

/**
 * What fan-out could be: frames made once, the frames of a tick put together once, one plain write for each socket. No
 * back-pressure, no positions, no per-connection state.
 */
export function createPreframed(): Contender {
  const httpServer = createServer();
  const webSocketServer = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false });
  const streams = new Set<Duplex>();
  httpServer.on('upgrade', (request, stream: Duplex, head) => {
    webSocketServer.handleUpgrade(request, stream, head, () => {
      streams.add(stream);
      stream.on('close', () => streams.delete(stream));
    });
  });
  let frames: Buffer[] = [];
  const flush = (): void => {
    const bytes = frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
    frames = [];
    for (const stream of streams) stream.write(bytes);
  };
  return {
    httpServer,
    publish(payload) {
      const data = Buffer.from(JSON.stringify(payload));
      const frame = Buffer.allocUnsafe(4 + data.length);
      frame.writeUInt16BE(0x81_7e, 0);
      frame.writeUInt16BE(data.length, 2);
      data.copy(frame, 4);
      frames.push(frame);
      if (frames.length === 1) setImmediate(flush);
    },
    get subscriberCount() {
      return streams.size;
    },
  };
}
