import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach } from 'vitest';
import type { FetchPolicy } from '../../src/core/url-rules.ts';
import type { DownloadRequest, FetcherOptions } from '../../src/node/fetch/create-fetcher.ts';
import type { Digest } from '../../src/protocol/release.ts';

const cleanups: (() => unknown)[] = [];

/** Runs after the test, the last first. */
export function cleanUp(action: () => unknown): void {
  cleanups.push(action);
}

afterEach(async () => {
  for (const action of cleanups.splice(0).reverse()) await action();
});

/** A folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'plugin-fetch-'));
  cleanUp(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

/** A program of the machine, which no package brings. */
const certificateTool = 'openssl';

/** A CA, and a certificate of it for the names, in PEM. */
export function makeCertificate(...names: readonly string[]): { ca: string; cert: string; key: string } {
  const at = folder();
  const file = (name: string): string => join(at, name);
  const openssl = (...args: string[]): void => {
    execFileSync(certificateTool, args, { stdio: 'ignore' });
  };
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...curve,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca'),
    '-subj',
    '/CN=test-ca',
    '-days',
    '2',
  );
  writeFileSync(file('ext'), `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`);
  openssl('req', ...curve, '-keyout', file('key'), '-out', file('csr'), '-subj', '/CN=server');
  const signing = [
    '-CA',
    file('ca'),
    '-CAkey',
    file('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    file('ext'),
  ];
  openssl('x509', '-req', '-in', file('csr'), '-out', file('cert'), ...signing);
  const read = (name: string): string => readFileSync(file(name), 'utf8');
  return { ca: read('ca'), cert: read('cert'), key: read('key') };
}

/** Listens on a free port of the loopback, until the test ends. */
export async function listen(server: TcpServer): Promise<number> {
  const sockets = new Set<{ destroy(): unknown }>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  );
  return (server.address() as AddressInfo).port;
}

/** A server without TLS; gives its origin. */
export async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createHttpServer(listener))}`;
}

/** A server with TLS; gives its port. */
export async function serveTls(certificate: { cert: string; key: string }, listener: RequestListener): Promise<number> {
  const server: Server = createHttpsServer({ cert: certificate.cert, key: certificate.key }, listener);
  return listen(server);
}

/** Any host, here. */
export const localPolicy: FetchPolicy = { hosts: ['*'], redirectHosts: [], isLocal: true };

/** Quick enough for tests, and no waiting between attempts. */
export const quick: FetcherOptions = {
  random: () => 0,
  retries: 0,
  timeouts: { connectMs: 2_000, headersMs: 2_000, idleMs: 2_000, wholeMs: 10_000 },
};

/** Bytes that begin like an archive. */
export const archive = gzipSync(randomBytes(300_000));

export function digestOf(bytes: Uint8Array, algorithm: Digest['algorithm'] = 'sha256'): Digest {
  return { algorithm, hex: createHash(algorithm).update(bytes).digest('hex') };
}

/** A download of {@link archive}, with parts replaced. */
export function downloadOf(url: string, more: Partial<DownloadRequest> = {}): DownloadRequest {
  return {
    url,
    destination: join(folder(), 'archive.part'),
    maxBytes: 1_000_000,
    digest: digestOf(archive),
    policy: localPolicy,
    signal: new AbortController().signal,
    ...more,
  };
}
