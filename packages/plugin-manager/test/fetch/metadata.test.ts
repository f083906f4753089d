import { gzipSync } from 'node:zlib';
import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import { localPolicy, quick, serve } from './harness.ts';

async function metadata(listener: RequestListener, maxBytes = 100) {
  const url = `${await serve(listener)}/m?q=1`;
  const { signal } = new AbortController();
  return createFetcher(quick).metadata({ url, maxBytes, policy: localPolicy, signal, headers: { accept: 'text/x' } });
}

describe('metadata', () => {
  it('comes as text, with status, headers and where it is from', async () => {
    const found = await metadata((request, response) => {
      response.writeHead(200, { 'pagination-total-count': '7' }).end(`${request.url} ${request.headers.accept} é`);
    });
    expect(found).toMatchObject({ status: 200, text: '/m?q=1 text/x é', headers: { 'pagination-total-count': '7' } });
    expect(found.urlChain).toHaveLength(1);
  });

  it.each([304, 400, 401, 404])('comes with status %i for the source to judge', async (status) => {
    expect(await metadata((_request, response) => void response.writeHead(status).end())).toMatchObject({ status });
  });

  it.each([
    ['too large', 'E_RESPONSE_TOO_LARGE', 200, {}, 'a'.repeat(101)],
    ['no UTF-8', 'E_RESPONSE_INVALID', 200, {}, Buffer.from([0x61, 0xff])],
    ['packed', 'E_RESPONSE_INVALID', 200, { 'content-encoding': 'gzip' }, gzipSync('{}')],
    ['of a busy server', 'E_HTTP_STATUS', 503, {}, ''],
  ] as const)('that is %s is refused', async (_name, code, status, headers, body) => {
    const started = metadata((_request, response) => void response.writeHead(status, headers).end(body));
    await expect(started).rejects.toMatchObject({ code, phase: 'resolve' });
  });

  it('has headers without a prototype', async () => {
    const { headers } = await metadata((_request, response) => void response.setHeader('__proto__', 'x').end());
    expect(Object.getPrototypeOf(headers)).toBeNull();
  });
});
