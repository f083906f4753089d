import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { badRequest } from '../core/status-errors.ts';
import { type ApiContext, readRequestLine } from './api-context.ts';
import { authenticateRequest, authorizeRequest, offeredProtocols } from './authentication.ts';
import { isExec } from './exec/exec-request.ts';
import { createExecSurface } from './exec/serve-exec.ts';
import { refuseContainerAction } from './pod-actions.ts';
import { type Answer, statusAnswer, statusOf } from './respond.ts';
import { PAGE_NOT_FOUND } from './route-request.ts';
import { strikesInStream, sufferFaults } from './serve-http.ts';
import { prepareWatch } from './start-watch.ts';
import { createWebSocketSink } from './watch-sink.ts';

const FORBIDDEN: Answer = { status: 403, contentType: 'text/plain', body: '' };

/** Serves watches and exec over WebSockets. */
export interface WebSocketSurface {
  readonly handleUpgrade: (message: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

function refuse(socket: Duplex, { status, contentType, body, headers = {} }: Answer): void {
  const bytes = Buffer.from(body as Uint8Array);
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${contentType}`,
    `content-length: ${String(bytes.byteLength)}`,
    'connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]));
}

/** Pages of other hosts may not use a user's credentials: the host of the Origin must be the server's own. */
function isOwnOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin !== undefined && host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** Creates the WebSocket half of a server. */
export function createWebSocketSurface(context: ApiContext): WebSocketSurface {
  const server = new WebSocketServer({
    noServer: true,
    // A watch hears nothing but pings and the close.
    maxPayload: 64 * 1024,
    handleProtocols: (_protocols, request) => offeredProtocols(request.headers)[0] ?? false,
  });
  const exec = createExecSurface(context);

  const serve = async (message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const line = readRequestLine(message);
    const faults = context.faults.take(line.facts);
    const track = context.stats.begin({ ...line, isWatch: line.facts.isWatch });
    const answer = (result: Answer): void => {
      track.status(result.status);
      refuse(socket, result);
    };
    const undo = context.faults.open(line.facts, () => {
      socket.destroy();
    });
    socket.on('close', () => {
      undo();
      track.closed();
    });
    try {
      const destroy = (): void => {
        socket.destroy();
      };
      if (!(await sufferFaults(faults, line.facts.isWatch, { destroy, answer })) || socket.destroyed) return;
      const user = authenticateRequest(message, context.authenticate, context.authorize);
      track.user(user.user);
      const { resource } = line;
      if (resource) {
        authorizeRequest(user, resource, context.authorize);
        // Clients of attach come with SPDY or without an Origin, and show what the Status says.
        refuseContainerAction(context.store, resource);
      }
      const isForExec = resource !== undefined && isExec(resource);
      // Only the API server's watches insist on an Origin; kubectl's exec has none.
      const hasOrigin = !isForExec || message.headers.origin !== undefined;
      if ((hasOrigin && !isOwnOrigin(message)) || faults.some(({ kind }) => kind === 'no-websocket')) {
        answer(FORBIDDEN);
        return;
      }
      if (isForExec) {
        exec.serve(line, resource, { message, socket, head }, () => {
          track.status(101);
        });
        return;
      }
      if (!resource?.isWatch) throw badRequest('only watches and exec are served over WebSockets here');
      const start = prepareWatch(context, line, resource, message);
      if (!start) {
        answer(PAGE_NOT_FOUND);
        return;
      }
      server.handleUpgrade(message, socket, head, (webSocket) => {
        track.status(101);
        track.watchOpened();
        // A broken frame closes the connection by itself; without a listener it would end the process.
        webSocket.on('error', () => undefined);
        webSocket.on('close', start(createWebSocketSink(webSocket), faults.filter(strikesInStream)));
      });
    } catch (error) {
      answer(statusAnswer(statusOf(error)));
    }
  };

  return {
    handleUpgrade(message, socket, head) {
      socket.on('error', () => {
        socket.destroy();
      });
      void serve(message, socket, head);
    },
  };
}
