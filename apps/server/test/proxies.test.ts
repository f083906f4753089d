import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { AuditEntry } from '../src/access/audit-log.ts';
import type { ServerConnection } from '../src/live/connections.ts';
import type { RunningServer } from '../src/start.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import { callAs, post, signIn, startTestServer, testPassword } from '../src/testing/running.ts';

const dataDir = newFolder();
/** Nobody stands before this one. */
let bare: RunningServer;
/** This one believes what comes from loopback. */
let behind: RunningServer;
let ca: string;
beforeAll(async () => {
  bare = await startTestServer({ dataDir, tlsPort: 0, demo: 'on' });
  behind = await startTestServer({ trustedProxies: ['127.0.0.0/8'], demo: 'on' });
  ca = readFileSync(join(dataDir, 'tls', 'ca.crt'), 'utf8');
});
afterAll(async () => {
  await bare.dispose();
  await behind.dispose();
});

const right = { username: 'admin', password: testPassword };
const wrong = { username: 'admin', password: 'a guess' };
const login = (url: string, body: object, headers: Record<string, string>) =>
  post(`${url}/api/v1/auth/login`, body, headers);

async function addressesOf(url: string): Promise<unknown[]> {
  const { accessToken } = await signIn(url);
  const { body } = await callAs(accessToken, 'GET', `${url}/api/v1/audit?limit=200`);
  return (body as { readonly items: readonly AuditEntry[] }).items.map(
    ({ detail }) => (detail as { readonly remoteAddress?: string } | undefined)?.remoteAddress,
  );
}

/** The status of an answer, that of an upgrade too. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest;
    const sent = request(url, { headers, ca, servername: 'localhost', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}

describe('the address of a client', () => {
  it('is that of the socket, whatever a stranger says in X-Forwarded-For', async () => {
    await login(bare.url, right, { 'x-forwarded-for': '203.0.113.1' });
    expect(await addressesOf(bare.url)).not.toContain('203.0.113.1');
    const own = await startTestServer();
    const statuses: number[] = [];
    for (let guess = 0; guess < 11; guess += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${String(guess)}` };
      statuses.push((await login(own.url, wrong, headers)).status);
    }
    expect(statuses.at(-1)).toBe(429);
    await own.dispose();
  });

  it('is the one that a trusted proxy tells, in limits, the audit log and the connections', async () => {
    const { url } = behind;
    for (let guess = 0; guess < 10; guess += 1)
      await login(url, wrong, { 'x-forwarded-for': `198.51.100.${String(guess)}, 203.0.113.2` });
    expect((await login(url, right, { 'x-forwarded-for': '203.0.113.2' })).status).toBe(429);
    expect((await login(url, right, { 'x-forwarded-for': '203.0.113.3, 127.0.0.7' })).status).toBe(200);
    const addresses = await addressesOf(url);
    expect(addresses).toContain('203.0.113.2');
    expect(addresses).toContain('203.0.113.3');
    expect(addresses).not.toContain('198.51.100.1');

    const { accessToken } = await signIn(url);
    const headers = { 'x-forwarded-for': '[2001:db8::7]:4711' };
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'fleetwire.v1', { headers });
    await new Promise((resolve) => socket.on('open', resolve));
    const peer = { name: 'test', version: '1' };
    socket.send(JSON.stringify({ type: 'hello', protocol: 1, token: accessToken, peer }));
    await new Promise((resolve) => socket.once('message', resolve));
    const { body } = await callAs(accessToken, 'GET', `${url}/api/v1/server/connections`);
    const [connection] = (body as { readonly items: readonly { readonly value: ServerConnection }[] }).items;
    expect(connection?.value.remoteAddress).toBe('2001:db8::7');
    socket.terminate();
  });
});

describe('a page of the same host and port', () => {
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-protocol': 'fleetwire.v1',
  };

  it('may not call a server by TLS when it came by plain HTTP', async () => {
    const tls = bare.tlsUrl ?? '';
    const asked = async (origin: string) => [
      await statusOf(`${tls}/api/v1/me`, { origin }),
      await statusOf(`${tls}/ws`, { ...upgrade, origin }),
      await statusOf(`${tls}/clusters/demo/version`, { origin }),
    ];
    expect(await asked(tls)).toEqual([401, 101, 401]);
    expect(await asked(tls.replace('https:', 'http:'))).toEqual([403, 403, 403]);
    expect(await statusOf(`${bare.url}/api/v1/me`, { origin: bare.url })).toBe(401);
    expect(await statusOf(`${bare.url}/api/v1/me`, { origin: bare.url.replace('http:', 'https:') })).toBe(403);
  });

  it('came by the scheme that a trusted proxy tells', async () => {
    const origin = behind.url.replace('http:', 'https:');
    const asked = async (url: string, headers: Record<string, string>) => [
      await statusOf(`${url}/api/v1/me`, headers),
      await statusOf(`${url}/ws`, { ...upgrade, ...headers }),
      await statusOf(`${url}/clusters/demo/version`, headers),
    ];
    const told = { 'x-forwarded-for': '203.0.113.4', 'x-forwarded-proto': 'https' };
    expect(await asked(behind.url, { ...told, origin })).toEqual([401, 101, 401]);
    expect(await asked(behind.url, { ...told, origin: behind.url })).toEqual([403, 403, 403]);
    expect(await asked(bare.url, { ...told, origin: bare.url.replace('http:', 'https:') })).toEqual([403, 403, 403]);
    const signedIn = await login(behind.url, right, { ...told, origin });
    expect(signedIn.headers.get('set-cookie')).toMatch(/^__Host-.*; Path=\/;.*; Secure/);
  });
});
