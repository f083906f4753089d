import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFetcher } from '../node/fetch/create-fetcher.ts';
import { createCatalogServer, type CatalogFault, type CatalogServer } from './catalog-server.ts';

const archive = Buffer.from('an archive');
const detail = '/api/v1/packages/headlamp/plugins/hello';
const { signal } = new AbortController();
const fetcher = createFetcher({ retries: 0 });
const impatient = createFetcher({ retries: 0, timeouts: { headersMs: 100 } });

let server: CatalogServer;
beforeEach(async () => {
  server = await createCatalogServer([{ repo: 'plugins', name: 'hello', versions: [{ version: '1.0.0', archive }] }]);
});
afterEach(() => server.dispose());

const metadata = (path = detail, by = fetcher) => {
  const policy = { hosts: [new URL(server.url).host], redirectHosts: [], isLocal: true };
  return by.metadata({ url: `${server.url}${path}`, maxBytes: 100_000, policy, signal });
};

it('serves the detail of a package, and the archive that it names', async () => {
  const { data } = JSON.parse((await metadata()).text) as { data: Record<string, string> };
  const response = await fetch(data['headlamp/plugin/archive-url'] ?? '');
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(data['headlamp/plugin/archive-checksum']).toBe(`SHA256:${createHash('sha256').update(bytes).digest('hex')}`);
  expect((await metadata(`${detail}/9.9.9`)).status).toBe(404);
});

it('refuses pages of more than 60, as Artifact Hub does', async () => {
  expect((await metadata('/api/v1/packages/search?kind=21&limit=61')).status).toBe(400);
  expect((await metadata('/api/v1/packages/search?kind=21&limit=60')).headers['pagination-total-count']).toBe('1');
});

it.each<[CatalogFault, string]>([
  [{ kind: 'status', status: 503 }, 'E_HTTP_STATUS'],
  [{ kind: 'huge', bytes: 1_000_000 }, 'E_RESPONSE_TOO_LARGE'],
  [{ kind: 'redirect', location: 'http://other.example/' }, 'E_HOST_DENIED'],
])('fails by %j', async (fault, code) => {
  server.fail(detail, fault);
  await expect(metadata()).rejects.toMatchObject({ code });
});

it('says nothing', async () => {
  server.fail(detail, { kind: 'silent' });
  await expect(metadata(detail, impatient)).rejects.toMatchObject({ code: 'E_RESPONSE_TIMEOUT' });
});

it('holds half of an answer until the fault is undone', async () => {
  const undo = server.fail(detail, { kind: 'held' }, 1);
  const response = await fetch(`${server.url}${detail}`);
  const body = response.text();
  const isThere = await Promise.race([body.then(() => true), fetch(`${server.url}/index.json`).then(() => false)]);
  expect(isThere).toBe(false);
  undo();
  expect(JSON.parse(await body)).toMatchObject({ name: 'hello' });
});

it('cuts the connection in the middle of a body', async () => {
  server.fail(detail, { kind: 'reset' });
  const cut = expect.stringMatching(/^E_(?:NETWORK|RESPONSE_TRUNCATED)$/) as unknown;
  await expect(metadata()).rejects.toMatchObject({ code: cut });
});

it('sends slowly, and the right answer after all; a fault ends after its times', async () => {
  server.fail(detail, { kind: 'slow', intervalMs: 0 }, 1);
  server.fail(detail, { kind: 'status', status: 404 }, 1);
  expect((await metadata()).status).toBe(404);
  expect(JSON.parse((await metadata()).text)).toMatchObject({ name: 'hello' });
  expect((await metadata()).status).toBe(200);
  await server.dispose();
  await server.dispose();
});
