import { lookup as systemLookup } from 'node:dns';
import { createServer as createHttpsServer } from 'node:https';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { isIP, type AddressInfo, type LookupFunction } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { plainAddress } from '../../src/server/checked-lookup.ts';
import { ClusterHttp } from '../../src/server/cluster-http.ts';
import { createSelfContainedConnection } from '../../src/server/self-contained-connection.ts';
import type { SelfContainedContext } from '../../src/server/self-contained-context.ts';
import type { ClusterConnection } from '../../src/server/types.ts';
import { dataOf, makeCertificates, type TestCertificates } from './certificates.ts';
import { cleanUp } from './gateway-harness.ts';

const host = 'cluster.example';

interface Mirror {
  readonly port: number;
  readonly certificates: TestCertificates;
  readonly seen: IncomingMessage[];
  /** Connections that were taken. */
  connections: number;
}

/** An https server on 127.0.0.1 that answers with the headers that it got and the client's name. */
async function startMirror(): Promise<Mirror> {
  const certificates = makeCertificates(host);
  const read = (path: string): string => readFileSync(path, 'utf8');
  const tls = {
    ca: read(certificates.ca),
    cert: read(certificates.cert('server')),
    key: read(certificates.key('server')),
  };
  const server = createHttpsServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    mirror.seen.push(request);
    const { socket } = request as unknown as { socket: { getPeerCertificate(): { subject?: { CN: string } } } };
    response.end(JSON.stringify({ ...request.headers, client: socket.getPeerCertificate().subject?.CN }));
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    mirror.seen.push(request);
    sockets.handleUpgrade(request, socket, head, (webSocket) => webSocket.close());
  });
  const mirror: Mirror = { port: 0, certificates, seen: [], connections: 0 };
  server.on('connection', () => (mirror.connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(mirror, { port: (server.address() as AddressInfo).port });
}

/** A resolver that gives these answers in turn, and the last one from then on. */
function resolving(...answers: readonly (readonly string[] | NodeJS.ErrnoException)[]): LookupFunction {
  let asked = 0;
  return (_hostname, options, callback) => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? [];
    if (answer instanceof Error) callback(answer, []);
    else if (options.all === true) {
      callback(
        null,
        answer.map((address) => ({ address, family: isIP(address) })),
      );
    } else callback(null, answer[0] ?? '', isIP(answer[0] ?? ''));
  };
}

const dnsError = (code: string): NodeJS.ErrnoException => Object.assign(new Error(`${code} ${host}`), { code });
const notAllowed = { code: 'ADDRESS_NOT_ALLOWED' };
const isLoopback = (address: string): boolean => /^127\.|^::1$/.test(address);

function connectionTo(
  server: string,
  isAllowedAddress: (address: string) => boolean,
  more: Partial<SelfContainedContext> & { readonly lookup?: LookupFunction } = {},
): ClusterConnection {
  const { lookup, ...context } = more;
  return createSelfContainedConnection(
    { name: 'one', server, insecureSkipTlsVerify: true, ...context },
    { identityKey: 'ada', isAllowedAddress, lookup },
  );
}

function open(connection: ClusterConnection): ClusterHttp {
  const http = new ClusterHttp(connection);
  cleanUp(() => {
    http.dispose();
  });
  return http;
}

async function ask(http: ClusterHttp): Promise<Record<string, string>> {
  const { text } = await http.getText('/api', { headers: {}, timeoutMs: 5_000, signal: new AbortController().signal });
  return JSON.parse(text) as Record<string, string>;
}

/** Asks for an upgrade; resolves when the server agreed. */
async function upgrade(http: ClusterHttp): Promise<void> {
  const headers = {
    ...{ connection: 'Upgrade', upgrade: 'websocket' },
    ...{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' },
  };
  const request = await http.start({ method: 'GET', path: '/exec', headers, isUpgrade: true });
  await new Promise<void>((resolve, reject) => {
    request.on('upgrade', (_answer, socket) => {
      socket.destroy();
      resolve();
    });
    request.on('error', reject);
    request.end();
  });
}

describe('the connection of a user’s cluster', () => {
  it('[O2] proves the server and itself by what the context holds', async () => {
    const { port, certificates } = await startMirror();
    const lookup = resolving(['127.0.0.1']);
    const trusting = {
      insecureSkipTlsVerify: undefined as unknown as true,
      certificateAuthorityData: dataOf(certificates.ca),
    };
    const client = {
      clientCertificateData: dataOf(certificates.cert('client')),
      clientKeyData: dataOf(certificates.key('client')),
    };
    const url = `https://${host}:${String(port)}`;
    const local = `https://127.0.0.1:${String(port)}`;
    const answerTo = (server: string, more: Partial<SelfContainedContext>): Promise<Record<string, string>> =>
      ask(open(connectionTo(server, () => true, { lookup, ...more })));
    const trusted = await answerTo(url, { ...trusting, ...client, token: 'secret' });
    expect(trusted).toMatchObject({
      authorization: 'Bearer secret',
      client: 'client',
      host: `${host}:${String(port)}`,
    });
    const basic = await answerTo(local, { ...trusting, username: 'ada', password: 'ü:x' });
    expect(basic['authorization']).toBe(`Basic ${Buffer.from('ada:ü:x').toString('base64')}`);
    expect(basic['client']).toBeUndefined();
    expect(await answerTo('https://other.example:' + String(port), { ...trusting, tlsServerName: host })).toMatchObject(
      {
        host: `other.example:${String(port)}`,
      },
    );
    expect(await answerTo(url, {})).not.toHaveProperty('authorization');
    await expect(answerTo('https://other.example:' + String(port), trusting)).rejects.toThrow(/altnames/);
    await expect(answerTo(url, { insecureSkipTlsVerify: undefined as unknown as true })).rejects.toThrow(/certificate/);
  });

  it('[O5] is another identity with another server or other credentials, and the same by another name', () => {
    const keyOf = (context: Partial<SelfContainedContext>, identityKey = 'ada'): string =>
      createSelfContainedConnection(
        { name: 'one', server: `https://${host}`, token: 'secret', ...context },
        { identityKey, isAllowedAddress: () => true },
      ).identityKey;
    const keys = [
      ...[keyOf({}), keyOf({}, 'bob'), keyOf({ server: `https://${host}:1` }), keyOf({ token: 'other' })],
      ...[keyOf({ insecureSkipTlsVerify: true }), keyOf({ tlsServerName: 'x' })],
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf({ name: 'two', namespace: 'x' })).toBe(keyOf({}));
    expect(keys.join()).not.toContain('secret');
  });

  it('[O2] checks the server’s certificate whatever the process is told', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    cleanUp(() => vi.unstubAllEnvs());
    const { port } = await startMirror();
    const connection = createSelfContainedConnection(
      { name: 'one', server: `https://127.0.0.1:${String(port)}` },
      { identityKey: 'ada', isAllowedAddress: () => true },
    );
    await expect(ask(open(connection))).rejects.toThrow(/certificate/);
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['0177.0.0.1', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['127.0.0.1.', '127.0.0.1'],
    ['１２７.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['0', '0.0.0.0'],
    ['[::1]', '::1'],
    ['[::]', '::'],
    ['[0:0:0:0:0:0:0:1]', '::1'],
    ['[::ffff:127.0.0.1]', '127.0.0.1'],
    ['[::ffff:7f00:1]', '127.0.0.1'],
    ['[::FFFF:a9fe:a9fe]', '169.254.169.254'],
    ['[::ffff:0:1]', '0.0.0.1'],
    ['169.254.169.254', '169.254.169.254'],
    ['[fe80::1]', 'fe80::1'],
  ])('[O3] asks for the address %s as %s, and dials nothing that is refused', async (literal, address) => {
    const isAllowed = vi.fn(() => false);
    const http = open(connectionTo(`https://${literal}:1`, isAllowed));
    await expect(ask(http)).rejects.toMatchObject(notAllowed);
    await expect(upgrade(http)).rejects.toMatchObject(notAllowed);
    expect(isAllowed.mock.calls).toEqual([[address], [address]]);
  });

  it('[O3] asks about every address of a name, and dials those that are allowed', async () => {
    const mirror = await startMirror();
    const asked: string[] = [];
    const isAllowed = (address: string): boolean => {
      asked.push(address);
      return address === '127.0.0.1';
    };
    const lookup = resolving(['169.254.169.254', '::ffff:10.0.0.1', '127.0.0.1', 'fd00::1']);
    const http = open(connectionTo(`https://${host}:${String(mirror.port)}`, isAllowed, { lookup }));
    await ask(http);
    await upgrade(http);
    expect(asked).toEqual(Array(2).fill(['169.254.169.254', '10.0.0.1', '127.0.0.1', 'fd00::1']).flat());
    expect(mirror.seen.map(({ socket }) => socket.remoteAddress)).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('[O3] gains nothing by a name that changes its answer: what was checked is what is dialled', async () => {
    const mirror = await startMirror();
    // The check would see a public address and the dial the loopback, were the name asked twice.
    const lookup = vi.fn(resolving(['203.0.113.1'], ['127.0.0.1']));
    const isPublic = (address: string): boolean => !isLoopback(address);
    const http = open(connectionTo(`https://${host}:${String(mirror.port)}`, isPublic, { lookup }));
    const signal = new AbortController().signal;
    await expect(http.get('/api', { headers: {}, timeoutMs: 100, signal })).rejects.toThrow();
    expect(lookup).toHaveBeenCalledTimes(1);
    await expect(ask(http)).rejects.toMatchObject(notAllowed);
    await expect(upgrade(http)).rejects.toMatchObject(notAllowed);
    expect(lookup).toHaveBeenCalledTimes(3);
    expect(mirror.connections).toBe(0);
  });

  it('[O3] asks no name for a connection that is kept, and asks again for the next', async () => {
    const mirror = await startMirror();
    const lookup = vi.fn(resolving(['127.0.0.1'], ['10.0.0.1']));
    const http = open(connectionTo(`https://${host}:${String(mirror.port)}`, isLoopback, { lookup }));
    await ask(http);
    await ask(http);
    expect([lookup.mock.calls.length, mirror.connections]).toEqual([1, 1]);
    await expect(upgrade(http)).rejects.toMatchObject(notAllowed);
    http.retire();
    await expect(ask(http)).rejects.toMatchObject(notAllowed);
    expect(mirror.connections).toBe(1);
  });

  it.each(['localhost', 'LOCALHOST', 'localhost.', 'ip6-localhost', 'x.localhost'])(
    '[O3] refuses %s as the system resolves it',
    async (name) => {
      const mirror = await startMirror();
      const lookup = vi.fn<LookupFunction>(systemLookup);
      const http = open(
        connectionTo(`https://${name}:${String(mirror.port)}`, (address) => !isLoopback(address), { lookup }),
      );
      // Some systems know no other name than localhost.
      const isKnown = name.toLowerCase() === 'localhost';
      const code = expect.stringMatching(
        isKnown ? /^ADDRESS_NOT_ALLOWED$/ : /^(ADDRESS_NOT_ALLOWED|EAI_AGAIN)$/,
      ) as string;
      await expect(ask(http)).rejects.toMatchObject({ code });
      await expect(upgrade(http)).rejects.toMatchObject({ code });
      expect(lookup).toHaveBeenCalledTimes(2);
      expect(mirror.connections).toBe(0);
    },
  );

  it('[O3] dials nothing when the check itself fails', async () => {
    const fail = (): never => {
      throw new Error('cannot judge');
    };
    await expect(
      ask(open(connectionTo(`https://${host}`, fail, { lookup: resolving(['127.0.0.1']) }))),
    ).rejects.toMatchObject(notAllowed);
    await expect(ask(open(connectionTo('https://127.0.0.1', fail)))).rejects.toThrow('cannot judge');
  });

  it('[O3] takes the system’s resolver when it is given none', async () => {
    const mirror = await startMirror();
    const at = `https://localhost:${String(mirror.port)}`;
    await expect(ask(open(connectionTo(at, () => false)))).rejects.toMatchObject(notAllowed);
    expect(await ask(open(connectionTo(at, isLoopback)))).toHaveProperty('host');
  });

  it('[O3] says the same of a name that is not there and of one that is refused', async () => {
    const messageOf = async (answer: readonly string[] | NodeJS.ErrnoException): Promise<string> => {
      const error: unknown = await ask(
        open(connectionTo(`https://${host}:1`, () => false, { lookup: resolving(answer) })),
      ).catch((reason: unknown) => reason);
      expect(error).toMatchObject(notAllowed);
      return (error as Error).message;
    };
    const refused = await messageOf(['10.0.0.1']);
    expect(await messageOf(dnsError('ENOTFOUND'))).toBe(refused);
    expect(await messageOf([])).toBe(refused);
    expect(refused).not.toMatch(/10\.0\.0\.1|cluster\.example/);
    const busy = open(connectionTo(`https://${host}:1`, () => true, { lookup: resolving(dnsError('EAI_AGAIN')) }));
    await expect(ask(busy)).rejects.toMatchObject({ code: 'EAI_AGAIN' });
  });

  it('[O3] answers as it is asked, with one address or all', async () => {
    const { lookup } = connectionTo(`https://${host}`, isLoopback, {
      lookup: resolving(['10.0.0.1', '127.0.0.1', '::1']),
    });
    const answer = (all: boolean): Promise<unknown> =>
      new Promise((resolve) => lookup?.(host, { all }, (...result) => resolve(result)));
    expect(await answer(false)).toEqual([null, '127.0.0.1', 4]);
    expect(await answer(true)).toEqual([
      null,
      [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ],
    ]);
  });
});

it.each([
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::FFFF:ffff:ffff', '255.255.255.255'],
  ['0:0:0:0:0:ffff:0808:0808', '8.8.8.8'],
  ['::1.2.3.4', '::1.2.3.4'],
  ['64:ff9b::7f00:1', '64:ff9b::7f00:1'],
  ['fe80::1%eth0', 'fe80::1%eth0'],
  ['no address', 'no address'],
])('[O3] an address %s is asked for as %s', (address, plain) => {
  expect(plainAddress(address)).toBe(plain);
});
