import { createServer } from 'node:http';
import { Server } from 'socket.io';
import type { Contender } from './contender.ts';

/** Socket.IO with its default adapter and a room, as its documentation broadcasts; WebSocket transport only. */
export function createSocketIo(): Contender {
  const httpServer = createServer();
  const server = new Server(httpServer, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
  server.on('connection', (socket) => {
    void socket.join('bench');
    socket.on('echo', (text: string, answer: (text: string) => void) => {
      answer(text);
    });
  });
  return {
    httpServer,
    publish(payload) {
      server.to('bench').emit('publication', payload);
    },
    get subscriberCount() {
      return server.sockets.sockets.size;
    },
  };
}
