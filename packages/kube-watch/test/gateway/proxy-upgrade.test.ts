import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { KubeGateway } from '../../src/server/types.ts';
import {
  caller,
  cleanUp,
  cluster,
  listen,
  podsPath,
  serve,
  startApi,
  startGateway,
  tokenOf,
  type Caller,
} from './gateway-harness.ts';

/** A cluster whose upgrades `handle` takes. */
async function startUpgrading(handle: (request: IncomingMessage, socket: Duplex, head: Buffer) => void) {
  const seen: IncomingMessage[] = [];
  const server = createServer((_request, response) => void response.end('{"gitVersion":"v1.36.0"}'));
  server.on('upgrade', (request, socket, head) => {
    seen.push(request);
    handle(request, socket, head);
  });
  return { url: await listen(server), seen };
}

function startEcho() {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => [...protocols].at(-1) ?? false,
  });
  return startUpgrading((request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (data, isBinary) => webSocket.send(data, { binary: isBinary }));
    });
  });
}

const execPath = `${podsPath}/web/exec?command=sh`;
const bearer = (identity: Caller = caller()): string =>
  `fleetwire.bearer.${Buffer.from(tokenOf(identity)).toString('base64url')}`;

function dial(url: string, path: string, protocols: string[], headers: Record<string, string> = {}): WebSocket {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/clusters/one${path}`, protocols, { headers });
  cleanUp(() => {
    // One that was refused reports that it was ended early.
    socket.on('error', () => undefined);
    socket.terminate();
  });
  return socket;
}

async function refusalOf(socket: WebSocket): Promise<{ status: number; body: unknown }> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, body: body === '' ? undefined : (JSON.parse(body) as unknown) };
}

describe('upgrades through the proxy', () => {
  it('[P4] pass, with the cluster’s own origin and without the caller’s token', async () => {
    const echo = await startEcho();
    const url = await serve(startGateway([cluster('one', echo.url)]).gateway);
    const kubeBearer = 'base64url.bearer.authorization.k8s.io.c2VjcmV0';
    const socket = dial(url, execPath, [bearer(), kubeBearer, 'v4.channel.k8s.io', 'v5.channel.k8s.io'], {
      origin: 'https://fleetwire.example',
      cookie: 'session=1',
      'impersonate-user': 'root',
    });
    await once(socket, 'open');
    expect(socket.protocol).toBe('v5.channel.k8s.io');
    socket.send(Buffer.from([0, 1, 2]));
    const [message, isBinary] = (await once(socket, 'message')) as [Buffer, boolean];
    expect([[...message], isBinary]).toEqual([[0, 1, 2], true]);
    const [request] = echo.seen;
    expect(request?.url).toBe(execPath);
    expect(request?.headers).toMatchObject({
      origin: echo.url,
      host: new URL(echo.url).host,
      'sec-websocket-protocol': 'v4.channel.k8s.io, v5.channel.k8s.io',
    });
    for (const name of ['cookie', 'authorization', 'impersonate-user'])
      expect(request?.headers).not.toHaveProperty(name);
    socket.close(1000);
    await once(socket, 'close');
  });

  it.each(['h2c', 'TLS/1.0', 'websocket, SPDY/3.1', 'websocket/13', 'x'])(
    '[P4] to anything but a WebSocket or SPDY/3.1 are refused: %s',
    async (protocol) => {
      const taking = await startUpgrading((_request, socket) => {
        socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
      });
      const url = await serve(startGateway([cluster('one', taking.url)]).gateway);
      const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
      cleanUp(() => socket.destroy());
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.write(
        `POST /clusters/one${execPath} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf(caller())}\r\n` +
          `connection: Upgrade\r\nupgrade: ${protocol}\r\n\r\n`,
      );
      await once(socket, 'close');
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(text).toContain('"kind":"Status"');
      expect(taking.seen).toHaveLength(0);
    },
  );

  it('[P8] are forgotten when they left before they began', async () => {
    const echo = await startEcho();
    const { gateway } = startGateway([cluster('one', echo.url)]);
    const front = createServer();
    const sockets: Socket[] = [];
    front.on('upgrade', (request, socket: Socket) => {
      sockets.push(socket);
      // It left while it was authenticated.
      socket.destroy();
      socket.once('close', () => {
        for (let count = 0; count < 201; count += 1) {
          gateway.handleUpgrade(request, socket, Buffer.alloc(0), caller(), 'one', execPath);
        }
      });
    });
    const { port } = new URL(await listen(front));
    const gone = connectTcp(Number(port), '127.0.0.1');
    gone.on('error', () => undefined);
    gone.write(`GET ${execPath} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n`);
    await once(gone, 'close');
    await vi.waitFor(() => expect(sockets[0]?.closed).toBe(true));
    const socket = dial(await serve(gateway), execPath, [bearer(), 'v4.channel.k8s.io']);
    await once(socket, 'open');
    expect(echo.seen).toHaveLength(1);
    socket.terminate();
  });

  it('[P4] need a sub-protocol beside the token, as with Kubernetes itself', async () => {
    const echo = await startEcho();
    const url = await serve(startGateway([cluster('one', echo.url)]).gateway);
    expect(await refusalOf(dial(url, execPath, [bearer()]))).toMatchObject({ status: 400, body: { kind: 'Status' } });
    expect(echo.seen).toHaveLength(0);
  });

  it('[P4] carry a watch of the API', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const url = await serve(startGateway([cluster('one', one.url)]).gateway);
    const socket = dial(url, `${podsPath}?watch=1&resourceVersion=${since}`, [bearer(), 'base64.binary.k8s.io']);
    await once(socket, 'open');
    one.addPod('second');
    const [message] = (await once(socket, 'message')) as [Buffer];
    const text = message.toString('utf8');
    expect(text.startsWith('{') ? text : Buffer.from(text, 'base64').toString('utf8')).toContain('"second"');
    socket.terminate();
    await vi.waitFor(() => expect(one.api.stats.openWatches).toBe(0));
  });

  it('[P2] are for watches and ways into a pod alone, each with its permission', async () => {
    const echo = await startEcho();
    const url = await serve(startGateway([cluster('one', echo.url)]).gateway);
    const reader = caller({ permissions: ['kube.read'] });
    const ask = (path: string, identity: Caller) => refusalOf(dial(url, path, [bearer(identity), 'v5.channel.k8s.io']));
    expect(await ask(execPath, reader)).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
    expect(await ask(podsPath, reader)).toMatchObject({ status: 403 });
    expect(await ask('/version', reader)).toMatchObject({ status: 403 });
    expect(await ask('/api/v1/secrets?watch=1', reader)).toMatchObject({ status: 403 });
    expect(await ask(execPath, caller({ orgId: 'other' }))).toMatchObject({ status: 404 });
    expect(echo.seen).toHaveLength(0);
  });

  it('[P4] pass other protocols than WebSocket, bytes that come with the head included', async () => {
    const spdy = await startUpgrading((request, socket, head) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\n\r\nhello ');
      if (head.length > 0) socket.write(head);
      socket.on('data', (chunk: Buffer) => socket.write(chunk));
      socket.on('end', () => socket.end(' bye'));
      socket.on('error', () => undefined);
      expect(request.headers.upgrade).toBe('SPDY/3.1');
    });
    const url = await serve(startGateway([cluster('one', spdy.url)]).gateway);
    const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
    cleanUp(() => socket.destroy());
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(
      `POST /clusters/one${execPath} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf(caller())}\r\n` +
        'connection: Upgrade\r\nupgrade: SPDY/3.1\r\nx-stream-protocol-version: v4.channel.k8s.io\r\n\r\nearly',
    );
    await vi.waitFor(() => expect(text).toContain('hello early'));
    expect(text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(text.toLowerCase()).toContain('upgrade: spdy/3.1');
    socket.write('late');
    await vi.waitFor(() => expect(text).toContain('late'));
    // Half-closed: what the other side still has to say comes.
    socket.end();
    await once(socket, 'close');
    expect(text.endsWith('late bye')).toBe(true);
    expect(spdy.seen[0]?.headers).toMatchObject({ 'x-stream-protocol-version': 'v4.channel.k8s.io' });
    expect(spdy.seen[0]?.headers).not.toHaveProperty('origin');
  });

  it('[P4] end with either side', async () => {
    const sockets: Duplex[] = [];
    const open = await startUpgrading((_request, socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.resume();
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\n\r\n');
    });
    const url = await serve(startGateway([cluster('one', open.url)]).gateway);
    const upgrade = async (): Promise<Socket> => {
      const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
      cleanUp(() => socket.destroy());
      socket.write(
        `GET /clusters/one${execPath} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf(caller())}\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n`,
      );
      await once(socket, 'data');
      return socket;
    };
    (await upgrade()).resetAndDestroy();
    await vi.waitFor(() => expect(sockets[0]?.readableEnded).toBe(true));
    const second = await upgrade();
    sockets[1]?.destroy();
    await once(second, 'close');
  });

  it('[P7] refresh the credentials once after a 401, and try again', async () => {
    let token = 'old';
    const cautious = await startUpgrading((request, socket) => {
      socket.on('error', () => undefined);
      if (request.headers.authorization === 'Bearer new') {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\n\r\nwelcome');
      } else {
        socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
      }
    });
    const connection = {
      server: cautious.url,
      identityKey: 'robot',
      requestOptions: async () => ({ headers: { authorization: `Bearer ${token}` } }),
      refreshCredentials: async () => {
        token = 'new';
        return true;
      },
    };
    const url = await serve(startGateway([cluster('one', connection)]).gateway);
    const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
    cleanUp(() => socket.destroy());
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(
      `POST /clusters/one${execPath} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf(caller())}\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n`,
    );
    await vi.waitFor(() => expect(text).toMatch(/^HTTP\/1\.1 101 [^]*welcome$/));
    expect(cautious.seen).toHaveLength(2);
  });

  it('[P9] bring nothing along that acts on the gateway’s own pages, agreed to or not', async () => {
    const acting = 'Set-Cookie: a=b\r\nStrict-Transport-Security: max-age=5\r\nClear-Site-Data: "*"\r\n';
    const hostile = await startUpgrading((request, socket) => {
      const isTaken = request.url?.includes('attach') === true;
      const agreed = 'HTTP/1.1 101 x\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade, X-Named\r\nX-Named: 1\r\n';
      const refused = 'HTTP/1.1 403 \u0001\r\nContent-Type: text/html\r\nContent-Length: 0\r\n';
      socket.end(`${isTaken ? agreed : refused}X-Stream-Protocol-Version: v4\r\n${acting}\r\n`);
      socket.on('error', () => undefined);
    });
    const { hostname, port } = new URL(await serve(startGateway([cluster('one', hostile.url)]).gateway));
    const headOf = async (verb: string): Promise<string[]> => {
      const socket = connectTcp(Number(port), hostname);
      cleanUp(() => socket.destroy());
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.write(
        `POST /clusters/one${podsPath}/web/${verb} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf(caller())}\r\n` +
          'connection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n',
      );
      await once(socket, 'close');
      return text.toLowerCase().split('\r\n').filter(Boolean).sort();
    };
    expect(await headOf('attach')).toEqual([
      'connection: upgrade',
      'http/1.1 101 switching protocols',
      'upgrade: spdy/3.1',
      'x-stream-protocol-version: v4',
    ]);
    expect(await headOf('exec')).toEqual([
      'connection: close',
      'content-length: 0',
      'content-security-policy: sandbox',
      'content-type: text/html',
      'http/1.1 403 forbidden',
      'x-content-type-options: nosniff',
      'x-stream-protocol-version: v4',
    ]);
  });

  it('[P5] that the cluster does not take are answered as it says, in time, with a Status otherwise', async () => {
    const refusing = await startUpgrading((_request, socket) => {
      socket.end(
        'HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: 17\r\nset-cookie: a=b\r\n\r\n{"kind":"Status"}',
      );
    });
    const silent = await startUpgrading(() => undefined);
    const url = await serve(startGateway([cluster('one', refusing.url)]).gateway);
    expect(await refusalOf(dial(url, execPath, [bearer(), 'x']))).toEqual({ status: 403, body: { kind: 'Status' } });
    const late = await serve(startGateway([cluster('one', silent.url)], { timings: { dialTimeoutMs: 150 } }).gateway);
    expect(await refusalOf(dial(late, execPath, [bearer(), 'x']))).toMatchObject({
      status: 504,
      body: { kind: 'Status' },
    });
    const dead = await serve(startGateway([cluster('one', 'http://127.0.0.1:1')]).gateway);
    expect(await refusalOf(dial(dead, execPath, [bearer(), 'x']))).toMatchObject({
      status: 502,
      body: { kind: 'Status' },
    });
  });
});

/** Serves a gateway to everybody as one identity: kubectl sends no token over plain http. */
async function serveOpenly(gateway: KubeGateway<Caller>): Promise<string> {
  const server = createServer((request, response) => {
    gateway.handleRequest(request, response, caller(), 'one', (request.url ?? '').slice('/clusters/one'.length));
  });
  server.on('upgrade', (request, socket, head) => {
    gateway.handleUpgrade(request, socket, head, caller(), 'one', (request.url ?? '').slice('/clusters/one'.length));
  });
  return `${await listen(server)}/clusters/one`;
}

const kubectl = '/usr/bin/kubectl';

describe.skipIf(!existsSync(kubectl))('kubectl through the proxy', () => {
  const run = async (server: string, ...args: string[]): Promise<string> => {
    const env = { ...process.env, KUBECONFIG: '/dev/null', HOME: '/nonexistent' };
    const { stdout } = await promisify(execFile)(kubectl, ['--server', server, '--cache-dir', '/tmp/none', ...args], {
      env,
    });
    return stdout;
  };

  it('[P1] gets, watches, changes and deletes', async () => {
    const one = await startApi();
    one.addPod('first');
    const server = await serveOpenly(startGateway([cluster('one', one.url)]).gateway);
    expect(await run(server, 'get', 'pods')).toMatch(/NAME +READY[^]*first/);

    const watching = spawn(kubectl, ['--server', server, 'get', 'pods', '-w', '-o', 'name'], {
      env: { ...process.env, KUBECONFIG: '/dev/null' },
    });
    cleanUp(() => watching.kill());
    let seen = '';
    watching.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await vi.waitFor(() => expect(seen).toContain('pod/first'));
    one.addPod('second');
    await vi.waitFor(() => expect(seen).toContain('pod/second'));

    await run(server, 'label', 'pod', 'first', 'tier=front');
    expect(await run(server, 'get', 'pods', '-l', 'tier=front', '-o', 'name')).toBe('pod/first\n');
    await run(server, 'delete', 'pod', 'first', '--wait=false', '--grace-period=0', '--force');
    expect(await run(server, 'get', 'pods', '-o', 'name')).toBe('pod/second\n');
  });
});
