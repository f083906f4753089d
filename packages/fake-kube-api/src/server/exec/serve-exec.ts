import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { failure } from '../../core/status-errors.ts';
import { StatusError } from '../../protocol/status.ts';
import type { ApiContext, RequestLine } from '../api-context.ts';
import { offeredProtocols } from '../authentication.ts';
import type { ResourceRequest } from '../request-info.ts';
import { checkExec, EXEC_PROTOCOLS } from './exec-request.ts';
import { runExec } from './exec-session.ts';

/** A pasted text or a piece of a file; kubectl sends at most 32 KiB at once. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Of one server, at the same time. */
const MAX_SESSIONS = 256;

/** Serves `pods/exec` over WebSockets. */
export interface ExecSurface {
  /** Takes the socket over; throws a StatusError where the request cannot be served. `opened` is told before a command runs. */
  serve(
    line: RequestLine,
    resource: ResourceRequest,
    upgrade: { readonly message: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
    opened: () => void,
  ): void;
}

/** Creates the exec of a server. */
export function createExecSurface({ store, now }: ApiContext): ExecSurface {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (_protocols, request) => {
      const offered = offeredProtocols(request.headers);
      return EXEC_PROTOCOLS.find((protocol) => offered.includes(protocol)) ?? false;
    },
  });
  return {
    serve(line, resource, { message, socket, head }, opened) {
      const pod = store.get(resource, resource.namespace, resource.name ?? '');
      const request = checkExec(pod, line.query, message);
      if (server.clients.size >= MAX_SESSIONS) {
        const why = `this server runs ${String(MAX_SESSIONS)} commands already`;
        throw new StatusError(failure(429, 'TooManyRequests', why, { retryAfterSeconds: 1 }));
      }
      server.handleUpgrade(message, socket, head, (webSocket) => {
        opened();
        runExec(webSocket, store, pod, request, now);
      });
    },
  };
}
