import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { FleetwireError } from '@fleetwire/websocket-core';
import { keepAliveMs, type ClusterRequest } from './cluster-http.ts';
import { failureOfError } from './kube-failure.ts';
import type { Admitted } from './proxy-admission.ts';
import { requestHeaders, responseHeaders } from './proxy-headers.ts';
import { respondWithStatus, type ProxyFailure } from './status-response.ts';
import type { KubeGatewayTimings } from './timings.ts';

/**
 * Passes one HTTP request on ([P1]): bodies stream both ways at the pace of the slower side, redirects are the
 * caller's to follow, and whoever goes first takes the other side along.
 */
export async function proxyHttp(
  admitted: Admitted,
  request: IncomingMessage,
  response: ServerResponse,
  timings: KubeGatewayTimings,
): Promise<void> {
  const { cluster } = admitted;
  const clusterRequest = clusterRequestOf(admitted, request);
  const canRepeat = !hasBody(request);
  try {
    let answer = await exchange(admitted, clusterRequest, request, response, timings);
    if (answer?.statusCode === 401 && canRepeat && (await cluster.refreshCredentials())) {
      answer.resume();
      answer = await exchange(admitted, clusterRequest, request, response, timings);
    }
    if (answer !== undefined) relay(answer, response);
  } catch (error) {
    respondWithStatus(response, proxyFailureOf(error));
  }
}

/** 504 when the cluster was too slow, 502 when it could not be reached. */
export function proxyFailureOf(error: unknown): ProxyFailure {
  const { reason, message } = failureOfError(error);
  return { code: reason === 'Timeout' ? 504 : 502, message };
}

/** What `node:http` would send without a length for GET and DELETE is framed here: nothing follows a request unframed. */
export function clusterRequestOf({ path, impersonate }: Admitted, request: IncomingMessage): ClusterRequest {
  const headers = requestHeaders(request);
  if (request.headers['transfer-encoding'] !== undefined) {
    delete headers['content-length'];
    headers['transfer-encoding'] = 'chunked';
  }
  return { method: request.method ?? 'GET', path, headers, impersonate };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** The head of the cluster's answer; undefined when the caller went first. */
async function exchange(
  { cluster }: Admitted,
  clusterRequest: ClusterRequest,
  request: IncomingMessage,
  response: ServerResponse,
  timings: KubeGatewayTimings,
): Promise<IncomingMessage | undefined> {
  cluster.dialled();
  let dialled: ClientRequest | undefined;
  let isConnected = false;
  const gone = new Promise<undefined>((resolve) => {
    const leave = (): void => {
      dialled?.destroy();
      resolve(undefined);
    };
    if (response.destroyed) leave();
    response.once('close', leave);
  });
  const answer = within(
    timings.dialTimeoutMs,
    cluster.http.start(clusterRequest).then((started) => (dialled = started)),
  ).then((started) => {
    if (response.destroyed) {
      started.on('error', () => undefined).destroy();
      return undefined;
    }
    return headOf(started, request, timings, () => (isConnected = true));
  });
  try {
    const head = await Promise.race([answer, gone]);
    if (head !== undefined) cluster.succeeded();
    return head;
  } catch (error) {
    if (response.destroyed) return undefined;
    dialled?.destroy();
    // What is slow once it is reached may be one service behind the cluster: that is no failure of the cluster.
    if (!isConnected) cluster.failed();
    throw error;
  }
}

function headOf(
  started: ClientRequest,
  request: IncomingMessage,
  timings: KubeGatewayTimings,
  onConnected: () => void,
): Promise<IncomingMessage> {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const late = (what: string, ms: number): NodeJS.Timeout =>
      setTimeout(() => {
        reject(new FleetwireError('TIMEOUT', `${what} within ${String(ms)} ms`));
        started.destroy();
      }, ms);
    let timer = late('no connection', timings.dialTimeoutMs);
    const connected = (): void => {
      onConnected();
      clearTimeout(timer);
      timer = late('no answer', timings.answerTimeoutMs);
    };
    started.once('socket', (socket) => {
      socket.setKeepAlive(true, keepAliveMs);
      socket.setNoDelay(true);
      if (!socket.connecting) connected();
      else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
    });
    // A large upload may take longer than any answer to it.
    request.on('data', () => timer.refresh());
    started.once('response', (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    started.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new Error('the cluster switched protocols unasked'));
    });
    started.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    started.once('close', () => {
      clearTimeout(timer);
    });
    if (hasBody(request)) request.pipe(started);
    else started.end();
  });
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new FleetwireError('TIMEOUT', `no credentials within ${String(ms)} ms`));
    }, ms);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

function relay(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer));
  // A watch may be silent for a minute, and its caller waits for the head.
  response.flushHeaders();
  response.socket?.setNoDelay(true);
  answer.on('error', () => response.destroy());
  // A cut answer must not look like a whole one.
  answer.once('close', () => {
    if (!answer.readableEnded) response.destroy();
  });
  response.once('close', () => answer.destroy());
  answer.pipe(response);
}
