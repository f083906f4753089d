import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { FleetwireError } from '@fleetwire/websocket-core';
import { protocolsOf } from '@fleetwire/websocket-core/server';
import { keepAliveMs } from './cluster-http.ts';
import type { Admitted } from './proxy-admission.ts';
import { requestHeaders, responseHeaders, tokenlessProtocols } from './proxy-headers.ts';
import { proxyFailureOf } from './proxy-http.ts';
import { refuseWithStatus } from './status-response.ts';
import type { KubeGatewayTimings } from './timings.ts';

/** Headers of the handshake that travel (RFC 6455 section 4.1); its protocols are chosen below. */
const handshake = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions'];

/**
 * Passes an upgrade on ([P4]), a WebSocket or kubectl's `SPDY/3.1`: after the cluster has agreed, bytes flow both ways
 * untouched. The promise ends with the handshake.
 */
export async function proxyUpgrade(
  admitted: Admitted,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  timings: KubeGatewayTimings,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  const headers = upgradeHeaders(request, admitted.cluster.http.origin);
  if (headers === undefined) {
    refuseWithStatus(socket, { code: 400, message: 'offer a sub-protocol beside the one that carries the token' });
    return;
  }
  const { cluster, path, impersonate } = admitted;
  cluster.dialled();
  let started: ClientRequest | undefined;
  const timer = setTimeout(() => {
    refuseWithStatus(socket, { code: 504, message: 'the cluster did not answer the upgrade in time' });
    started?.destroy();
  }, timings.dialTimeoutMs);
  socket.once('close', () => {
    clearTimeout(timer);
    started?.destroy();
  });
  try {
    started = await cluster.http.start({
      method: request.method ?? 'GET',
      path,
      headers,
      impersonate,
      isUpgrade: true,
    });
    if (socket.destroyed || socket.writableEnded) {
      started.on('error', () => undefined).destroy();
      return;
    }
    await handshakeOver(started, socket, head);
    cluster.succeeded();
  } catch (error) {
    if (socket.destroyed || socket.writableEnded) return;
    if (!(error instanceof FleetwireError)) cluster.failed();
    refuseWithStatus(socket, proxyFailureOf(error));
  } finally {
    clearTimeout(timer);
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

function handshakeOver(started: ClientRequest, socket: Duplex, head: Buffer): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    started.on('error', reject);
    started.once('upgrade', (answer, upstream, upstreamHead) => {
      resolve();
      const lines = Object.entries(answer.headersDistinct).flatMap(([name, values]) =>
        name === 'set-cookie' ? [] : (values ?? []).map((value) => `${name}: ${value}`),
      );
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      if (upstreamHead.length > 0) socket.write(upstreamHead);
      if (head.length > 0) upstream.write(head);
      join(socket, upstream);
    });
    started.once('response', (answer) => {
      resolve();
      relayRefusal(answer, socket);
    });
    started.end();
  });
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
function relayRefusal(answer: IncomingMessage, socket: Duplex): void {
  const headers = responseHeaders(answer);
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((value) => `${name}: ${value}`),
  );
  const status = `${String(answer.statusCode ?? 502)} ${answer.statusMessage ?? ''}`;
  socket.write(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`);
  answer.on('error', () => socket.destroy());
  answer.pipe(socket);
}
