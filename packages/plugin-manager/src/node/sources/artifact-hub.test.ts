import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PluginHost } from '../../protocol/host.ts';
import { chooseRelease } from '../../core/compat.ts';
import { createCatalogServer, type CatalogFault, type CatalogServer } from '../../testing/catalog-server.ts';
import type { CatalogPackage } from '../../testing/catalog-package.ts';
import { createArtifactHubSource } from './artifact-hub.ts';
import type { MetadataFetcher } from './fetch-json.ts';
import type { PluginSource } from './plugin-source.ts';

/** The least that a source needs of a fetcher; the real one has tests of its own. */
const fetcher: MetadataFetcher = {
  async metadata({ url, signal, headers = {} }) {
    const response = await fetch(url, { signal, headers, redirect: 'error' });
    const text = await response.text();
    return { status: response.status, headers: Object.fromEntries(response.headers), text, urlChain: [url] };
  },
};
const containing = (part: string): unknown => expect.stringContaining(part);
const { signal } = new AbortController();
const archive = Buffer.from('an archive');
const hello: CatalogPackage = {
  repo: 'plugins',
  name: 'hello',
  title: 'Hello',
  description: 'Greets',
  versions: [
    { version: '1.2.0', archive, ts: 1_700_000_000, annotations: { 'headlamp/plugin/distro-compat': 'App, Web' } },
    { version: '1.10.0', archive, annotations: { 'fleetwire/plugin/version-compat': '>=2' } },
    { version: '2.0.0-beta.1', archive },
    { version: 'latest', archive },
  ],
};
const host: PluginHost = { product: 'fleetwire', version: '1.4.0', distro: 'web', sdkVersion: '1.0.0' };

let server: CatalogServer;
let source: PluginSource;
beforeEach(async () => {
  server = await createCatalogServer([hello, { ...hello, name: 'other' }]);
  source = createArtifactHubSource({ name: 'hub', url: `${server.url}/`, fetcher, isLocal: true });
});
afterEach(() => server.dispose());

const ref = { repo: 'plugins', name: 'hello' };
const ofHello = { ref: { source: 'hub', ...ref }, title: 'Hello', version: '1.2.0' };

describe('search', () => {
  it('gives a page, the number of all, and asks for kind 21', async () => {
    const page = await source.search({ query: 'greets', limit: 1, offset: 1, signal });
    expect(page).toMatchObject({ items: [{ ref: { source: 'hub', repo: 'plugins', name: 'other' } }], total: 2 });
    expect(server.requests).toEqual(['/api/v1/packages/search?kind=21&limit=1&offset=1&ts_query_web=greets']);
  });

  it('asks for at most 60 a page', async () => {
    server.put(...Array.from({ length: 70 }, (_, index) => ({ ...hello, name: `n${String(index)}` })));
    const page = await source.search({ query: '', limit: 1_000, offset: 0, signal });
    expect(page.items).toHaveLength(60);
    expect(page.total).toBe(72);
  });

  it('leaves out a package whose name is no part of an id', async () => {
    server.put({ ...hello, name: '../evil' });
    const { items } = await source.search({ query: '', limit: 60, offset: 0, signal });
    expect(items.map((item) => item.ref.name)).toEqual(['hello', 'other']);
  });

  it('refuses an answer without a number of packages', async () => {
    server.fail('/api/v1/packages/search', { kind: 'json', value: { packages: [] } });
    const search = source.search({ query: '', limit: 60, offset: 0, signal });
    await expect(search).rejects.toMatchObject({
      code: 'E_RESPONSE_INVALID',
      details: { path: 'header Pagination-Total-Count' },
    });
  });
});

describe('describe', () => {
  it('lists versions newest first by precedence, and leaves out what is no version', async () => {
    const entry = await source.describe(ref, signal);
    expect(entry).toMatchObject({ ...ofHello, repositoryId: 'id-of-plugins', author: 'plugins', readme: '# Hello' });
    expect(entry.versions).toEqual([
      { version: '2.0.0-beta.1', isPrerelease: true, publishedAt: 0 },
      { version: '1.10.0', isPrerelease: false, publishedAt: 0 },
      { version: '1.2.0', isPrerelease: false, publishedAt: 1_700_000_000_000 },
    ]);
  });

  it('says that a package is not there', async () => {
    await expect(source.describe({ repo: 'plugins', name: 'none' }, signal)).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
      phase: 'resolve',
      pluginId: 'hub:plugins/none',
    });
  });
});

it('reads a release of a version', async () => {
  expect(await source.release(ref, '1.2.0', signal)).toMatchObject({
    archiveUrl: `${server.url}/archives/plugins/hello/1.2.0.tar.gz`,
    digest: { algorithm: 'sha256' },
    repositoryId: 'id-of-plugins',
    distros: ['app', 'web'],
  });
});

it('tells what is new in a release', async () => {
  const changes = [{ kind: 'fixed', description: 'A crash', links: [] }, 'And more'];
  server.put({ ...hello, versions: [{ version: '1.3.0', archive, changes }] });
  const release = await source.release(ref, '1.3.0', signal);
  expect(release.changes).toEqual([{ kind: 'fixed', description: 'A crash' }, { description: 'And more' }]);
});

it('chooses the newest compatible version through the catalog', async () => {
  const entry = await source.describe(ref, signal);
  const load = (version: string) => source.release(ref, version, signal);
  const chosen = await chooseRelease({ entry, host, prerelease: 'deny', load });
  expect(chosen.release.version).toBe('1.2.0');
  expect(chosen.passedOver.map(({ version }) => version)).toEqual(['2.0.0-beta.1', '1.10.0']);
});

const withRepository = (repository: unknown) => ({ name: 'hello', version: '1.2.0', repository });
const repository = { repository_id: 'r', name: 'plugins', kind: 21 };
const detailPath = '/api/v1/packages/headlamp/plugins/hello/1.2.0';
const bad: readonly [string, CatalogFault, object][] = [
  ['HTML', { kind: 'html' }, { code: 'E_RESPONSE_INVALID', details: { found: containing('text/html') } }],
  ['what is no JSON', { kind: 'not-json' }, { code: 'E_RESPONSE_INVALID' }],
  ['null', { kind: 'json', value: null }, { code: 'E_RESPONSE_INVALID', details: { found: 'null' } }],
  ['a list', { kind: 'json', value: [] }, { code: 'E_RESPONSE_INVALID' }],
  ['no repository', { kind: 'json', value: { name: 'hello', version: '1.2.0' } }, { code: 'E_RESPONSE_INVALID' }],
  [
    'a hostile name',
    { kind: 'json', value: { name: { length: { toString: '' } }, version: '1.2.0', repository } },
    { code: 'E_RESPONSE_INVALID', details: { path: 'name', expected: 'expected string' } },
  ],
  [
    'another kind',
    { kind: 'json', value: withRepository({ ...repository, kind: 0 }) },
    { code: 'E_RESPONSE_INVALID', details: { path: 'repository.kind', found: '0' } },
  ],
  [
    'another repository',
    { kind: 'json', value: withRepository({ ...repository, name: 'evil' }) },
    { code: 'E_RESPONSE_INVALID', details: { path: 'repository.name', found: '"evil"' } },
  ],
  [
    'another version',
    { kind: 'json', value: { ...withRepository(repository), version: '1.1.0' } },
    { code: 'E_RESPONSE_INVALID', details: { path: 'version', expected: 'expected "1.2.0"' } },
  ],
  ['no annotations', { kind: 'json', value: withRepository(repository) }, { code: 'E_RESPONSE_INVALID' }],
  ['404', { kind: 'status', status: 404 }, { code: 'E_NOT_FOUND' }],
  ['500', { kind: 'status', status: 500 }, { code: 'E_HTTP_STATUS', retryable: true }],
  ['403', { kind: 'status', status: 403 }, { code: 'E_HTTP_STATUS', retryable: false }],
];
it.each(bad)('refuses %s in place of a release', async (_, fault, expected) => {
  server.fail(detailPath, fault);
  await expect(source.release(ref, '1.2.0', signal)).rejects.toMatchObject({ phase: 'resolve', ...expected });
});

it('refuses the answer for another package', async () => {
  server.fail('/api/v1/packages/headlamp/plugins/other', { kind: 'other-package' });
  await expect(source.describe({ repo: 'plugins', name: 'other' }, signal)).rejects.toMatchObject({
    code: 'E_RESPONSE_INVALID',
    message: containing(': expected "other", got "hello"'),
  });
});

it('names the annotation that is missing', async () => {
  const annotations = { 'headlamp/plugin/archive-checksum': null };
  server.put({ ...hello, versions: [{ version: '1.2.0', archive, annotations }] });
  await expect(source.release(ref, '1.2.0', signal)).rejects.toMatchObject({
    code: 'E_CHECKSUM_MISSING',
    message: containing('archive-checksum of hub:plugins/hello 1.2.0'),
  });
});

it('refuses more versions than it looks at, and gives one that is asked for by its number all the same', async () => {
  const answer = (version: string) => ({
    name: 'hello',
    version,
    repository: { repository_id: 'r-1', name: 'plugins', kind: 21 },
    available_versions: Array.from({ length: 2_001 }, () => 7),
    data: {
      'headlamp/plugin/archive-url': 'https://github.com/a.tar.gz',
      'headlamp/plugin/archive-checksum': `sha256:${'0'.repeat(64)}`,
    },
  });
  const answering: MetadataFetcher = {
    metadata: ({ url }) =>
      Promise.resolve({ status: 200, headers: {}, text: JSON.stringify(answer('1.0.0')), urlChain: [url] }),
  };
  const large = createArtifactHubSource({ name: 'hub', url: 'https://hub.test', fetcher: answering });
  await expect(large.describe(ref, signal)).rejects.toMatchObject({
    code: 'E_RESPONSE_INVALID',
    message: containing(
      'available_versions of https://hub.test/api/v1/packages/headlamp/plugins/hello: expected at most 2000 versions',
    ),
  });
  expect(await large.release(ref, '1.0.0', signal)).toMatchObject({ version: '1.0.0', repositoryId: 'r-1' });
});

it('shows no control characters of a package, nor what turns a text round', async () => {
  server.put({ ...hello, title: '\u202eevil\u0007', description: 'one\n\u2066two' });
  expect(await source.describe(ref, signal)).toMatchObject({ title: 'evil', description: 'one two' });
});

it('says of an address that is none what it is', async () => {
  const nowhere = createArtifactHubSource({ name: 'hub', url: 'https://[bad', fetcher });
  await expect(nowhere.describe(ref, signal)).rejects.toMatchObject({ code: 'E_URL_INVALID', phase: 'resolve' });
});
