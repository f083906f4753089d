import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Status } from '../protocol/kube-object.ts';
import { bodyHeaders } from './proxy-headers.ts';

const reasons = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'Timeout',
} as const;

/** A refusal or a failure of the proxy itself. */
export interface ProxyFailure {
  readonly code: keyof typeof reasons;
  readonly message: string;
}

/** What kubectl and client libraries read errors from (k8s.io/apimachinery, `metav1.Status`). */
export function statusOf({ code, message }: ProxyFailure): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: reasons[code],
    code,
  } as Status;
}

/** Answers with a Status; cuts the answer when one is under way already. */
export function respondWithStatus(response: ServerResponse, failure: ProxyFailure): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = JSON.stringify(statusOf(failure));
  response.writeHead(failure.code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...bodyHeaders,
  });
  response.end(body);
}

/** The same on the socket of an upgrade request, which it closes. */
export function refuseWithStatus(socket: Duplex, failure: ProxyFailure): void {
  const body = JSON.stringify(statusOf(failure));
  const head = [
    `HTTP/1.1 ${String(failure.code)} ${STATUS_CODES[failure.code] ?? ''}`,
    'content-type: application/json',
    `content-length: ${String(Buffer.byteLength(body))}`,
    'cache-control: no-store',
    ...Object.entries(bodyHeaders).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
  ];
  // A caller that keeps its side open would keep the socket.
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
