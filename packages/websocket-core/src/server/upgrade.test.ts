import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
  type Server as HttpServer,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { scaleTimings } from '../protocol/timings.ts';
import { createServer, type Server } from './create-server.ts';
import type { AuthenticationRequest, Identity } from './types.ts';
import type { EndpointOptions } from './upgrade.ts';

describe('upgrades', () => {
  let server: Server;
  let httpServer: HttpServer;
  let port: number;
  let seen: AuthenticationRequest[];

  beforeEach(async () => {
    seen = [];
    httpServer = createHttpServer((_request, response) => response.end('plain'));
    await new Promise<void>((resolve) => {
      httpServer.listen(0, '127.0.0.1', resolve);
    });
    ({ port } = httpServer.address() as AddressInfo);
    server = createServer<Identity>({
      authenticate: (request) => {
        seen.push(request);
        return { identity: { userId: 'ada', orgId: 'acme' } };
      },
      timings: scaleTimings(50),
    });
  });
  afterEach(async () => {
    await server.dispose();
    httpServer.closeAllConnections();
    await new Promise((resolve) => {
      httpServer.close(resolve);
    });
  });

  const attach = (options?: EndpointOptions): (() => void) => server.attach(httpServer, '/ws', options);

  /** Upgrades and gives the status (101 when it went through) with its response headers. */
  function upgrade(
    headers: Record<string, string> = {},
    path = '/ws',
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        port,
        path,
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'Sec-WebSocket-Protocol': 'fleetwire.v1',
          ...headers,
        },
      });
      request.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve({ status: 101, headers: response.headers, body: '' });
      });
      request.on('response', (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      });
      request.on('error', reject);
      request.end();
    });
  }

  async function open(options: { headers?: Record<string, string>; path?: string } = {}): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${String(port)}${options.path ?? '/ws'}`, ['fleetwire.v1'], {
      headers: options.headers ?? {},
    });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return socket;
  }

  const closeOf = (socket: WebSocket): Promise<number> =>
    new Promise((resolve) => {
      socket.once('close', resolve);
    });

  it('[M1] an upgrade must offer fleetwire.v1, and the server picks it among others', async () => {
    attach();
    expect(await upgrade({ 'Sec-WebSocket-Protocol': 'chat, v2' })).toMatchObject({
      status: 400,
      body: expect.stringContaining('fleetwire.v1') as string,
    });
    const answer = await upgrade({ 'Sec-WebSocket-Protocol': 'fleetwire.bearer.abc, fleetwire.v1' });
    expect([answer.status, answer.headers['sec-websocket-protocol']]).toEqual([101, 'fleetwire.v1']);
  });

  it('[O8] the own origin and no origin pass, another is refused with 403 unless it is allowed', async () => {
    const detach = attach();
    expect((await upgrade()).status).toBe(101);
    expect(
      (await upgrade({ Origin: `http://localhost:${String(port)}`, Host: `localhost:${String(port)}` })).status,
    ).toBe(101);
    for (const Origin of ['https://evil.test', 'null', `http://127.0.0.1:${String(port + 1)}`, 'not a url'])
      expect((await upgrade({ Origin })).status).toBe(403);
    detach();
    attach({ allowedOrigins: ['https://good.test'] });
    expect((await upgrade({ Origin: 'https://good.test' })).status).toBe(101);
    expect((await upgrade({ Origin: 'https://good.test.evil.test' })).status).toBe(403);
    expect(server.stats().connects).toMatchObject({ refused_origin: 5 });
  });

  it('[O8] more upgrades from one address than allowed are refused with 429 and Retry-After', async () => {
    attach({
      upgradesPerSecond: 0.5,
      upgradeBurst: 2,
      remoteAddress: (request) => request.headers['x-forwarded-for'] as string,
    });
    const statuses = [];
    for (let count = 0; count < 3; count += 1)
      statuses.push((await upgrade({ 'x-forwarded-for': '192.0.2.1' })).status);
    expect(statuses).toEqual([101, 101, 429]);
    expect(Number((await upgrade({ 'x-forwarded-for': '192.0.2.1' })).headers['retry-after'])).toBeGreaterThan(0);
    expect((await upgrade({ 'x-forwarded-for': '192.0.2.2' })).status).toBe(101);
  });

  it('[O8] [G2] an upgrade while the server drains is refused with 503 and Retry-After', async () => {
    attach();
    const drained = server.drain();
    const answer = await upgrade();
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    await drained;
  });

  it('upgrades to other paths and plain requests are left to others', async () => {
    attach();
    httpServer.on('upgrade', (request, socket) => {
      if (request.url === '/other') socket.end('HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
    expect((await upgrade({}, '/other')).status).toBe(418);
    expect(await (await fetch(`http://127.0.0.1:${String(port)}/`)).text()).toBe('plain');
  });

  it('upgrades to paths that nobody serves are answered with 404, whichever endpoints there are', async () => {
    const detach = attach();
    const other = createServer<Identity>({
      authenticate: () => ({ identity: { userId: 'ada', orgId: 'acme' } }),
      timings: scaleTimings(50),
    });
    try {
      const detachOther = other.attach(httpServer, '/agents');
      expect((await upgrade({}, '/other')).status).toBe(404);
      expect((await upgrade({}, '/agents')).status).toBe(101);
      expect(server.stats().connects).toMatchObject({ refused_path: 1 });
      expect(() => other.attach(httpServer, '/ws')).toThrow(TypeError);
      detach();
      expect((await upgrade({}, '/ws')).status).toBe(404);
      detachOther();
      detachOther();
      expect(httpServer.listenerCount('upgrade')).toBe(0);
      attach();
      expect((await upgrade({}, '/ws')).status).toBe(101);
    } finally {
      await other.dispose();
    }
  });

  it('a request target in absolute form is served like its path', async () => {
    attach();
    expect((await upgrade({}, 'http://fleet.test/ws?x=1')).status).toBe(101);
    expect((await upgrade({}, 'http://fleet.test/other')).status).toBe(404);
  });

  it.each([
    [
      'remoteAddress',
      {
        remoteAddress: (): string => {
          throw new Error('no such header');
        },
      },
    ],
    [
      'allowedOrigins',
      {
        allowedOrigins: (): boolean => {
          throw new Error('the list is away');
        },
      },
    ],
  ] as readonly (readonly [string, EndpointOptions])[])(
    'a hook that fails costs its upgrade and nothing else: %s',
    async (_what, options) => {
      attach(options);
      const failed = await upgrade({ Origin: `http://127.0.0.1:${String(port)}` });
      expect(failed.status).toBe(500);
      expect(server.stats().connects).toEqual({ failed: 1 });
      expect(await (await fetch(`http://127.0.0.1:${String(port)}/`)).text()).toBe('plain');
    },
  );

  it('[O8] addresses of one IPv6 /64 share a rate', async () => {
    attach({
      upgradesPerSecond: 0.1,
      upgradeBurst: 1,
      remoteAddress: (request) => request.headers['x-forwarded-for'] as string,
    });
    const statuses: number[] = [];
    for (const address of ['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:db8:0:1::1', '::ffff:192.0.2.1', '192.0.2.1'])
      statuses.push((await upgrade({ 'x-forwarded-for': address })).status);
    expect(statuses).toEqual([101, 429, 101, 101, 429]);
  });

  it('[O4] the token of an upgrade is not kept once it was checked', async () => {
    attach();
    const token = `secret-${'x'.repeat(100)}`;
    const socket = await open({ path: `/ws?token=${token}` });
    socket.send('{"type":"hello","protocol":1,"peer":{"name":"t","version":"1"}}');
    await new Promise((resolve) => {
      socket.once('message', resolve);
    });
    expect(seen[0]).toMatchObject({ token, tokenSource: 'query' });
    const [handle] = server.connections({ orgId: 'acme' });
    expect(inspect(handle, { depth: 6, showHidden: true })).not.toContain(token);
    socket.terminate();
  });

  it('[O4] header, cookie and query reach authenticate, a cookie only under its name', async () => {
    attach({ cookieName: 'fw' });
    for (const [headers, path] of [
      [{ Authorization: 'Bearer h' }, '/ws'],
      [{ Cookie: 'fw=c' }, '/ws'],
      [{ Cookie: 'other=c' }, '/ws?token=q'],
    ] as const) {
      const socket = await open({ headers, path });
      socket.send('{"type":"hello","protocol":1,"peer":{"name":"t","version":"1"}}');
      await new Promise((resolve) => {
        socket.once('message', resolve);
      });
      socket.terminate();
    }
    expect(seen.map(({ token, tokenSource, path }) => [token, tokenSource, path])).toEqual([
      ['h', 'header', '/ws'],
      ['c', 'cookie', '/ws'],
      ['q', 'query', '/ws'],
    ]);
  });

  it('[M8] a message over the limit closes with 1009, text that is not UTF-8 with 1007', async () => {
    attach({ limits: { maxPayloadBytes: 1_000 } });
    const large = await open();
    large.send('x'.repeat(1_001));
    expect(await closeOf(large)).toBe(1009);
    const broken = await open();
    broken.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false });
    expect(await closeOf(broken)).toBe(1007);
  });

  it('[L1] [L2] the server pings, a peer that answers stays and one that does not is cut', async () => {
    attach();
    const hello = '{"type":"hello","protocol":1,"peer":{"name":"t","version":"1"}}';
    const alive = await open();
    alive.send(hello);
    const silent = new WebSocket(`ws://127.0.0.1:${String(port)}/ws`, ['fleetwire.v1'], { autoPong: false });
    await new Promise((resolve) => {
      silent.once('open', resolve);
    });
    silent.send(hello);
    let pings = 0;
    const pinged = new Promise<void>((resolve) => {
      alive.on('ping', () => {
        pings += 1;
        if (pings === 4) resolve();
      });
    });
    expect(await closeOf(silent)).toBe(1006);
    await pinged;
    expect(alive.readyState).toBe(WebSocket.OPEN);
    expect(server.stats().closes).toEqual({ PEER_TIMEOUT: 1 });
    alive.terminate();
  });
});
