import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import { archive, digestOf, downloadOf, listen, quick, serve } from './harness.ts';

/** A server that sends these bytes to everybody, whatever HTTP says of them. */
async function serveRaw(parts: readonly (string | Uint8Array)[], ending: 'end' | 'reset' | 'wait'): Promise<string> {
  const port = await listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        for (const part of parts) socket.write(part);
        if (ending === 'end') socket.end();
        if (ending === 'reset') setImmediate(() => socket.resetAndDestroy());
      });
    }),
  );
  return `http://127.0.0.1:${port}`;
}

async function refuses(url: string, error: object, more: Parameters<typeof downloadOf>[1] = {}, options = quick) {
  const request = downloadOf(`${url}/a.tar.gz`, more);
  await expect(createFetcher(options).download(request)).rejects.toMatchObject(error);
  expect(existsSync(request.destination)).toBe(false);
}

describe('a download', () => {
  it.each(['sha256', 'sha384', 'sha512'] as const)(
    'ends in a file with the bytes of the server, by %s',
    async (name) => {
      const origin = await serve((_request, response) => {
        response.end(archive);
      });
      const progress: [number, number | undefined][] = [];
      const request = downloadOf(`${origin}/a.tar.gz`, {
        digest: digestOf(archive, name),
        onBytes: (done, total) => progress.push([done, total]),
      });
      expect(await createFetcher(quick).download(request)).toEqual({
        bytes: archive.length,
        sha256: digestOf(archive).hex,
        urlChain: [`${origin}/a.tar.gz`],
      });
      expect(readFileSync(request.destination).equals(archive)).toBe(true);
      expect(statSync(request.destination).mode & 0o777).toBe(0o600);
      expect(progress.at(-1)).toEqual([archive.length, archive.length]);
    },
  );

  it('never unpacks what the server calls encoded', async () => {
    const origin = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/x-tar' }).end(archive);
    });
    const request = downloadOf(`${origin}/a.tar.gz`);
    await createFetcher(quick).download(request);
    expect(readFileSync(request.destination).equals(archive)).toBe(true);
  });

  it('takes an archive that is sent as a page', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(archive);
    });
    expect(await createFetcher(quick).download(downloadOf(`${origin}/a`))).toMatchObject({ bytes: archive.length });
  });

  it('refuses bytes of another digest, in phase integrity', async () => {
    const changed = Buffer.from(archive);
    changed[1_000] = (changed[1_000] ?? 0) ^ 1;
    const origin = await serve((_request, response) => {
      response.end(changed);
    });
    const found = digestOf(changed).hex;
    const message = expect.stringMatching(`^${origin}/x: expected sha256 \\w+, got ${found}$`) as string;
    const error = { code: 'E_INTEGRITY', phase: 'integrity', message, details: { found }, retryable: false };
    await refuses(`${origin}/x?signature=hush`, error);
  });

  it('neither overwrites nor removes a file that is there already', async () => {
    const request = downloadOf('http://127.0.0.1:1/a');
    writeFileSync(request.destination, 'mine');
    await expect(createFetcher(quick).download(request)).rejects.toMatchObject({ code: 'E_STORE', phase: 'download' });
    expect(readFileSync(request.destination, 'utf8')).toBe('mine');
  });

  it('cannot write into a folder that is not there', async () => {
    const destination = '/nowhere/at/all.part';
    await refuses('http://127.0.0.1:1', { code: 'E_STORE', details: { reason: 'ENOENT' } }, { destination });
  });
});

describe('a body', () => {
  it('is not read when it is declared too large', async () => {
    let sent = 0;
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 10_000_000 });
      response.flushHeaders();
      response.on('close', () => (sent += 1));
    });
    await refuses(origin, { code: 'E_RESPONSE_TOO_LARGE', details: { declaredBytes: 10_000_000 } });
    await vi.waitFor(() => {
      expect(sent).toBe(1);
    });
  });

  it('is stopped at its limit when it declares nothing and never ends', async () => {
    const origin = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(archive));
      };
      response.on('drain', more);
      more();
    });
    await refuses(origin, { code: 'E_RESPONSE_TOO_LARGE', phase: 'download', retryable: false });
  });

  it('that is shorter than declared is truncated', async () => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${archive.length}\r\n\r\n`;
    const origin = await serveRaw([head, archive.subarray(0, 1_000)], 'end');
    await refuses(origin, { code: 'E_RESPONSE_TRUNCATED', retryable: true });
  });

  it('in chunks without a last one is truncated', async () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const origin = await serveRaw([head, '3e8\r\n', archive.subarray(0, 1_000), '\r\n'], 'end');
    await refuses(origin, { code: 'E_RESPONSE_TRUNCATED' });
  });

  it('that ends with its connection is what its digest says', async () => {
    const origin = await serveRaw(['HTTP/1.1 200 OK\r\n\r\n', archive.subarray(0, 1_000)], 'end');
    await refuses(origin, { code: 'E_INTEGRITY' });
  });

  it('that is longer than declared ends where it is declared to', async () => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n`;
    await refuses(await serveRaw([head, archive], 'end'), { code: 'E_INTEGRITY', details: { bytes: 1_000 } });
  });

  it('that is reset is a failure of the network', async () => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${archive.length}\r\n\r\n`;
    const origin = await serveRaw([head, archive.subarray(0, 1_000)], 'reset');
    await refuses(origin, { code: expect.stringMatching(/^E_NETWORK$|^E_RESPONSE_TRUNCATED$/) as string });
  });

  it('with two lengths is no HTTP', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n';
    await refuses(await serveRaw([head, 'abcdef'], 'end'), { code: 'E_RESPONSE_INVALID', retryable: false });
  });

  it.each(['SSH-2.0-OpenSSH_9.2\r\n', '\u0000\u0001\u0002', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`])(
    'that is no HTTP is refused (%#)',
    async (text) => {
      await refuses(await serveRaw([text], 'end'), { code: 'E_RESPONSE_INVALID' });
    },
  );

  it.each([
    ['text/html; charset=utf-8', '<!doctype html><title>Log in</title>'],
    ['application/gzip', '\n <html><body>404</body></html>'],
    ['application/gzip', '\ufeff<?xml version="1.0"?><Error/>'],
    ['text/html', 'Not here.'],
  ])('that is a page is no archive (%s: %j)', async (type, text) => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(text);
    });
    const error = { code: 'E_ARCHIVE_FORMAT', phase: 'download', details: { contentType: type } };
    await refuses(origin, error, { digest: digestOf(Buffer.from(text)) });
  });

  it('that is empty is left to the reader of archives', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end();
    });
    const request = downloadOf(`${origin}/a`, { digest: digestOf(new Uint8Array()) });
    expect(await createFetcher(quick).download(request)).toMatchObject({ bytes: 0 });
  });
});

describe('a status', () => {
  it.each([
    [204, false],
    [206, false],
    [304, false],
    [401, false],
    [404, false],
    [410, false],
    [408, true],
    [429, true],
    [500, true],
    [503, true],
  ])('%i is no archive (retryable: %s)', async (status, retryable) => {
    const origin = await serve((_request, response) => {
      response.writeHead(status).end();
    });
    await refuses(origin, { code: 'E_HTTP_STATUS', retryable, details: { status } });
  });
});

describe('memory', () => {
  it('does not grow with the archive', async () => {
    const piece = gzipSync(Buffer.alloc(1_000), { level: 0 });
    const block = Buffer.concat(Array.from({ length: 1_000 }, () => piece));
    const times = 120;
    const origin = await serve((_request, response) => {
      let left = times;
      const more = (): void => {
        while (left > 0) {
          left -= 1;
          if (!response.write(block)) return;
        }
        response.end();
      };
      response.on('drain', more);
      more();
    });
    const whole = createHash('sha256');
    for (let index = 0; index < times; index += 1) whole.update(block);
    let most = 0;
    const before = process.memoryUsage().arrayBuffers;
    const request = downloadOf(`${origin}/a`, {
      maxBytes: 1024 * 1024 * 1024,
      digest: { algorithm: 'sha256', hex: whole.digest('hex') },
      onBytes: () => {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      },
    });
    expect(await createFetcher(quick).download(request)).toMatchObject({ bytes: block.length * times });
    expect(most).toBeLessThan((block.length * times) / 2);
  });
});
