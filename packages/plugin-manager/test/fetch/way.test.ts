import { existsSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { createFetcher, type FetcherOptions } from '../../src/node/fetch/create-fetcher.ts';
import type { FetchPolicy } from '../../src/core/url-rules.ts';
import {
  archive,
  cleanUp,
  downloadOf,
  listen,
  localPolicy,
  makeCertificate,
  quick,
  serve,
  serveTls,
} from './harness.ts';

const fetcherWith = (options: FetcherOptions = {}) => createFetcher({ ...quick, ...options });

const onLoopback = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);

/** Fails the test if anything is looked up. */
const noLookup = () => Promise.reject(new Error('nothing should be looked up'));

async function refuses(url: string, error: object, policy = localPolicy, options: FetcherOptions = {}) {
  const request = downloadOf(url, { policy });
  await expect(fetcherWith(options).download(request)).rejects.toMatchObject({ phase: 'download', ...error });
  expect(existsSync(request.destination)).toBe(false);
}

describe('a URL', () => {
  const outside: FetchPolicy = { hosts: ['*'], redirectHosts: [], isLocal: false };

  it.each([
    ['http://example.org/a', 'E_URL_INVALID'],
    ['https://user:secret@example.org/a', 'E_URL_INVALID'],
    ['https://example.org/a/../b', 'E_URL_INVALID'],
    ['https://example.org/a#b', 'E_URL_INVALID'],
    ['https://127.0.0.1/a', 'E_ADDRESS_BLOCKED'],
    ['https://0x7f.1/a', 'E_ADDRESS_BLOCKED'],
    ['https://2852039166/latest/meta-data', 'E_ADDRESS_BLOCKED'],
    ['https://[::ffff:10.0.0.1]/a', 'E_ADDRESS_BLOCKED'],
    ['https://localhost/a', 'E_ADDRESS_BLOCKED'],
  ])('%s is refused with %s', async (url, code) => {
    await refuses(url, { code, retryable: false }, outside, { lookup: noLookup });
    const proxied = { lookup: noLookup, proxy: 'http://127.0.0.1:1' };
    await refuses(url, { code, retryable: false }, outside, proxied);
  });

  it('of a host that the policy does not name is refused', async () => {
    await refuses('https://example.org/a', { code: 'E_HOST_DENIED' }, { ...outside, hosts: ['example.net'] });
  });
});

describe('addresses', () => {
  const policy: FetchPolicy = { hosts: ['plugins.test'], redirectHosts: [], isLocal: false };

  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '100.64.0.1'])(
    'refuse a name that means %s',
    async (address) => {
      const lookup = () => Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }]);
      await refuses('https://plugins.test/a', { code: 'E_ADDRESS_BLOCKED', details: { address } }, policy, { lookup });
    },
  );

  it('are looked up once, and the connection goes to what was checked', async () => {
    const origin = await serve((request, response) => {
      response.end(request.headers.host === `plugins.test:${port}` ? archive : 'other');
    });
    const port = new URL(origin).port;
    const answers = ['127.0.0.1', '169.254.169.254', '10.0.0.1'];
    const lookup = vi.fn(() => Promise.resolve([{ address: answers.shift() ?? '', family: 4 }]));
    const request = downloadOf(`http://plugins.test:${port}/a`);
    expect(await fetcherWith({ lookup }).download(request)).toMatchObject({ bytes: archive.length });
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  it('are checked again when the name is looked up again', async () => {
    const lookup = vi
      .fn()
      .mockRejectedValueOnce(Object.assign(new Error('try again'), { code: 'EAI_AGAIN' }))
      .mockResolvedValueOnce([{ address: '10.0.0.1', family: 4 }]);
    await refuses('https://plugins.test/a', { code: 'E_ADDRESS_BLOCKED' }, policy, { lookup, retries: 2 });
    expect(lookup).toHaveBeenCalledTimes(2);
  });

  it('that nobody knows are a failure of the network', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }));
    await refuses('https://plugins.test/a', { code: 'E_NETWORK', retryable: true }, policy, { lookup });
  });

  it('that nobody listens at are a failure of the network', async () => {
    const server = createTcpServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    await refuses(`http://127.0.0.1:${port}/a`, { code: 'E_NETWORK', details: { reason: 'ECONNREFUSED' } });
  });
});

describe('a redirect', () => {
  /** Serves redirects by path; anything else is the archive. */
  const redirecting = (targets: Readonly<Record<string, string | undefined>>) =>
    serve((request, response) => {
      const path = request.url ?? '';
      if (!(path in targets)) response.end(archive);
      else response.writeHead(302, targets[path] === undefined ? {} : { location: targets[path] }).end('moved');
    });

  it('is followed, relative and absolute, and what it was is said without query', async () => {
    const other = await serve((_request, response) => {
      response.end(archive);
    });
    const origin = await redirecting({ '/v/a': 'b', '/v/b': '/c', '/c': `${other}/d?signature=secret` });
    const { urlChain } = await fetcherWith().download(downloadOf(`${origin}/v/a`));
    expect(urlChain).toEqual([`${origin}/v/a`, `${origin}/v/b`, `${origin}/c`, `${other}/d`]);
  });

  it.each([
    ['ftp://127.0.0.1/a', 'E_URL_INVALID'],
    ['file:///etc/passwd', 'E_URL_INVALID'],
    ['http://user@127.0.0.1/a', 'E_URL_INVALID'],
    ['../a', 'E_URL_INVALID'],
    ['/a\\b', 'E_URL_INVALID'],
    ['//169.254.169.254/latest', 'E_ADDRESS_BLOCKED'],
    ['http://0/', 'E_ADDRESS_BLOCKED'],
    ['http://[::ffff:7f00:1]/', 'E_ADDRESS_BLOCKED'],
    ['/a', 'E_REDIRECT'],
    ['', 'E_REDIRECT'],
  ])('to %j is refused with %s', async (target, code) => {
    const origin = await redirecting({ '/a': target });
    await refuses(`${origin}/a`, { code, retryable: false });
  });

  it('without a target is refused', async () => {
    await refuses(`${await redirecting({ '/a': undefined })}/a`, { code: 'E_REDIRECT' });
  });

  it('in a loop of two is refused', async () => {
    await refuses(`${await redirecting({ '/a': '/b', '/b': '/a' })}/a`, { code: 'E_REDIRECT' });
  });

  it('is the last of five', async () => {
    const targets = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`/${index}`, `/${index + 1}`]));
    const origin = await redirecting(targets);
    await refuses(`${origin}/0`, { code: 'E_REDIRECT' });
    expect((await fetcherWith().download(downloadOf(`${origin}/1`))).urlChain).toHaveLength(6);
  });

  it('to a host that the policy does not name is refused; to one of its redirect hosts it is not', async () => {
    const origin = await serve((request, response) => {
      if (request.headers.host?.startsWith('cdn.test') === true) response.end(archive);
      else response.writeHead(307, { location: `http://cdn.test:${port}/b` }).end();
    });
    const port = new URL(origin).port;
    const policy = { hosts: [`plugins.test:${port}`], redirectHosts: [], isLocal: true };
    const url = `http://plugins.test:${port}/a`;
    await refuses(url, { code: 'E_HOST_DENIED' }, policy, { lookup: onLoopback });
    const request = downloadOf(url, { policy: { ...policy, redirectHosts: [`cdn.test:${port}`] } });
    expect(await fetcherWith({ lookup: onLoopback }).download(request)).toMatchObject({ bytes: archive.length });
  });

  it('takes the headers of a request to its own origin alone', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{}');
    });
    const origin = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: request.url === '/a' ? '/b' : `${other}/c` }).end();
    });
    const { signal } = new AbortController();
    const headers = { authorization: 'Bearer x' };
    await fetcherWith().metadata({ url: `${origin}/a`, maxBytes: 10, policy: localPolicy, signal, headers });
    expect(seen).toEqual(['Bearer x', 'Bearer x', undefined]);
  });
});

describe('TLS', () => {
  it('is by the own CA, under the name of the URL', async () => {
    const certificate = makeCertificate('plugins.test');
    const port = await serveTls(certificate, (_request, response) => {
      response.end(archive);
    });
    const url = `https://plugins.test:${port}/a`;
    const known = { ca: certificate.ca, lookup: onLoopback };
    expect(await fetcherWith(known).download(downloadOf(url))).toMatchObject({ bytes: archive.length });
    await refuses(url, { code: 'E_TLS', retryable: false }, localPolicy, { lookup: onLoopback });
    await refuses(`https://other.test:${port}/a`, { code: 'E_TLS' }, localPolicy, known);
  });

  it('is refused where the server speaks none', async () => {
    const origin = await serve((_request, response) => {
      response.end(archive);
    });
    await refuses(origin.replace('http:', 'https:'), { code: 'E_TLS' });
  });

  it('does not lead to a redirect without it', async () => {
    const certificate = makeCertificate('plugins.test');
    const port = await serveTls(certificate, (_request, response) => {
      response.writeHead(301, { location: 'http://plugins.test/a' }).end();
    });
    const options = { ca: certificate.ca, lookup: onLoopback };
    await refuses(`https://plugins.test:${port}/a`, { code: 'E_URL_INVALID' }, localPolicy, options);
  });

  it('goes through a proxy for sources that are not local', async () => {
    const certificate = makeCertificate('plugins.test');
    const port = await serveTls(certificate, (_request, response) => {
      response.end(archive);
    });
    const tunnels: (string | undefined)[] = [];
    const proxy = createHttpServer();
    proxy.on('connect', (request, socket: Socket) => {
      tunnels.push(request.url);
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [socket, upstream]) end.on('error', () => undefined);
      cleanUp(() => upstream.destroy());
    });
    const options = { ca: certificate.ca, proxy: `http://127.0.0.1:${await listen(proxy)}`, lookup: noLookup };
    const policy = { hosts: ['plugins.test'], redirectHosts: [], isLocal: false };
    const request = downloadOf('https://plugins.test/a', { policy });
    expect(await fetcherWith(options).download(request)).toMatchObject({ bytes: archive.length });
    expect(tunnels).toEqual(['plugins.test:443']);
  });

  it('fails with a proxy that refuses, which is asked once', async () => {
    let asked = 0;
    const proxy = createHttpServer();
    proxy.on('connect', (_request, socket) => {
      asked += 1;
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    const options = { proxy: `http://127.0.0.1:${await listen(proxy)}`, retries: 1 };
    const policy = { hosts: ['plugins.test'], redirectHosts: [], isLocal: false };
    await refuses('https://plugins.test/a', { code: 'E_NETWORK', retryable: false }, policy, options);
    expect(asked).toBe(1);
  });

  it('fails at once with a proxy that is none, and does not show it', async () => {
    const options = { proxy: 'socks5://user:hush@proxy', proxyName: 'HTTPS_PROXY', retries: 1 };
    const policy = { hosts: ['plugins.test'], redirectHosts: [], isLocal: false };
    const message = expect.not.stringContaining('hush') as string;
    const details = { proxyName: 'HTTPS_PROXY' };
    const refusal = { code: 'E_NETWORK', retryable: false, message, details };
    await refuses('https://plugins.test/a', refusal, policy, options);
  });

  it('ends with a proxy that never answers', async () => {
    const proxy = createHttpServer();
    proxy.on('connect', () => undefined);
    const options = { proxy: `http://127.0.0.1:${await listen(proxy)}`, timeouts: { wholeMs: 200 } };
    const policy = { hosts: ['plugins.test'], redirectHosts: [], isLocal: false };
    await refuses('https://plugins.test/a', { code: 'E_RESPONSE_TIMEOUT' }, policy, options);
  });
});
