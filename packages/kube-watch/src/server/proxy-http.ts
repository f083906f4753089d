import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { FleetwireError } from '@fleetwire/websocket-core';
import { isStale, keepAliveMs, onConnected, type ClusterRequest } from './cluster-http.ts';
import { failureOfError } from './kube-failure.ts';
import type { Admitted } from './proxy-admission.ts';
import { framingOf, isCoded, requestHeaders, responseHeaders } from './proxy-headers.ts';
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
  if (isCoded(request)) {
    return respondWithStatus(response, { code: 501, message: 'expected no Transfer-Encoding but chunked' });
  }
  try {
    let answer = await exchange(admitted, request, response, timings);
    const isRefused = admitted.isApi && answer?.statusCode === 401;
    if (isRefused && !hasBody(request) && (await admitted.cluster.refreshCredentials())) {
      answer?.on('error', () => undefined).destroy();
      answer = await exchange(admitted, request, response, timings);
    }
    if (answer !== undefined) relay(answer, response, admitted);
  } catch (error) {
    respondWithStatus(response, proxyFailureOf(error));
  }
}

/** 504 when the cluster was too slow, 502 when it could not be reached. */
export function proxyFailureOf(error: unknown): ProxyFailure {
  const { reason, message } = failureOfError(error);
  return { code: reason === 'Timeout' ? 504 : 502, message };
}

function clusterRequestOf({ path, impersonate }: Admitted, request: IncomingMessage): ClusterRequest {
  const headers = { ...requestHeaders(request), ...framingOf(request) };
  return { method: request.method ?? 'GET', path, headers, impersonate };
}

function hasBody(request: IncomingMessage): boolean {
  return framingOf(request) !== undefined;
}

/** The head of the cluster's answer; undefined when the caller went first. */
async function exchange(
  admitted: Admitted,
  request: IncomingMessage,
  response: ServerResponse,
  timings: KubeGatewayTimings,
): Promise<IncomingMessage | undefined> {
  const { cluster } = admitted;
  const attempt = new Attempt(request, timings, admitted.isPatient);
  const leave = (): void => {
    attempt.leave();
  };
  response.once('close', leave);
  if (response.destroyed) leave();
  cluster.dialled();
  try {
    const head = await attempt.run(cluster.http.start(clusterRequestOf(admitted, request)));
    if (head !== undefined) cluster.succeeded();
    return head;
  } catch (error) {
    if (response.destroyed) return undefined;
    const isSafe = request.method === 'GET' || request.method === 'HEAD';
    if (isSafe && attempt.isStale(error)) return await exchange(admitted, request, response, timings);
    // What is slow once it is reached may be one service behind the cluster: that is no failure of the cluster.
    if (attempt.isStarted && !attempt.isConnected) cluster.failed();
    throw error;
  } finally {
    if (!attempt.hasHead) response.off('close', leave);
  }
}

/** One request on its way to the head of its answer. */
class Attempt {
  isConnected = false;
  hasHead = false;
  readonly #request: IncomingMessage;
  readonly #timings: KubeGatewayTimings;
  readonly #isPatient: boolean;
  #started: ClientRequest | undefined;
  #isOver = false;
  #settle: (outcome: IncomingMessage | undefined) => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(request: IncomingMessage, timings: KubeGatewayTimings, isPatient: boolean) {
    this.#request = request;
    this.#timings = timings;
    this.#isPatient = isPatient;
  }

  /** The caller is gone. */
  leave(): void {
    this.#isOver = true;
    this.#settle(undefined);
    this.#started?.destroy();
  }

  /** There was a request to be sent. */
  get isStarted(): boolean {
    return this.#started !== undefined;
  }

  isStale(error: unknown): boolean {
    return this.#started !== undefined && isStale(this.#started, error);
  }

  run(starting: Promise<ClientRequest>): Promise<IncomingMessage | undefined> {
    return new Promise<IncomingMessage | undefined>((resolve, reject) => {
      this.#settle = (outcome) => {
        this.#stopTimer();
        resolve(outcome);
      };
      this.#fail = (error) => {
        this.#stopTimer();
        this.#isOver = true;
        reject(error);
        this.#started?.destroy();
      };
      if (this.#isOver) this.#settle(undefined);
      else this.#allow(this.#timings.dialTimeoutMs, 'connection');
      starting.then((started) => {
        this.#send(started);
      }, this.#fail);
    });
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #allow(ms: number, what: string): void {
    this.#stopTimer();
    this.#timer = setTimeout(() => {
      this.#fail(new FleetwireError('TIMEOUT', `no ${what} within ${String(ms)} ms`));
    }, ms);
  }

  #send(started: ClientRequest): void {
    this.#started = started;
    if (this.#isOver) {
      started.destroy();
      return;
    }
    const connected = (): void => {
      if (this.#isOver || this.hasHead) return;
      this.isConnected = true;
      this.#stopTimer();
      if (!this.#isPatient) this.#allow(this.#timings.answerTimeoutMs, 'answer');
    };
    started.once('socket', (socket) => {
      socket.setKeepAlive(true, keepAliveMs);
      socket.setNoDelay(true);
    });
    onConnected(started, connected);
    started.once('response', (answer) => {
      this.hasHead = true;
      this.#settle(answer);
    });
    started.once('upgrade', (_answer, socket) => {
      socket.destroy();
      this.#fail(new Error('the cluster switched protocols unasked'));
    });
    started.on('error', this.#fail);
    if (!hasBody(this.#request)) {
      started.end();
      return;
    }
    // A large upload may take longer than any answer to it.
    this.#request.on('data', () => this.#timer?.refresh());
    this.#request.pipe(started);
  }
}

function relay(answer: IncomingMessage, response: ServerResponse, admitted: Admitted): void {
  const { statusCode = 0 } = answer;
  if (statusCode < 200) {
    answer.on('error', () => undefined).destroy();
    throw new Error('what the cluster answered is no status');
  }
  // Without the cluster's own reason phrase, which may hold what none may hold.
  response.writeHead(statusCode, responseHeaders(answer, admitted));
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
