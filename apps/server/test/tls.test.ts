import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningServer } from '../src/start.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import { signIn, startTestServer, testPassword } from '../src/testing/running.ts';

const dataDir = newFolder();
let server: RunningServer;
let ca: string;
beforeAll(async () => {
  server = await startTestServer({ dataDir, tlsPort: 0 });
  ca = readFileSync(join(dataDir, 'tls', 'ca.crt'), 'utf8');
});
afterAll(() => server.dispose());

interface Answer {
  readonly status: number | undefined;
  readonly cookies: readonly string[];
  readonly body: string;
}

function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: object } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const all = { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const sent = request(
      `${server.tlsUrl ?? ''}${path}`,
      { method, headers: all, ca, servername: 'localhost', agent: false },
      (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += data.toString()));
        response.on('end', () => {
          resolve({ status: response.statusCode, cookies: response.headers['set-cookie'] ?? [], body: text });
        });
      },
    );
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe('the TLS listener', () => {
  it('serves the same application, to whom knows the authority in the data folder', async () => {
    expect(server.tlsUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await ask('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    await expect(fetch(`${server.tlsUrl ?? ''}/healthz`)).rejects.toThrow();
    expect((await ask('/healthz', { headers: { host: 'evil.example' } })).status).toBe(403);
  });

  it('gives a cookie that no other host can set, by another name than that of plain HTTP', async () => {
    const body = { username: 'admin', password: testPassword };
    const answer = await ask('/api/v1/auth/login', { method: 'POST', body });
    expect(answer.cookies[0]).toMatch(
      /^__Host-fleetwire_refresh_[0-9a-f]{8}=[^;]+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const cookie = answer.cookies[0]?.split(';')[0] ?? '';
    expect((await ask('/api/v1/auth/refresh', { method: 'POST', headers: { cookie } })).status).toBe(200);
    const former = cookie.replace('__Host-', '__Secure-');
    expect((await ask('/api/v1/auth/refresh', { method: 'POST', headers: { cookie: former } })).status).toBe(401);
    expect((await fetch(`${server.url}/api/v1/auth/refresh`, { method: 'POST', headers: { cookie } })).status).toBe(
      401,
    );
  });

  it('serves the socket', async () => {
    const { accessToken } = await signIn(server.url);
    const socket = new WebSocket(`${server.tlsUrl?.replace('https', 'wss') ?? ''}/ws`, 'fleetwire.v1', { ca });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    const peer = { name: 'test', version: '1' };
    socket.send(JSON.stringify({ type: 'hello', protocol: 1, token: accessToken, peer }));
    const first = await new Promise<Buffer>((resolve) => socket.once('message', resolve));
    expect(JSON.parse(first.toString())).toMatchObject({ type: 'welcome' });
    socket.terminate();
  });

  it('says what to do when its port is taken, and leaves nothing behind', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { readonly port: number };
    const folder = newFolder();
    await expect(startTestServer({ dataDir: folder, tlsPort: port })).rejects.toThrow(
      `127.0.0.1 port ${String(port)} is in use by another program: give another --tls-port, or 0 for a free one, or off for no TLS`,
    );
    other.close();
    await (await startTestServer({ dataDir: folder, tlsPort: port })).dispose();
  });

  it('shows the certificate that the operator brings', async () => {
    const [tlsCert, tlsKey] = [join(dataDir, 'tls', 'server.crt'), join(dataDir, 'tls', 'server.key')];
    const folder = newFolder();
    const own = await startTestServer({ dataDir: folder, tlsPort: 0, tlsCert, tlsKey });
    const status = await new Promise((resolve, reject) => {
      request(`${own.tlsUrl ?? ''}/healthz`, { ca, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    await own.dispose();
  });
});
