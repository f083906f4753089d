import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { createManualClock } from '@fleetwire/websocket-core/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OpenedFile } from '../node/store/plugin-store.ts';
import { PluginError } from '../protocol/error.ts';
import { maxSends, maxSendsPerClient, maxWaitingPerClient, maxWaitMs, readerWindowMs } from './file-sends.ts';
import { createPluginFiles } from './plugin-files.ts';

const build = '1.0.0-0123456789ab';
const root = `/plugins/a~b~c/${build}`;
const script = 'export const answer = 42;\n'.repeat(100);
const files = new Map<string, string>([
  ['index.js', script],
  ['dist/a b+ü.js', 'small'],
  ['style.css', 'x'],
  ['data.bin', 'x'],
  ['large.js', 'export const a = 1;\n'.repeat(60_000)],
  // What compression makes little shorter.
  ['dense.js', randomBytes(500_000).toString('base64')],
  ['README', 'x'],
  ['held-image.png', 'x'],
  ['broken.js', '/* broken */'.repeat(1_000)],
  ['page.html', '<script>alert(1)</script>'],
  ['..%2f', 'odd'],
]);
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: vi.fn() };
const streams: Readable[] = [];
let endless = false;
/** Lets those go that have asked for `held.js`. */
const held: (() => void)[] = [];

async function openFile(pluginId: string, asked: string, path: string): Promise<OpenedFile> {
  if (path.startsWith('held')) await new Promise<void>((resolve) => held.push(resolve));
  const text = pluginId === 'a:b/c' && asked === build ? files.get(path) : undefined;
  const code = path === 'changed.js' ? 'E_FILES_CHANGED' : 'E_NOT_FOUND';
  if (text === undefined) return Promise.reject(new PluginError(code, 'hush: /var/lib', { phase: 'resolve' }));
  const content = endless
    ? new Readable({
        read() {
          this.push(Buffer.alloc(65_536));
        },
      })
    : path === 'broken.js'
      ? new Readable({ read: () => undefined })
      : Readable.from([Buffer.from(text)]);
  streams.push(content);
  const size = endless ? 1e12 : Buffer.byteLength(text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return Promise.resolve({
    file: { path, size, sha256, integrity: '' },
    receipt: {} as OpenedFile['receipt'],
    content,
  });
}

const clock = createManualClock();
let server: Server;
let port: number;
beforeAll(async () => {
  const { handleRequest: handle } = createPluginFiles({
    ...{ manager: { openFile }, logger, publicPath: '/plugins', clock },
    clientOf: ({ headers }) => String(headers['x-client'] ?? ''),
  });
  server = createServer((incoming, response) => {
    if (!handle(incoming, response)) response.writeHead(299).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The path goes as it is written, with dot segments and all. */
function ask(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('createPluginFiles', () => {
  it('serves a file of the receipt for ever, as what it is, with its digest for a tag', async () => {
    const { status, headers, body } = await ask(`${root}/index.js?x=1`);
    expect([status, body.toString()]).toEqual([200, script]);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-length': String(script.length),
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      etag: `"${createHash('sha256').update(script).digest('hex')}"`,
      vary: 'Accept-Encoding',
    });
  });

  it.each([
    ['dist/a%20b+%C3%BC.js', 'text/javascript; charset=utf-8'],
    ['style.css', 'text/css; charset=utf-8'],
    ['data.bin', 'application/octet-stream'],
    ['README', 'application/octet-stream'],
  ])('serves %s as %s', async (path, type) => {
    const { status, headers } = await ask(`${root}/${path}`);
    expect([status, headers['content-type'], headers['vary']]).toEqual([200, type, undefined]);
  });

  it('lets a document among the files run nothing', async () => {
    const { headers } = await ask(`${root}/page.html`);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'.*sandbox/);
    // Not even shown: a browser keeps it as a file.
    expect(headers['content-type']).toBe('application/octet-stream');
  });

  it('answers HEAD without a body, and a known tag with 304', async () => {
    const head = await ask(`${root}/index.js`, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, String(script.length), 0]);
    const etag = head.headers.etag ?? '';
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const { status, headers, body } = await ask(`${root}/index.js`, 'GET', { 'if-none-match': known });
      expect([known, status, headers.etag, body.length]).toEqual([known, 304, etag, 0]);
    }
    expect((await ask(`${root}/index.js`, 'GET', { 'if-none-match': '"x"' })).status).toBe(200);
    expect(streams.every((stream) => stream.destroyed)).toBe(true);
  });

  it('compresses text for whoever takes it, under a tag of its own', async () => {
    const plain = await ask(`${root}/index.js`);
    const zipped = await ask(`${root}/index.js`, 'GET', { 'accept-encoding': 'br, gzip;q=0.5' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.body).toString()).toBe(script);
    expect(zipped.headers.etag).not.toBe(plain.headers.etag);
    for (const not of ['gzip;q=0', 'br', 'gzip;q=0.0, br'])
      expect(
        (await ask(`${root}/index.js`, 'GET', { 'accept-encoding': not })).headers['content-encoding'],
      ).toBeUndefined();
  });

  it.each([
    `${root}`,
    `${root}/`,
    `${root}/dist`,
    `${root}/dist/`,
    `${root}/none.js`,
    `${root}/../${build}/index.js`,
    `${root}/./index.js`,
    `${root}/%2e%2e/%2e%2e/state.json`,
    `${root}/..%2f..%2fstate.json`,
    `${root}/..%252f..%252fstate.json`,
    `${root}/..%2f`,
    `${root}/..\\index.js`,
    `${root}/%5c..%5cindex.js`,
    `${root}//index.js`,
    `${root}/index.js%00`,
    `${root}/%c0%ae%c0%ae/index.js`,
    `${root}/%`,
    `/plugins/../plugins/a~b~c/${build}/index.js`,
    `/plugins/a%3Ab%2Fc/${build}/index.js`,
    `/plugins/A~b~c/${build}/index.js`,
    '/plugins/a~b~c/1.0.0-000000000000/index.js',
    `/plugins/__proto__/${build}/index.js`,
  ])('has nothing at %s', async (path) => {
    const { status, headers, body } = await ask(path);
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      404,
      'application/problem+json',
      'no-store',
    ]);
    expect(body.toString()).not.toContain('/var/lib');
  });

  it.each([
    '/plugins',
    '/plugins/catalog',
    '/plugins/',
    '/plugins/a~b~c',
    '/plugins/a~b~c/',
    '/pluginsx/a/b/c',
    '/',
    '/api/v1/plugins/x/y/z',
  ])('leaves %s to others', async (path) => {
    expect((await ask(path)).status).toBe(299);
  });

  it('takes GET and HEAD alone', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const { status, headers } = await ask(`${root}/index.js`, method);
      expect([method, status, headers.allow]).toEqual([method, 405, 'GET, HEAD']);
    }
  });

  it('says that a file was changed, not where the store is', async () => {
    // Once in the log, however often strangers ask.
    for (let count = 0; count < 3; count += 1) {
      const { status, body } = await ask(`${root}/changed.js`);
      expect([status, body.toString().includes('/var/lib')]).toEqual([500, false]);
    }
    expect(logger.error).toHaveBeenCalledOnce();
  });

  it('compresses a file once for all, and one of more than a megabyte for nobody', async () => {
    const zip = (path: string) => ask(`${root}/${path}`, 'GET', { 'accept-encoding': 'gzip' });
    await zip('index.js');
    const before = streams.length;
    const answers = await Promise.all([zip('index.js'), zip('index.js')]);
    expect(answers.map(({ body }) => gunzipSync(body).toString())).toEqual([script, script]);
    expect(streams.slice(before).map(({ readableDidRead }) => readableDidRead)).toEqual([false, false]);
    const large = await zip('large.js');
    expect([large.status, large.headers['content-encoding'], large.body.length]).toEqual([200, undefined, 1_200_000]);
  });

  it('hands a compressed file over bit by bit, as it is read: what is handed over at once seems not to be read', async () => {
    const asked = once(server, 'request') as Promise<[unknown, ServerResponse]>;
    const answer = ask(`${root}/dense.js`, 'GET', { 'accept-encoding': 'gzip' });
    const [, response] = await asked;
    const write = vi.spyOn(response, 'write');
    const end = vi.spyOn(response, 'end');
    const { headers, body } = await answer;
    expect([headers['content-encoding'], body.length > 500_000]).toEqual(['gzip', true]);
    const chunks = [...write.mock.calls, ...end.mock.calls].map(
      ([chunk]) => (chunk as Buffer | undefined)?.length ?? 0,
    );
    expect(Math.max(...chunks)).toBeLessThanOrEqual(65_536);
    expect(chunks.reduce((sum, length) => sum + length)).toBe(body.length);
  });

  it('lets the files of all go who wait for a reading that fails', async () => {
    const begun = streams.length;
    const answers = [1, 2].map(() => ask(`${root}/broken.js`, 'GET', { 'accept-encoding': 'gzip' }));
    await vi.waitFor(() => expect(streams.length).toBe(begun + 2));
    streams[begun]?.destroy(new Error('EIO'));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([500, 500]);
    expect(streams.slice(begun).map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });

  it('cuts a client that does not read, and not one that does', async () => {
    endless = true;
    const ask = `GET ${root}/data.bin HTTP/1.1\r\nHost: x\r\n\r\n`;
    const begun = streams.length;
    const stuck = connect(port, '127.0.0.1');
    stuck.on('error', () => undefined).pause();
    stuck.write(ask);
    await vi.waitFor(() => expect(streams.length).toBe(begun + 1));
    const reading = connect(port, '127.0.0.1');
    let bytes = 0;
    reading.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    reading.write(ask);
    await vi.waitFor(() => expect(streams.length).toBe(begun + 2));
    await vi.waitFor(
      () => {
        clock.advance(readerWindowMs / 10);
        expect(streams[begun]?.destroyed).toBe(true);
      },
      { timeout: 5_000, interval: 20 },
    );
    const before = bytes;
    await vi.waitFor(() => expect(bytes).toBeGreaterThan(before));
    endless = false;
    for (const socket of [stuck, reading]) socket.destroy();
  });

  const from = (client: string, path = 'index.js') => ask(`${root}/${path}`, 'GET', { 'x-client': client });
  const letGo = () => {
    for (const release of held.splice(0)) release();
  };

  it('has no more files open for one client than its share, while others are served at once', async () => {
    const length = maxSendsPerClient + maxWaitingPerClient + 1;
    const answers: Answer[] = [];
    const all = Array.from({ length }, () => from('greedy', 'held.js').then((answer) => answers.push(answer)));
    // One too many to wait.
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    expect([answers[0]?.status, answers[0]?.headers['retry-after']]).toEqual([503, '5']);
    expect(held).toHaveLength(maxSendsPerClient);
    expect((await from('honest')).status).toBe(200);
    // Who waits has its turn.
    await vi.waitFor(() => {
      letGo();
      expect(answers).toHaveLength(length);
    });
    await Promise.all(all);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(length - 1);
    expect((await from('greedy')).status).toBe(200);
  });

  it('has no more files open at the same time than it may, and asks those to come again who wait for too long', async () => {
    const all = Array.from({ length: maxSends }, (_, index) => from(String(index % 10), 'held.js'));
    await vi.waitFor(() => expect(held).toHaveLength(maxSends));
    let answer: Answer | undefined;
    const late = from('late').then((it) => (answer = it));
    await vi.waitFor(() => {
      clock.advance(maxWaitMs / 10);
      expect(answer?.status).toBe(503);
    });
    const patient = from('patient');
    letGo();
    expect([(await patient).status, (await late).headers['retry-after']]).toEqual([200, '5']);
    expect(new Set((await Promise.all(all)).map(({ status }) => status))).toEqual(new Set([404]));
  });

  it('lets the file go when its client has gone before it was opened', async () => {
    const begun = streams.length;
    logger.error.mockClear();
    const socket = connect(port, '127.0.0.1');
    const asked = once(server, 'request') as Promise<[unknown, ServerResponse]>;
    socket.write(`GET ${root}/held-image.png HTTP/1.1\r\nHost: x\r\n\r\n`);
    const [, answer] = await asked;
    await vi.waitFor(() => expect(held).toHaveLength(1));
    socket.destroy();
    await once(answer, 'close');
    for (const open of held.splice(0)) open();
    await vi.waitFor(() => expect(streams[begun]?.destroyed).toBe(true));
    expect(logger.error).not.toHaveBeenCalled();
  });

  it('lets the file go when its client goes away, and serves the next', async () => {
    logger.error.mockClear();
    endless = true;
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET ${root}/data.bin HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'data');
    const stream = streams.at(-1);
    socket.destroy();
    await vi.waitFor(() => expect(stream?.destroyed).toBe(true));
    endless = false;
    expect((await ask(`${root}/index.js`)).status).toBe(200);
    expect(logger.error).not.toHaveBeenCalled();
  });
});
