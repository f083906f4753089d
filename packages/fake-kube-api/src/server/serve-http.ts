import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiContext, readRequestLine, type RequestLine } from './api-context.ts';
import type { RequestTrack } from './api-stats.ts';
import { authenticateRequest, authorizeRequest } from './authentication.ts';
import { faultStatus } from './fault-box.ts';
import { createPacer } from './pacer.ts';
import { servePodLog } from './pod-log-route.ts';
import { type Answer, send, statusAnswer, statusOf } from './respond.ts';
import { PAGE_NOT_FOUND, routeRequest } from './route-request.ts';
import { prepareWatch } from './start-watch.ts';
import type { Fault } from './types.ts';
import { createHttpSink } from './watch-sink.ts';

interface Exchange {
  readonly context: ApiContext;
  readonly line: RequestLine;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly faults: readonly Fault[];
  readonly track: RequestTrack;
}

/** Whether a fault strikes inside the stream of a watch, rather than in place of its answer. */
export function strikesInStream(fault: Fault): boolean {
  if (fault.kind === 'status') return fault.inStream === true || fault.afterEvents !== undefined;
  if (fault.kind === 'cut' || fault.kind === 'half-open') return fault.afterEvents !== undefined;
  return fault.kind === 'end' || fault.kind === 'garbage' || fault.kind === 'slow';
}

/** Waits as the faults say; false when the request has been dealt with by one. */
export async function sufferFaults(
  faults: readonly Fault[],
  isWatch: boolean,
  act: { readonly destroy: () => void; readonly answer: (answer: Answer) => void },
): Promise<boolean> {
  for (const fault of faults) {
    if (isWatch && strikesInStream(fault)) continue;
    switch (fault.kind) {
      case 'delay':
        await sleep(fault.delayMs, undefined, { ref: false });
        break;
      case 'cut':
        act.destroy();
        return false;
      case 'half-open':
        return false;
      case 'status':
        act.answer(statusAnswer(faultStatus(fault)));
        return false;
      case 'end':
      case 'garbage':
      case 'no-websocket':
      case 'slow':
        break;
    }
  }
  return true;
}

/** Serves one request of plain HTTP. */
export function serveHttp(context: ApiContext, message: IncomingMessage, response: ServerResponse): void {
  const line = readRequestLine(message);
  const faults = context.faults.take(line.facts);
  const track = context.stats.begin({ ...line, isWatch: line.facts.isWatch });
  const undo = context.faults.open(line.facts, () => {
    message.socket.destroy();
  });
  response.on('close', () => {
    undo();
    track.closed();
  });
  const exchange: Exchange = { context, line, message, response, faults, track };
  serve(exchange).catch((error: unknown) => {
    if (response.headersSent) response.destroy();
    else answer(exchange, statusAnswer(statusOf(error)));
  });
}

function answer({ response, faults, track }: Exchange, result: Answer): void {
  track.status(result.status);
  if (response.destroyed) return;
  const slow = faults.find((fault) => fault.kind === 'slow');
  if (!slow) {
    send(response, result);
    return;
  }
  const body = Buffer.from(result.body as Uint8Array);
  response.writeHead(result.status, { 'content-type': result.contentType, 'content-length': body.byteLength });
  const pacer = createPacer(slow.bytesPerSecond);
  // Ten pieces a second are slow without bursts.
  const pieceBytes = Math.max(1, Math.ceil(slow.bytesPerSecond / 10));
  for (let start = 0; start < body.byteLength; start += pieceBytes) {
    const piece = body.subarray(start, start + pieceBytes);
    pacer.push(piece.byteLength, () => response.write(piece));
  }
  pacer.push(0, () => response.end());
  response.on('close', () => {
    pacer.dispose();
  });
}

async function serve(exchange: Exchange): Promise<void> {
  const { context, line, message, response, faults, track } = exchange;
  const goesOn = await sufferFaults(faults, line.facts.isWatch, {
    destroy: () => {
      message.socket.destroy();
    },
    answer: (result) => {
      answer(exchange, result);
    },
  });
  if (!goesOn || response.destroyed) return;
  const user = authenticateRequest(message, context.authenticate, context.authorize);
  track.user(user.user);
  const { resource } = line;
  if (resource) authorizeRequest(user, resource, context.authorize);
  if (resource?.isWatch) {
    const start = prepareWatch(context, line, resource, message);
    if (!start) {
      answer(exchange, PAGE_NOT_FOUND);
      return;
    }
    track.status(200);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    response.flushHeaders();
    track.watchOpened();
    response.on('close', start(createHttpSink(response), faults.filter(strikesInStream)));
    return;
  }
  if (resource?.resource === 'pods' && resource.subresource === 'log' && resource.verb === 'get') {
    const pod = context.store.get(resource, resource.namespace, resource.name ?? '');
    servePodLog(context.logs, pod, line.query, response, context.now());
    track.status(200);
    return;
  }
  answer(exchange, await routeRequest(context, line, user, message));
}
