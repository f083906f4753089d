import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerEvent } from './live/events.ts';
import type { RunningServer } from './start.ts';
import { callAs, post, signIn, startTestServer, testPassword } from './testing/running.ts';

interface Frame {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A bare client: what it received, and requests. */
async function openSocket(url: string, accessToken: string, name = 'test') {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'fleetwire.v1');
  const frames: Frame[] = [];
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send(JSON.stringify({ type: 'hello', protocol: 1, token: accessToken, peer: { name, version: '1' } }));
  const find = (predicate: (frame: Frame) => boolean): Promise<Frame> =>
    vi.waitFor(() => frames.find(predicate) ?? Promise.reject(new Error(`not among ${JSON.stringify(frames)}`)));
  let id = 0;
  return {
    frames,
    closed,
    find,
    close: () => {
      socket.close(1000, 'done');
      return closed;
    },
    async subscribe(channel: string) {
      await find(({ type }) => type === 'welcome');
      const mine = (id += 1);
      socket.send(JSON.stringify({ type: 'request', id: mine, method: 'subscribe', params: { items: [{ channel }] } }));
      const response = await find((frame) => frame.type === 'response' && frame['id'] === mine);
      return (
        response['result'] as {
          readonly items: readonly { readonly ch: number; readonly error?: { readonly code: string } }[];
        }
      ).items[0];
    },
  };
}

let server: RunningServer;
let url: string;
beforeAll(async () => {
  server = await startTestServer();
  url = server.url;
});
afterAll(() => server.dispose());

describe('failed sign-ins', () => {
  it('are seen by those alone who may read the audit log, on the channel and by REST', async () => {
    const admin = (await signIn(url)).accessToken;
    const user = { username: 'veronika', password: 'a password of hers', role: 'viewer' };
    await callAs(admin, 'POST', `${url}/api/v1/users`, user);
    const viewer = (await signIn(url, user.username, user.password)).accessToken;
    const sockets = [await openSocket(url, admin), await openSocket(url, viewer)] as const;
    for (const socket of sockets) await socket.subscribe('server/events');
    await post(`${url}/api/v1/auth/login`, { username: 'veronika', password: 'wrong password' });
    await signIn(url, user.username, user.password);
    const kindsOf = (frames: readonly Frame[]) =>
      frames.map((frame) => (frame['data'] as ServerEvent | undefined)?.kind);
    // The one that comes after it is there.
    for (const { frames } of sockets) await vi.waitFor(() => expect(kindsOf(frames)).toContain('signed-in'));
    const events = async (token: string) =>
      JSON.stringify((await callAs(token, 'GET', `${url}/api/v1/server/events`)).body);
    const seen = [
      kindsOf(sockets[0].frames).includes('sign-in-failed'),
      kindsOf(sockets[1].frames).includes('sign-in-failed'),
      (await events(admin)).includes('sign-in-failed'),
      (await events(viewer)).includes('sign-in-failed'),
    ];
    expect(seen).toEqual([true, false, true, false]);
    for (const { close } of sockets) await close();
  });
});

describe('signing in', () => {
  it('answers with an access token for ten minutes and a cookie that scripts cannot read', async () => {
    const response = await post(`${url}/api/v1/auth/login`, { username: 'admin', password: testPassword });
    expect(response.status).toBe(200);
    const body = (await response.json()) as { accessToken: string; expiresAt: number };
    expect(body.accessToken).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(body.expiresAt - Date.now()).toBeGreaterThan(595_000);
    expect(body.expiresAt - Date.now()).toBeLessThanOrEqual(600_000);
    expect(response.headers.get('set-cookie')).toMatch(
      /^fleetwire_refresh_[0-9a-f]{8}=[^;]+; Max-Age=604800; Path=\/api\/v1\/auth; HttpOnly; SameSite=Strict$/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('says the same of a wrong password and of an unknown name, as problem details', async () => {
    const wrong = await post(`${url}/api/v1/auth/login`, { username: 'admin', password: 'wrong' });
    const unknown = await post(`${url}/api/v1/auth/login`, { username: 'nobody', password: 'wrong' });
    const body: unknown = await wrong.json();
    expect(wrong.headers.get('content-type')).toBe('application/problem+json');
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'the user name or the password is wrong',
      code: 'UNAUTHENTICATED',
    });
    expect([unknown.status, await unknown.json()]).toEqual([wrong.status, body]);
  });

  it.each([
    [undefined],
    ['text'],
    [{ username: 'admin' }],
    [{ username: 'admin', password: 7 }],
    // A length that cannot be compared.
    [{ username: { length: { valueOf: 1, toString: 1 } }, password: 'x' }],
  ])('refuses the body %j with 400', async (body) => {
    const response = await post(`${url}/api/v1/auth/login`, body);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'BAD_REQUEST']);
  });

  it('refuses a body that is too large and a page of another origin', async () => {
    expect((await post(`${url}/api/v1/auth/login`, { username: 'a', password: 'x'.repeat(9000) })).status).toBe(413);
    const headers = { origin: 'http://127.0.0.1:1' };
    expect(
      (await post(`${url}/api/v1/auth/login`, { username: 'admin', password: testPassword }, headers)).status,
    ).toBe(403);
    expect((await post(`${url}/api/v1/auth/refresh`, undefined, headers)).status).toBe(403);
    expect((await post(`${url}/api/v1/auth/refresh`, undefined, { origin: 'null' })).status).toBe(403);
    const { accessToken } = await signIn(url);
    const authorization = `Basic ${Buffer.from(`token:${accessToken}`).toString('base64')}`;
    // Images and scripts of a page are asked for without Origin.
    const statusOf = async (path: string, site: string) =>
      (await fetch(url + path, { headers: { authorization, 'sec-fetch-site': site } })).status;
    for (const path of ['/api/v1/me', '/clusters/none/version']) {
      for (const site of ['cross-site', 'same-site'])
        expect([path, site, await statusOf(path, site)]).toEqual([path, site, 403]);
      for (const site of ['same-origin', 'none']) expect(await statusOf(path, site)).not.toBe(403);
    }
    expect(await statusOf('/healthz', 'cross-site')).toBe(200);
  });

  it('exchanges the cookie for the next one and a new token', async () => {
    const { cookie } = await signIn(url);
    const response = await post(`${url}/api/v1/auth/refresh`, undefined, { cookie, origin: url });
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')?.split(';')[0]).not.toBe(cookie);
    const { accessToken } = (await response.json()) as { accessToken: string };
    expect(
      (await fetch(`${url}/api/v1/server/health`, { headers: { authorization: `Bearer ${accessToken}` } })).status,
    ).toBe(200);
    expect((await post(`${url}/api/v1/auth/refresh`)).status).toBe(401);
  });

  it('finds the cookie among others of its name, which another port or a page beside it may have set', async () => {
    const { cookie } = await signIn(url);
    const [name = ''] = cookie.split('=');
    const cookies = `${name}=garbage; ${name}=; other=1; ${cookie}; ${name}=x.y`;
    const response = await post(`${url}/api/v1/auth/refresh`, undefined, { cookie: cookies });
    expect(response.status).toBe(200);
    const [next = ''] = (response.headers.get('set-cookie') ?? '').split(';');
    expect((await post(`${url}/api/v1/auth/logout`, undefined, { cookie: `${name}=garbage; ${next}` })).status).toBe(
      204,
    );
    expect((await post(`${url}/api/v1/auth/refresh`, undefined, { cookie: next })).status).toBe(401);
    const many = Array.from({ length: 50 }, (_, index) => `${name}=x.${String(index)}`).join('; ');
    expect((await post(`${url}/api/v1/auth/refresh`, undefined, { cookie: many })).status).toBe(401);
  });

  it('keeps out of the way of another server on the same host, to whom a browser sends the same cookies', async () => {
    const other = await startTestServer();
    const [mine, theirs] = [await signIn(url), await signIn(other.url)];
    const jar = `${mine.cookie}; ${theirs.cookie}`;
    for (const each of [url, other.url])
      expect((await post(`${each}/api/v1/auth/refresh`, undefined, { cookie: jar })).status).toBe(200);
    const stranger = await post(`${url}/api/v1/auth/refresh`, undefined, { cookie: theirs.cookie });
    expect([stranger.status, stranger.headers.get('set-cookie')]).toEqual([401, null]);
    await other.dispose();
  });

  it('ends at a logout: cookie, token and connections of this sign-in, and of no other', async () => {
    const mine = await signIn(url);
    const other = await signIn(url);
    const socket = await openSocket(url, mine.accessToken);
    const otherSocket = await openSocket(url, other.accessToken);
    await socket.find(({ type }) => type === 'welcome');
    await otherSocket.find(({ type }) => type === 'welcome');
    expect((await post(`${url}/api/v1/auth/logout`, undefined, { cookie: mine.cookie })).status).toBe(204);
    expect(await socket.closed).toBe(4501);
    expect((await post(`${url}/api/v1/auth/refresh`, undefined, { cookie: mine.cookie })).status).toBe(401);
    expect(
      (await fetch(`${url}/api/v1/server/health`, { headers: { authorization: `Bearer ${mine.accessToken}` } })).status,
    ).toBe(401);
    const again = await openSocket(url, mine.accessToken);
    expect(await again.closed).toBe(4501);
    expect(await otherSocket.subscribe('server/health')).toMatchObject({ mode: 'snapshot' });
    await otherSocket.close();
  });
});

describe('guessing', () => {
  it('is stopped after ten failures from one address, and tells when to come back', async () => {
    const own = await startTestServer();
    const guess = () => post(`${own.url}/api/v1/auth/login`, { username: 'admin', password: 'guess' });
    const guesses = Array.from({ length: 12 }, guess);
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses).toContain(429);
    // The right password waits as well, or the answer would tell it apart.
    expect((await post(`${own.url}/api/v1/auth/login`, { username: 'admin', password: testPassword })).status).toBe(
      429,
    );
    const answers = await Promise.all(guesses);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array<number>(10).fill(401), 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    await own.dispose();
  });
});

describe('the live channels', () => {
  it('show the health of the process, anew each second', async () => {
    const socket = await openSocket(url, (await signIn(url)).accessToken);
    const { ch } = (await socket.subscribe('server/health')) ?? {};
    const samples = () =>
      socket.frames
        .filter((frame) => frame['ch'] === ch)
        .flatMap((frame) => (frame['items'] ?? frame['set']) as { key: string; value: Record<string, unknown> }[]);
    // The first may be from the time before this connection.
    await vi.waitFor(() => {
      expect(samples().at(-1)?.value['connections']).toBe(1);
    });
    const seen = samples().length;
    await vi.waitFor(() => {
      expect(samples().length).toBeGreaterThan(seen);
    });
    const [first] = samples();
    const next = samples().at(-1);
    expect(first?.key).toBe('server');
    expect(next?.value).toMatchObject({ version: '0.0.0-test', connections: 1, nodeVersion: process.versions.node });
    expect(Number(next?.value['uptimeMs'])).toBeGreaterThan(Number(first?.value['uptimeMs']));
    expect(Number(next?.value['eventLoopLagMs'])).toBeGreaterThanOrEqual(0);
    expect(Number(next?.value['rssBytes'])).toBeGreaterThan(1e7);
    await socket.close();
  });

  it('show the connections of the organisation as they come and go, and what happened', async () => {
    const { accessToken } = await signIn(url);
    const watcher = await openSocket(url, accessToken, 'watcher');
    const connections = await watcher.subscribe('server/connections');
    const events = await watcher.subscribe('server/events');
    const snapshot = await watcher.find((frame) => frame.type === 'snapshot' && frame['ch'] === connections?.ch);
    expect(snapshot['items']).toEqual([
      expect.objectContaining({
        value: expect.objectContaining({
          peer: { name: 'watcher', version: '1' },
          remoteAddress: '127.0.0.1',
        }) as unknown,
      }),
    ]);
    const guest = await openSocket(url, accessToken, 'guest');
    const welcome = await guest.find(({ type }) => type === 'welcome');
    const came = await watcher.find(
      (frame) => frame.type === 'publication' && frame['ch'] === connections?.ch && frame['set'] !== undefined,
    );
    expect(came['set']).toEqual([expect.objectContaining({ key: welcome['connectionId'] })]);
    await guest.close();
    const left = await watcher.find(
      (frame) => frame.type === 'publication' && frame['ch'] === connections?.ch && frame['del'] !== undefined,
    );
    expect(left['del']).toEqual([expect.objectContaining({ key: welcome['connectionId'] })]);
    const told = await watcher.find(
      (frame) =>
        frame['ch'] === events?.ch && (frame['data'] as { kind?: string } | undefined)?.kind === 'disconnected',
    );
    expect(told['data']).toMatchObject({
      username: 'admin',
      peer: { name: 'guest' },
      close: { code: 1000, reason: 'done' },
    });
    await watcher.close();
  });

  it('are there by REST too, for those with a token', async () => {
    const { accessToken } = await signIn(url);
    const socket = await openSocket(url, accessToken, 'rest');
    await socket.find(({ type }) => type === 'welcome');
    const get = async (name: string): Promise<{ items: Record<string, unknown>[] }> => {
      const response = await fetch(`${url}/api/v1/server/${name}`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
      return (await response.json()) as { items: Record<string, unknown>[] };
    };
    expect((await get('health')).items).toEqual([
      {
        key: 'server',
        version: expect.any(Number) as number,
        value: expect.objectContaining({ version: '0.0.0-test' }) as unknown,
      },
    ]);
    expect((await get('connections')).items).toContainEqual(
      expect.objectContaining({
        version: expect.any(Number) as number,
        value: expect.objectContaining({ peer: { name: 'rest', version: '1' } }) as unknown,
      }),
    );
    expect((await get('events')).items.at(-1)).toMatchObject({ kind: 'connected', peer: { name: 'rest' } });
    await socket.close();
  });

  it('know no other channel, and serve nobody without a token', async () => {
    const socket = await openSocket(url, (await signIn(url)).accessToken);
    expect((await socket.subscribe('server/secrets'))?.error?.code).toBe('UNKNOWN_CHANNEL');
    await socket.close();
    const stranger = await openSocket(url, 'x');
    expect(await stranger.closed).toBe(4501);
    for (const name of ['health', 'connections', 'events']) {
      const response = await fetch(`${url}/api/v1/server/${name}`);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="fleetwire"']);
    }
  });
});

describe('the HTTP surface', () => {
  it('tells its health, readiness and metrics', async () => {
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({
      status: 'ready',
      database: { ok: true, kind: 'sqlite' },
      broker: { ok: true, kind: 'memory' },
    });
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await metrics.text();
    expect(text).toMatch(/^fleetwire_ws_connections \d+$/m);
    expect(text).toMatch(/^fleetwire_ws_connects_total\{result="accepted"\} [1-9]\d*$/m);
    expect(text).toMatch(/^fleetwire_ws_broker_publish_seconds_count \d+$/m);
    expect(text).toContain('process_cpu_seconds_total');
    // Read twice, counted once.
    const accepted = (text: string) => /connects_total\{result="accepted"\} (\d+)/.exec(text)?.[1];
    expect(accepted(await (await fetch(`${url}/metrics`)).text())).toBe(accepted(text));
  });

  it('serves the page for every view, never to be kept, under a policy that allows the scripts alone that it names', async () => {
    const nonces = new Set<string>();
    const paths = ['/', '/index.html', '/login', '/connections?q=x', '/plugins', '/plugins/a~b~c', '/plugins/catalog'];
    for (const path of paths) {
      const response = await fetch(url + path);
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      const policy = response.headers.get('content-security-policy') ?? '';
      // A tag would let a browser keep the page, and with it a nonce of before.
      for (const name of ['etag', 'last-modified']) expect(response.headers.get(name)).toBeNull();
      const [, nonce = ''] = /script-src 'nonce-([A-Za-z0-9+/]{22}==)';/.exec(policy) ?? [];
      nonces.add(nonce);
      expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*(?:unsafe|'self')/);
      const page = await response.text();
      expect(page).not.toContain('__CSP_NONCE__');
      const tags = page.match(/<script\b[^>]*>|<link rel="modulepreload"[^>]*>/g) ?? [];
      for (const tag of tags) expect(tag).toContain(`nonce="${nonce}"`);
      // Before the first module, or a browser does not take it.
      expect(tags[0]).toBe(`<script type="importmap" nonce="${nonce}">`);
      const map = JSON.parse(/type="importmap"[^>]*>(.*?)<\/script>/.exec(page)?.[1] ?? '') as {
        readonly imports: Readonly<Record<string, string>>;
        readonly integrity: Readonly<Record<string, string>>;
      };
      for (const specifier of ['react', 'react-dom', 'react/jsx-runtime', '@fleetwire/plugin-manager/sdk']) {
        const shared = map.imports[specifier] ?? '';
        const text = await (await fetch(url + shared)).text();
        expect(map.integrity[shared]).toBe(`sha384-${createHash('sha384').update(text).digest('base64')}`);
      }
      expect(policy).toContain("style-src 'self' 'unsafe-inline';");
      expect(policy).toContain(`worker-src ${new URL(url).host}/assets/;`);
      expect(policy).toContain(`connect-src 'self' ws://${new URL(url).host} wss://${new URL(url).host};`);
    }
    expect(nonces.size).toBe(paths.length);
    expect(nonces).not.toContain('');
  });

  it('serves scripts compressed and for ever, and 304 for what a browser has', async () => {
    const page = await (await fetch(url)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? '';
    const response = await fetch(url + script, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('content-type')).toMatch(/javascript/);
    await response.arrayBuffer();
    const icon = `${url}/favicon.svg`;
    const first = await fetch(icon);
    await first.text();
    const again = await fetch(icon, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
    expect([again.status, again.headers.get('cache-control')]).toEqual([304, 'no-cache']);
  });

  it.each(['/assets/none.js', '/api/v1/none', '/api', '/internal/replica', '/plugins/a~b~c/1.0.0'])(
    'answers %s with 404, not with the page',
    async (path) => {
      const response = await fetch(url + path);
      expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    },
  );

  it('does not leave the folder of the page', async () => {
    for (const path of ['/assets/../../package.json', '/..%2fpackage.json', '/%2e%2e/package.json']) {
      const { port } = new URL(url);
      const answer = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(Number(port), '127.0.0.1', () =>
          socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`),
        );
        socket.on('data', (data) => (text += data.toString()));
        socket.on('close', () => {
          resolve(text);
        });
      });
      expect(answer).toMatch(/^HTTP\/1\.1 (?:200|404) /);
      expect(answer).not.toContain('"@fleetwire/web"');
    }
  });

  it('answers an upgrade of another path with 404, one without the sub-protocol with 400, one of another origin with 403', async () => {
    const status = (path: string, protocol: string, origin?: string): Promise<number | undefined> =>
      new Promise((resolve) => {
        const socket = new WebSocket(
          `${url.replace('http', 'ws')}${path}`,
          protocol,
          origin === undefined ? {} : { origin },
        );
        socket.on('error', () => undefined);
        socket.on('unexpected-response', (_request, response) => {
          resolve(response.statusCode);
          socket.terminate();
        });
      });
    expect(await status('/other', 'fleetwire.v1')).toBe(404);
    expect(await status('/ws', 'chat')).toBe(400);
    expect(await status('/ws', 'fleetwire.v1', 'http://evil.example')).toBe(403);
    expect((await fetch(`${url}/ws`)).status).toBe(400);
  });

  it('serves no page whose name was pointed at this address: neither HTTP nor the socket, whatever its Origin', async () => {
    const { port, host } = new URL(url);
    const ask = (path: string, headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const sent = request({ port, path, headers, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('upgrade', (response, socket) => {
          socket.destroy();
          resolve(response.statusCode);
        });
        sent.on('error', reject).end();
      });
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'sec-websocket-protocol': 'fleetwire.v1',
    };
    const rebound = `evil.example:${port}`;
    for (const path of ['/', '/metrics', '/healthz', '/api/v1/server/health'])
      expect([path, await ask(path, { host: rebound })]).toEqual([path, 403]);
    expect(await ask('/ws', { ...upgrade, host: rebound, origin: `http://${rebound}` })).toBe(403);
    expect(await ask('/ws', { ...upgrade, host, origin: `http://${host}` })).toBe(101);
    expect(await ask('/healthz', { host: `localhost:${port}` })).toBe(200);
  });

  it('answers a client that offers HTTP/2 in HTTP/1.1', async () => {
    const { port } = new URL(url);
    const status = await new Promise((resolve) => {
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
      request({ port, path: '/healthz', headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(200);
  });
});

describe('a server that stops at once', () => {
  it('lets sockets and requests go that are open', async () => {
    const own = await startTestServer({ tlsPort: 0 });
    const socket = await openSocket(own.url, (await signIn(own.url)).accessToken);
    await socket.find(({ type }) => type === 'welcome');
    const { port } = new URL(own.url);
    const half = connect(Number(port), '127.0.0.1');
    await new Promise((resolve) => half.write('GET / HTTP/1.1\r\n', resolve));
    const halfClosed = new Promise((resolve) => half.on('close', resolve).on('error', () => undefined));
    await own.dispose();
    expect(await socket.closed).toBe(1012);
    await halfClosed;
  });
});
