import { STATUS_CODES, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { FleetwireError } from '@fleetwire/websocket-core';
import { protocolsOf } from '@fleetwire/websocket-core/server';
import { keepAliveMs, onConnected } from './cluster-http.ts';
import type { Admitted } from './proxy-admission.ts';
import { agreementHeaders, requestHeaders, responseHeaders, tokenlessProtocols } from './proxy-headers.ts';
import { proxyFailureOf } from './proxy-http.ts';
import { refuseWithStatus } from './status-response.ts';
import type { KubeGatewayTimings } from './timings.ts';

/** Of others, as `h2c`, nobody knows what they would carry under the cluster's credentials. */
const upgrades = new Set(['websocket', 'spdy/3.1']);

/** Headers of the handshake that travel (RFC 6455 section 4.1); its protocols are chosen below. */
const handshake = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions'];

/**
 * Passes an upgrade on ([P4]), a WebSocket or kubectl's `SPDY/3.1`: after the cluster has agreed, bytes flow both ways
 * untouched. The promise ends with the handshake. `socket` has a listener of its errors.
 */
export async function proxyUpgrade(
  admitted: Admitted,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  timings: KubeGatewayTimings,
): Promise<void> {
  const { cluster } = admitted;
  if (!upgrades.has((request.headers.upgrade ?? '').toLowerCase())) {
    refuseWithStatus(socket, { code: 400, message: 'expected an upgrade to websocket or SPDY/3.1' });
    return;
  }
  if (upgradeHeaders(request, cluster.http.origin) === undefined) {
    refuseWithStatus(socket, { code: 400, message: 'offer a sub-protocol beside the one that carries the token' });
    return;
  }
  try {
    let answer = await shakeHands(admitted, request, socket, head, timings);
    if (admitted.isApi && answer?.statusCode === 401 && (await cluster.refreshCredentials())) {
      answer.on('error', () => undefined).destroy();
      answer = await shakeHands(admitted, request, socket, head, timings);
    }
    if (answer !== undefined) relayRefusal(answer, socket, admitted);
  } catch (error) {
    if (!isGone(socket)) refuseWithStatus(socket, proxyFailureOf(error));
  }
}

function isGone(socket: Duplex): boolean {
  return socket.destroyed || socket.writableEnded;
}

/** Undefined when the sides are joined, or the caller is gone; else the cluster's answer, which is no agreement. */
async function shakeHands(
  { cluster, path, impersonate }: Admitted,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  timings: KubeGatewayTimings,
): Promise<IncomingMessage | undefined> {
  const headers = upgradeHeaders(request, cluster.http.origin) ?? {};
  const method = request.method ?? 'GET';
  let started: ClientRequest | undefined;
  let isOver = false;
  let isConnected = false;
  let timer: NodeJS.Timeout | undefined;
  let leave: () => void = () => undefined;
  const given = new Promise<undefined>((resolve, reject) => {
    leave = () => {
      resolve(undefined);
    };
    timer = setTimeout(() => {
      reject(new FleetwireError('TIMEOUT', 'no answer to the upgrade in time'));
    }, timings.dialTimeoutMs);
  });
  socket.once('close', leave);
  if (isGone(socket)) leave();
  cluster.dialled();
  const shaken = cluster.http.start({ method, path, headers, impersonate, isUpgrade: true }).then((request) => {
    started = request;
    onConnected(request, () => (isConnected = true));
    if (isOver) request.destroy();
    return agreement(request, socket, head);
  });
  try {
    const answer = await Promise.race([shaken, given]);
    if (isGone(socket)) started?.destroy();
    else cluster.succeeded();
    return answer;
  } catch (error) {
    started?.destroy();
    if (!isGone(socket) && started !== undefined && !isConnected) cluster.failed();
    throw error;
  } finally {
    isOver = true;
    clearTimeout(timer);
    socket.off('close', leave);
  }
}

/** Undefined for a WebSocket that offers nothing but its token: browsers refuse an answer that chooses none. */
function upgradeHeaders(
  request: IncomingMessage,
  origin: string | undefined,
): Record<string, string | string[]> | undefined {
  const headers = requestHeaders(request);
  const upgrade = request.headers.upgrade ?? '';
  headers['connection'] = 'Upgrade';
  headers['upgrade'] = upgrade;
  if (upgrade.toLowerCase() !== 'websocket') return headers;
  for (const name of handshake) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  // API servers refuse a browser's handshake from anywhere but themselves.
  if (origin !== undefined) headers['origin'] = origin;
  const offered = protocolsOf(request);
  const protocols = tokenlessProtocols(offered);
  if (offered.length > 0 && protocols.length === 0) return undefined;
  if (protocols.length > 0) headers['sec-websocket-protocol'] = protocols.join(', ');
  return headers;
}

function agreement(started: ClientRequest, socket: Duplex, head: Buffer): Promise<IncomingMessage | undefined> {
  return new Promise<IncomingMessage | undefined>((resolve, reject) => {
    started.on('error', reject);
    started.once('response', resolve);
    started.once('upgrade', (answer, upstream, upstreamHead) => {
      resolve(undefined);
      const lines = linesOf(agreementHeaders(answer));
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
      if (upstreamHead.length > 0) socket.write(upstreamHead);
      if (head.length > 0) upstream.write(head);
      join(socket, upstream);
    });
    started.end();
  });
}

function linesOf(headers: Readonly<Record<string, string | string[]>>): string[] {
  return Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`));
}

/** The end of one side's bytes is passed on; a failure of one side ends the other. */
function join(socket: Duplex, upstream: Duplex): void {
  for (const side of [socket, upstream] as (Duplex & { setKeepAlive?: unknown; setNoDelay?: unknown })[]) {
    if (typeof side.setKeepAlive === 'function') (side as unknown as KeepsAlive).setKeepAlive(true, keepAliveMs);
    if (typeof side.setNoDelay === 'function') (side as unknown as KeepsAlive).setNoDelay(true);
  }
  upstream.on('error', () => upstream.destroy());
  socket.once('close', () => upstream.destroy());
  upstream.once('close', () => socket.destroy());
  socket.pipe(upstream);
  upstream.pipe(socket);
}

interface KeepsAlive {
  setKeepAlive(enable: boolean, delayMs: number): void;
  setNoDelay(enable: boolean): void;
}

/** The cluster did not switch: its answer as it is, and the connection ends with it. */
function relayRefusal(answer: IncomingMessage, socket: Duplex, admitted: Admitted): void {
  const lines = linesOf(responseHeaders(answer, admitted));
  const { statusCode = 502 } = answer;
  const status = `${String(statusCode)} ${STATUS_CODES[statusCode] ?? ''}`;
  socket.write(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`, 'latin1');
  answer.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.once('close', () => answer.destroy());
  answer.pipe(socket);
}
