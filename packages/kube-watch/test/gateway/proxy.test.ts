import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { createStaticConnection } from '../../src/server/static-clusters.ts';
import {
  caller,
  cluster,
  listen,
  podsPath,
  serve,
  startApi,
  startGateway,
  tokenOf,
  type Caller,
} from './gateway-harness.ts';

/** A cluster that keeps what it was asked and answers by `handle`. */
async function startRecorder(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/version') return void response.end('{"gitVersion":"v1.36.0"}');
    seen.push(request);
    handle(request, response);
  });
  return { url: await listen(server), seen };
}

const ok = (_request: IncomingMessage, response: ServerResponse): void => void response.end('{}');

function asking(url: string, identity: Caller = caller()) {
  return (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}/clusters/one${path}`, {
      ...init,
      headers: { authorization: `Bearer ${tokenOf(identity)}`, ...init.headers },
    });
}

/** Headers that act on the origin that they come from, or on what stands before it. */
const acting = {
  'set-cookie': 'session=stolen',
  'www-authenticate': 'Basic realm="x"',
  'access-control-allow-origin': '*',
  'access-control-allow-credentials': 'true',
  'clear-site-data': '"*"',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'public-key-pins': 'max-age=5',
  'service-worker-allowed': '/',
  refresh: '0; url=https://evil.example',
  link: '</evil.js>; rel=preload',
  location: 'https://evil.example/',
  'alt-svc': 'h2="evil.example:443"',
  nel: '{"report_to":"evil","max_age":31536000}',
  'report-to': '{"group":"evil","max_age":31536000,"endpoints":[{"url":"https://evil.example"}]}',
  'reporting-endpoints': 'evil="https://evil.example"',
  'content-security-policy-report-only': 'default-src *; report-uri https://evil.example',
  'accept-ch': 'Sec-CH-UA-Model',
  'secure-session-registration': '(ES256);path="/x"',
  'sec-session-registration': '(ES256);path="/x"',
  'x-accel-redirect': '/internal',
  'x-sendfile': '/etc/passwd',
};

/** Sends a request as it is written, past the client library's own ideas. */
async function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(text);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  await Promise.race([once(socket, 'close'), vi.waitFor(() => expect(answer).toContain('\r\n\r\n'))]);
  socket.destroy();
  return answer;
}

describe('the proxy', () => {
  it('[P1] streams bodies both ways as they come', async () => {
    const recorder = await startRecorder((request, response) => {
      // Answers each chunk before the next is sent.
      response.writeHead(200, { 'content-type': 'text/plain' });
      request.on('data', (chunk: Buffer) => response.write(chunk.toString().toUpperCase()));
      request.on('end', () => response.end());
    });
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const request = httpRequest(`${url}/clusters/one${podsPath}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenOf(caller())}` },
    });
    request.write('first');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(String((await once(response, 'data'))[0])).toBe('FIRST');
    request.write('second');
    expect(String((await once(response, 'data'))[0])).toBe('SECOND');
    request.end();
    response.resume();
    await once(response, 'end');
  });

  it('[P1] streams a watch: its head at once, each event when it happens; an abort ends the cluster’s', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const url = await serve(startGateway([cluster('one', one.url)]).gateway);
    const abort = new AbortController();
    const response = await asking(url)(`${podsPath}?watch=1&resourceVersion=${since}`, { signal: abort.signal });
    expect(response.status).toBe(200);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    one.addPod('second');
    expect((await reader?.read())?.value).toContain('"second"');
    expect(one.api.stats.openWatches).toBe(1);
    abort.abort();
    await vi.waitFor(() => expect(one.api.stats.openWatches).toBe(0));
  });

  it('[P1] aborts what has not answered yet, and cuts an answer that the cluster cut', async () => {
    let closed = 0;
    const recorder = await startRecorder((request, response) => {
      response.on('close', () => (closed += 1));
      if (request.url?.endsWith('/cut')) {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half');
        setImmediate(() => response.destroy());
      }
    });
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const ask = asking(url);
    const abort = new AbortController();
    const pending = ask(podsPath, { signal: abort.signal });
    await vi.waitFor(() => expect(recorder.seen).toHaveLength(1));
    abort.abort();
    await expect(pending).rejects.toThrow();
    await vi.waitFor(() => expect(closed).toBe(1));
    await expect(ask(`${podsPath}/cut`).then((response) => response.text())).rejects.toThrow();
  });

  it('[P1] takes no more of an endless answer than its caller does', async () => {
    let written = 0;
    const recorder = await startRecorder((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const write = (): void => {
        written += chunk.length;
        response.write(chunk);
      };
      response.on('drain', write);
      response.on('close', () => response.off('drain', write));
      write();
    });
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const headers = { authorization: `Bearer ${tokenOf(caller())}` };
    const request = httpRequest(`${url}/clusters/one${podsPath}/web/log`, { headers }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let before = -1;
    await vi.waitFor(
      () => {
        const isStill = written === before;
        before = written;
        expect(isStill && written > 0).toBe(true);
      },
      { interval: 200 },
    );
    // What sockets and streams on the way hold.
    expect(written).toBeLessThan(64 * 1024 * 1024);
    response.destroy();
  });

  it('[P3] never lets the cluster take a body for the next request', async () => {
    const recorder = await startRecorder((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => response.end(JSON.stringify({ asked: request.url, body })));
    });
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const hidden = 'DELETE /api/v1/namespaces/kube-system/secrets HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
    const authorization = `Authorization: Bearer ${tokenOf(caller())}`;
    for (const method of ['GET', 'DELETE', 'OPTIONS', 'POST']) {
      for (const named of ['content-length', 'transfer-encoding', 'Content-Length, transfer-encoding, close']) {
        const head = `${method} /clusters/one${podsPath}/a/proxy/x HTTP/1.1\r\nHost: x\r\n${authorization}\r\nConnection: ${named}`;
        await raw(url, `${head}\r\nContent-Length: ${String(hidden.length)}\r\n\r\n${hidden}`);
        const size = hidden.length.toString(16);
        await raw(url, `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${hidden}\r\n0\r\n\r\n`);
      }
      // Whoever comes next over the kept connection gets the answer to what it asked.
      const next = (await (await asking(url)(`${podsPath}/next`)).json()) as { asked: string };
      expect(next.asked).toBe(`${podsPath}/next`);
    }
    expect(recorder.seen.filter(({ url }) => url?.includes('kube-system'))).toEqual([]);
    expect(recorder.seen).toHaveLength(4 * 6 + 4);
  });

  it('[P3] refuses a body in a coding that the cluster would not be told of', async () => {
    const recorder = await startRecorder((_request, response) => response.end('{}'));
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const ask = (coding: string, method = 'POST') =>
      raw(
        url,
        `${method} /clusters/one${podsPath} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenOf(caller())}\r\n` +
          `Connection: close\r\nTransfer-Encoding: ${coding}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      );
    for (const coding of ['gzip, chunked', 'deflate,chunked']) {
      const answer = await ask(coding);
      expect(answer).toMatch(/^HTTP\/1\.1 501 /);
      expect(answer).toContain('"kind":"Status"');
    }
    expect(recorder.seen).toHaveLength(0);
    expect(await ask('Chunked')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('[P1] passes what it does not touch: gzip, status, redirects, large bodies', async () => {
    const large = Buffer.alloc(3_000_000, 'abc');
    let received = 0;
    const recorder = await startRecorder((request, response) => {
      if (request.url?.endsWith('/gzip')) {
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
        response.end(gzipSync('{"a":1}'));
      } else if (request.url?.includes('/moved')) {
        const to = new URL(request.url, 'http://x').searchParams.get('to') ?? '';
        response.writeHead(307, { location: to }).end();
      } else {
        request.on('data', (chunk: Buffer) => (received += chunk.length));
        request.on('end', () => response.writeHead(422, 'Unprocessable').end(large));
      }
    });
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const ask = asking(url);
    const zipped = await ask(`${podsPath}/gzip`);
    expect([zipped.headers.get('content-encoding'), await zipped.json()]).toEqual(['gzip', { a: 1 }]);
    const locationOf = async (to: string): Promise<string | null> => {
      const moved = await ask(`${podsPath}/moved?to=${encodeURIComponent(to)}`, { redirect: 'manual' });
      expect(moved.status).toBe(307);
      return moved.headers.get('location');
    };
    // To where the target is here; what is elsewhere names nothing that is behind the gateway.
    expect(await locationOf('/version?a=1')).toBe('/clusters/one/version?a=1');
    expect(await locationOf('next')).toBe(`/clusters/one${podsPath}/next`);
    expect(await locationOf(`${recorder.url}/api`)).toBe('/clusters/one/api');
    expect(await locationOf('http://10.0.0.1:6443/api')).toBeNull();
    expect(await locationOf('//10.0.0.1/api')).toBeNull();
    const answer = await ask(podsPath, { method: 'POST', body: large });
    expect([answer.status, (await answer.arrayBuffer()).byteLength, received]).toEqual([
      422,
      large.length,
      large.length,
    ]);
  });

  it.each([
    ['kube.read', 'GET', podsPath, 200],
    ['kube.read', 'GET', '/api/v1/secrets', 403],
    ['kube.read', 'POST', podsPath, 403],
    ['kube.read', 'GET', `${podsPath}/web/exec?command=sh`, 403],
    ['kube.secrets', 'GET', '/api/v1/secrets', 200],
    ['kube.secrets', 'GET', podsPath, 403],
    ['kube.write', 'DELETE', `${podsPath}/web`, 200],
    ['kube.write', 'DELETE', '/api/v1/namespaces/default/secrets/web', 403],
    ['kube.exec', 'POST', `${podsPath}/web/exec?command=sh`, 200],
    ['kube.exec', 'GET', podsPath, 403],
  ] as const)('[P2] with %s alone answers %s %s with %d', async (permission, method, path, status) => {
    const recorder = await startRecorder(ok);
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const response = await asking(url, caller({ permissions: [permission] }))(path, { method });
    expect(response.status).toBe(status);
    expect(recorder.seen).toHaveLength(status === 200 ? 1 : 0);
    if (status === 403) {
      expect(await response.json()).toMatchObject({
        kind: 'Status',
        status: 'Failure',
        reason: 'Forbidden',
        code: 403,
      });
    }
  });

  it.each([
    '/api/v1//secrets',
    '/api/v1/pods/../secrets',
    '/api/v1/pods/%2e%2e/secrets',
    '/api/v1/pods/..%2fsecrets',
    '/api/v1/pods%2f..%2fsecrets',
    '/api/v1/watch/secrets',
    '/api/v1/Secrets',
    '/api/v1/secrets/',
    '/api/v1\\secrets',
    '/api/v1/pods;/../secrets',
    '/../one/api/v1/secrets',
    '/metrics',
    '',
    '?watch=1',
  ])('[P2] refuses the path %s, and nothing reaches the cluster', async (path) => {
    const recorder = await startRecorder(ok);
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const reader = tokenOf(caller({ permissions: ['kube.read'] }));
    const head = `GET /clusters/one${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${reader}\r\nconnection: close\r\n\r\n`;
    expect(await raw(url, head)).toMatch(/^HTTP\/1\.1 40[03] /);
    expect(recorder.seen).toHaveLength(0);
  });

  it('[P3] sends the cluster nothing that speaks for somebody', async () => {
    const recorder = await startRecorder(ok);
    const connection = createStaticConnection({ server: recorder.url, token: 'robot' });
    const url = await serve(startGateway([cluster('one', connection)]).gateway);
    const token = tokenOf(caller());
    const head = [
      `GET /clusters/one${podsPath}?limit=5&token=${token}&%74oken=${token}&labelSelector=a%3Db HTTP/1.1`,
      'host: fleetwire.example',
      `authorization: Bearer ${token}`,
      'cookie: session=1',
      'origin: https://fleetwire.example',
      'referer: https://fleetwire.example/',
      'impersonate-user: root',
      'Impersonate-Group: system:masters',
      'Impersonate-Extra-Scopes: all',
      'Impersonate-Uid: 0',
      'X-Remote-User: root',
      'X-Remote-Group: system:masters',
      'X-Remote-Extra-Scopes: all',
      'X-Forwarded-For: 10.0.0.1',
      'X-Forwarded-Proto: https',
      'X-Real-Ip: 10.0.0.1',
      'Forwarded: for=10.0.0.1',
      'Via: 1.1 x',
      'Proxy-Authorization: Basic eA==',
      'TE: trailers',
      'Keep-Alive: timeout=5',
      'Connection: close, X-Listed, Authorization',
      'X-Listed: 1',
      'X-Kept: 1',
      'Accept: application/json',
      'User-Agent: kubectl/v1.32',
    ].join('\r\n');
    expect(await raw(url, `${head}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
    const [request] = recorder.seen;
    const { host, connection: own, ...headers } = request?.headers ?? {};
    expect(headers).toEqual({
      authorization: 'Bearer robot',
      accept: 'application/json',
      'user-agent': 'kubectl/v1.32',
      via: '1.1 x',
      'x-kept': '1',
    });
    expect(host).toBe(new URL(recorder.url).host);
    expect(own).toBe('keep-alive');
    expect(request?.url).toBe(`${podsPath}?limit=5&labelSelector=a%3Db`);
  });

  it('[P3] says through whom a request has come, itself last', async () => {
    const recorder = await startRecorder(ok);
    const connection = createStaticConnection({ server: recorder.url, headers: { Via: '1.1 us' } });
    const url = await serve(startGateway([cluster('one', connection)]).gateway);
    await asking(url)(podsPath);
    await asking(url)(podsPath, { headers: { via: '1.1 x, 1.1 y' } });
    expect(recorder.seen.map(({ headers }) => headers.via)).toEqual(['1.1 us', '1.1 x, 1.1 y, 1.1 us']);
  });

  it('[P3] runs as the impersonated user, whatever the caller says', async () => {
    const recorder = await startRecorder(ok);
    const url = await serve(startGateway([cluster('one', recorder.url, { identity: 'impersonate' })]).gateway);
    await asking(url)(podsPath, { headers: { 'impersonate-user': 'root', 'impersonate-group': 'system:masters' } });
    expect(recorder.seen[0]?.headers).toMatchObject({ 'impersonate-user': 'ada', 'impersonate-group': 'org:acme' });
  });

  it('[P3] frames every body: nothing can follow a request unseen', async () => {
    const bodies: string[] = [];
    const recorder = await startRecorder((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        bodies.push(`${request.method ?? ''} ${body}`);
        response.end('{}');
      });
    });
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const smuggled = 'GET /api/v1/secrets HTTP/1.1\r\nhost: x\r\n\r\n';
    const head = (method: string, framing: string): string =>
      `${method} /clusters/one${podsPath}/web HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf(caller())}\r\n${framing}\r\nconnection: close\r\n\r\n`;
    const chunk = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`;
    for (const method of ['DELETE', 'PUT', 'GET']) {
      expect(await raw(url, head(method, 'transfer-encoding: chunked') + chunk)).toMatch(/^HTTP\/1\.1 200/);
    }
    expect(await raw(url, head('DELETE', `content-length: ${String(smuggled.length)}`) + smuggled)).toMatch(
      /^HTTP\/1\.1 200/,
    );
    expect(bodies).toEqual([`DELETE ${smuggled}`, `PUT ${smuggled}`, `GET `, `DELETE ${smuggled}`]);
    // Two framings at once are no request at all.
    const both = head('PUT', `content-length: 4\r\ntransfer-encoding: chunked`) + chunk;
    expect(await raw(url, both)).toMatch(/^HTTP\/1\.1 400/);
    expect(recorder.seen).toHaveLength(4);
  });

  it('[P9] gives browsers nothing that acts on the gateway’s own pages', async () => {
    const recorder = await startRecorder((_request, response) => {
      response.writeHead(401, {
        'content-type': 'text/html',
        ...acting,
        'content-security-policy': "default-src 'unsafe-inline'",
        'audit-id': '1',
      });
      response.end('<script>alert(1)</script>');
    });
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const { headers, status } = await asking(url)('/api/v1/namespaces/default/services/web/proxy/');
    expect(status).toBe(401);
    expect(headers.get('content-security-policy')).toBe('sandbox');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('audit-id')).toBe('1');
    for (const name of Object.keys(acting)) expect([name, headers.has(name)]).toEqual([name, false]);
  });

  it('[P9] lets no browser keep what a user’s cluster answers, and others as they say', async () => {
    const recorder = await startRecorder((_request, response) => {
      response.writeHead(200, { 'cache-control': 'public, max-age=31536000' }).end('{}');
    });
    const owner = { orgId: 'acme', userId: 'ada' };
    const definitions = [cluster('one', recorder.url, { owner }), cluster('shared', recorder.url)];
    const url = await serve(startGateway(definitions).gateway);
    const headers = { authorization: `Bearer ${tokenOf(caller())}` };
    const keeping = async (name: string): Promise<string | null> =>
      (await fetch(`${url}/clusters/${name}${podsPath}`, { headers })).headers.get('cache-control');
    expect([await keeping('one'), await keeping('shared')]).toEqual(['no-store', 'public, max-age=31536000']);
  });

  it('[P9] says of its own failures what it says of answers', async () => {
    const url = await serve(startGateway([]).gateway);
    const { headers } = await asking(url)(podsPath);
    expect(headers.get('content-security-policy')).toBe('sandbox');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    'HTTP/1.1 000 Zero\r\ncontent-length: 2\r\n\r\n{}',
    'HTTP/1.1 099 Low\r\ncontent-length: 2\r\n\r\n{}',
    'HTTP/1.1 999 High\r\ncontent-length: 2\r\n\r\n{}',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n{}',
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n{}',
    'HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}',
    'HTTP/1.1 200 O\u0001K\r\ncontent-length: 2\r\n\r\n{}',
    'HTTP/1.1 200 \u00fc\u00ff\r\ncontent-length: 2\r\nx-name: \u00fc\r\n\r\n{}',
    'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: set-cookie\r\n\r\n2\r\n{}\r\n0\r\nset-cookie: a=b\r\n\r\n',
    'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n{}',
    'HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\n{}',
    'HTTP/1.1 401 Unauthorized\r\nconnection: content-length, x-content-type-options\r\ncontent-length: 2\r\n\r\n{}',
    `HTTP/1.1 200 OK\r\nx-large: ${'x'.repeat(100_000)}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(5_000)}content-length: 2\r\n\r\n{}`,
    'HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\ncontent-length: 2\r\n\r\n{}',
    'nonsense\r\n\r\n',
    '',
  ])('[P9] survives a server that answers with nonsense (%#)', async (answer) => {
    const hostile = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(answer, 'latin1'));
    });
    const one = await startApi();
    const timings = { dialTimeoutMs: 500, answerTimeoutMs: 500 };
    const gateway = startGateway([cluster('one', await listen(hostile)), cluster('other', one.url)], { timings });
    const url = await serve(gateway.gateway);
    const token = tokenOf(caller());
    const headers = `host: x\r\nauthorization: Bearer ${token}`;
    const upgrade = 'connection: upgrade\r\nupgrade: SPDY/3.1';
    const plain = await raw(url, `GET /clusters/one${podsPath} HTTP/1.1\r\n${headers}\r\nconnection: close\r\n\r\n`);
    const switched = await raw(
      url,
      `POST /clusters/one${podsPath}/a/exec HTTP/1.1\r\n${headers}\r\n${upgrade}\r\n\r\n`,
    );
    for (const text of [plain, switched]) {
      expect(text).not.toMatch(/set-cookie|^link/im);
      if (/^HTTP\/1\.1 (?!101|$)/.test(text)) expect(text.toLowerCase()).toContain('content-security-policy: sandbox');
    }
    const response = await fetch(`${url}/clusters/other${podsPath}`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
  });

  it('[P5] answers its own failures with a Status', async () => {
    const slow = await startRecorder(() => undefined);
    const timings = { dialTimeoutMs: 200, answerTimeoutMs: 200 };
    const gateway = startGateway(
      [
        cluster('one', slow.url),
        cluster('closed', 'http://127.0.0.1:1'),
        cluster('theirs', slow.url, { orgs: ['other'] }),
      ],
      { timings },
    );
    const url = await serve(gateway.gateway);
    const ask = async (name: string): Promise<unknown> => {
      const response = await fetch(`${url}/clusters/${name}${podsPath}`, {
        headers: { authorization: `Bearer ${tokenOf(caller())}` },
      });
      expect(response.headers.get('content-type')).toBe('application/json');
      return { ...((await response.json()) as object), http: response.status };
    };
    expect(await ask('one')).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: 504,
      http: 504,
      reason: 'Timeout',
    });
    expect(await ask('closed')).toMatchObject({ kind: 'Status', code: 502, http: 502 });
    const absent = await ask('absent');
    expect(absent).toMatchObject({ kind: 'Status', code: 404, http: 404, reason: 'NotFound' });
    expect(JSON.stringify(await ask('theirs')).replaceAll('theirs', 'absent')).toBe(JSON.stringify(absent));
  });

  it('[P5] waits for the log of a quiet pod as long as its caller does', async () => {
    const recorder = await startRecorder((_request, response) => {
      setTimeout(() => response.end('a line'), 500);
    });
    const gateway = startGateway([cluster('one', recorder.url)], { timings: { answerTimeoutMs: 100 } });
    const ask = asking(await serve(gateway.gateway));
    expect((await ask(podsPath)).status).toBe(504);
    const log = await ask(`${podsPath}/web/log?follow=true`);
    expect([log.status, await log.text()]).toEqual([200, 'a line']);
  });

  it('[P5] fails at once while the breaker of the cluster is open', async () => {
    const gateway = startGateway([cluster('one', 'http://127.0.0.1:1')], { random: () => 1 });
    const url = await serve(gateway.gateway);
    const ask = asking(url);
    for (let attempt = 0; attempt < 6; attempt += 1) expect((await ask(podsPath)).status).toBe(502);
    expect(gateway.gateway.stats.openBreakers).toBe(1);
    const { dials } = gateway.gateway.stats;
    expect((await ask(podsPath)).status).toBe(502);
    expect(gateway.gateway.stats.dials).toBe(dials);
  });

  it.each([
    ['GET', '/api/v1/namespaces/default/pods', 200],
    ['GET', '/api/v1/namespaces/default', 200],
    ['GET', '/apis/apps/v1', 200],
    ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 200],
    ['GET', '/api/v1/pods', 403],
    ['GET', '/api/v1/namespaces/other/pods', 403],
    ['GET', '/api/v1/namespaces', 403],
    ['GET', '/api/v1/namespaces/other', 403],
    ['DELETE', '/api/v1/namespaces/default', 403],
    ['GET', '/api/v1/nodes', 403],
    ['GET', '/api/v1/namespaces/default/../other/pods', 403],
    ['GET', '/api/v1/namespaces/default%2f..%2fother/pods', 403],
    ['POST', '/api/v1/namespaces/other/pods/web/exec', 403],
  ])('[P6] confined to a namespace, %s %s is %d', async (method, path, status) => {
    const recorder = await startRecorder(ok);
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const token = tokenOf(caller({ namespace: 'default' }));
    const head = `${method} /clusters/one${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`;
    expect(await raw(url, head)).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `));
    expect(recorder.seen).toHaveLength(status === 200 ? 1 : 0);
  });

  it('[P7] asks for credentials in each request, and repeats one without a body after a 401', async () => {
    let token = 'old';
    let refreshes = 0;
    const recorder = await startRecorder((request, response) => {
      request.resume();
      response.writeHead(request.headers.authorization === `Bearer new` ? 200 : 401).end('{}');
    });
    const connection = {
      server: recorder.url,
      identityKey: 'robot',
      requestOptions: async () => ({ headers: { authorization: `Bearer ${token}` } }),
      refreshCredentials: async () => {
        refreshes += 1;
        token = 'new';
        return true;
      },
    };
    const url = await serve(startGateway([cluster('one', connection)]).gateway);
    const ask = asking(url);
    expect((await ask(podsPath)).status).toBe(200);
    expect([refreshes, recorder.seen.length]).toEqual([1, 2]);
    token = 'old';
    expect((await ask(podsPath, { method: 'POST', body: '{}' })).status).toBe(401);
    expect([refreshes, recorder.seen.length]).toEqual([1, 3]);
    token = 'new';
    expect((await ask(podsPath, { method: 'POST', body: '{}' })).status).toBe(200);
  });

  it('[P7] takes a 401 of an application behind a proxied service for its own, and refreshes once for many', async () => {
    let refreshes = 0;
    const recorder = await startRecorder((_request, response) => void response.writeHead(401).end('{}'));
    const connection = {
      server: recorder.url,
      identityKey: 'robot',
      requestOptions: async () => ({ headers: {} }),
      refreshCredentials: async () => {
        refreshes += 1;
        return true;
      },
    };
    const ask = asking(await serve(startGateway([cluster('one', connection)]).gateway));
    expect((await ask('/api/v1/namespaces/default/services/web/proxy/login')).status).toBe(401);
    expect([refreshes, recorder.seen.length]).toEqual([0, 1]);
    for (let index = 0; index < 3; index += 1) expect((await ask(podsPath)).status).toBe(401);
    expect([refreshes, recorder.seen.length]).toEqual([1, 7]);
  });

  it('[P8] bounds what one user holds open of a cluster, and forgets who left before it began', async () => {
    const recorder = await startRecorder((request, response) => {
      if (request.url?.includes('watch')) response.writeHead(200).flushHeaders();
      else response.end('{}');
    });
    const { gateway } = startGateway([cluster('one', recorder.url)]);
    const held: ServerResponse[] = [];
    const front = createServer((request, response) => {
      if (request.url === '/late') held.push(response);
      else
        gateway.handleRequest(
          request,
          response,
          caller({ userId: request.headers['x-user'] as string }),
          'one',
          request.url ?? '',
        );
    });
    const url = await listen(front);
    const ask = (path: string, userId: string): Promise<Response> =>
      fetch(url + path, { headers: { 'x-user': userId } });
    // Their clients leave while they are authenticated.
    for (let index = 0; index < 5; index += 1) {
      const gone = new AbortController();
      const asked = fetch(`${url}/late`, { signal: gone.signal }).catch(() => undefined);
      await vi.waitFor(() => expect(held).toHaveLength(index + 1));
      gone.abort();
      await asked;
    }
    await vi.waitFor(() => expect(held.every(({ destroyed }) => destroyed)).toBe(true));
    for (let index = 0; index < 250; index += 1) {
      const response = held[index % held.length] as ServerResponse;
      gateway.handleRequest(response.req, response, caller(), 'one', podsPath);
    }
    expect((await ask(podsPath, 'ada')).status).toBe(200);

    const watches = await Promise.all(Array.from({ length: 200 }, () => ask(`${podsPath}?watch=1`, 'ada')));
    expect(new Set(watches.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await ask(podsPath, 'ada');
    expect([refused.status, await refused.json()]).toMatchObject([429, { kind: 'Status', reason: 'TooManyRequests' }]);
    expect((await ask(podsPath, 'bob')).status).toBe(200);
    await watches[0]?.body?.cancel();
    await vi.waitFor(async () => expect((await ask(podsPath, 'ada')).status).toBe(200));
    for (const { body } of watches.slice(1)) await body?.cancel();
  });

  it('[P1] repeats a read whose kept connection the cluster has just closed', async () => {
    const recorder = await startRecorder((request, response) => {
      response.end('{}');
      // Cut after the answer, without telling, as an API server that restarts does.
      setImmediate(() => request.socket.on('data', () => request.socket.resetAndDestroy()));
    });
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const ask = asking(url);
    for (let attempt = 0; attempt < 5; attempt += 1) expect((await ask(podsPath)).status).toBe(200);
  });

  it('lets nothing through when a policy fails', async () => {
    const recorder = await startRecorder(ok);
    const gateway = startGateway(
      [cluster('one', recorder.url), cluster('two', recorder.url, { identity: 'impersonate' })],
      {
        can: (identity) => {
          if (identity.userId === 'broken') throw new Error('no database');
          return true;
        },
        // An empty name would run as the cluster's own identity.
        impersonation: () => ({ user: '', groups: [] }),
      },
    );
    const url = await serve(gateway.gateway);
    expect((await asking(url, caller({ userId: 'broken' }))(podsPath)).status).toBe(500);
    const headers = { authorization: `Bearer ${tokenOf(caller())}` };
    expect((await fetch(`${url}/clusters/two${podsPath}`, { headers })).status).toBe(500);
    expect(() => gateway.authorize('kube/two', { path: podsPath })).toThrow(/expected a name/);
    expect(recorder.seen).toHaveLength(0);
    expect(gateway.logs.filter(({ level }) => level === 'error')).toHaveLength(2);
  });

  it('[P1] makes a slow reader slow its cluster, not fill the memory', async () => {
    let written = 0;
    const recorder = await startRecorder((_request, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1024);
      const write = (): void => {
        if (response.destroyed) return;
        written += chunk.length;
        if (response.write(chunk)) setImmediate(write);
        else response.once('drain', write);
      };
      write();
    });
    const url = await serve(startGateway([cluster('one', recorder.url)]).gateway);
    const { hostname, port } = new URL(url);
    const socket = connectTcp(Number(port), hostname);
    socket.pause();
    socket.write(
      `GET /clusters/one${podsPath} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf(caller())}\r\n\r\n`,
    );
    await vi.waitFor(() => expect(written).toBeGreaterThan(0));
    let before = -1;
    await vi.waitFor(
      () => {
        const grown = written !== before;
        before = written;
        if (grown) throw new Error('still writing');
      },
      { interval: 300 },
    );
    // Four socket buffers of the kernel and some of node's, at most.
    expect(written).toBeLessThan(64 * 1024 * 1024);
    socket.destroy();
  });
});
