// An API server that does nothing but serve one list and one watch, as fast as the socket takes it. The events are made
// beforehand, so that the gateway is what is measured.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerCalls } from '../child-calls.ts';
import { eventLine } from './event-line.ts';
import { listStart, podListJson } from './pods.ts';

let watch: ServerResponse | undefined;
let watches = 0;
let lists = 0;
let onWatch: (() => void) | undefined;

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('Content-Type', 'application/json');
  if (url.pathname === '/version') {
    response.end('{"major":"1","minor":"36","gitVersion":"v1.36.0"}');
  } else if (url.searchParams.has('watch')) {
    watches += 1;
    watch = response;
    response.socket?.setNoDelay(true);
    response.flushHeaders();
    onWatch?.();
  } else if (url.pathname.endsWith('/pods')) {
    // The gateway asks for one object to learn where the cluster is: that is no list.
    if (url.searchParams.get('limit') !== '1') lists += 1;
    response.end(podListJson(1, listStart));
  } else {
    response.statusCode = 404;
    response.end('{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}');
  }
});

answerCalls({
  listen: () =>
    new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        resolve((server.address() as AddressInfo).port);
      });
    }),
  counts: () => ({ watches, lists }),
  watched: () =>
    new Promise<void>((resolve) => {
      if (watch !== undefined) resolve();
      else onWatch = resolve;
    }),
  /** Sends so many events and resolves with their bytes when the last has left. */
  async send({ from, count }: { from: number; count: number }): Promise<number> {
    if (watch === undefined) throw new Error('nobody watches');
    let bytes = 0;
    for (let index = 0; index < count; index += 1) {
      const line = eventLine(from + index);
      bytes += line.length;
      if (!watch.write(line)) await new Promise((resolve) => watch?.once('drain', resolve));
    }
    return bytes;
  },
});
