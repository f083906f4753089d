import { createServer } from 'node:http';
import { WebSocketServer, type RawData } from 'ws';
import type { Contender } from './contender.ts';

/** The least that one can do with `ws`: one Buffer, sent to every socket in a loop; messages are echoed. */
export function createWsLoop(): Contender {
  const httpServer = createServer();
  const server = new WebSocketServer({ server: httpServer, perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data: RawData) => {
      socket.send(data as Buffer, { binary: false });
    });
  });
  return {
    httpServer,
    publish(payload) {
      const bytes = Buffer.from(JSON.stringify(payload));
      for (const socket of server.clients) socket.send(bytes, { binary: false });
    },
    get subscriberCount() {
      return server.clients.size;
    },
  };
}
